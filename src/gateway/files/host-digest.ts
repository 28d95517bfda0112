// SHA-256 of a file as the host itself works it out, by a command over the connection that is there.
import { isFailure } from '#domain/failure.ts'
import { readExitStatus } from '#ssh/channel-wire.ts'
import { wireString } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../far/host-connection.ts'

/**
 * The same text for every file, so that nothing of a stranger is ever read by a shell as words: the path comes by standard input. Every login shell (also fish and csh) takes what stands in
 * single quotes as it is. OpenSSL uses the processor's own instructions where coreutils of most systems do not, and takes a third of the time.
 */
const command = `exec sh -c '${[
  'LC_ALL=C; export LC_ALL; p=$(cat; printf x); p=${p%x}; [ -f "$p" ] || exit 1',
  'if command -v openssl >/dev/null 2>&1 && d=$(openssl dgst -sha256 -r <"$p" 2>/dev/null); then printf "%s" "$d"; exit 0; fi',
  'if command -v sha256sum >/dev/null 2>&1; then exec sha256sum <"$p"; fi',
  'if command -v shasum >/dev/null 2>&1; then exec shasum -a 256 <"$p"; fi',
  'if command -v sha256 >/dev/null 2>&1; then exec sha256 -q <"$p"; fi; exit 127',
].join('; ')}'`
const answer = /^([0-9a-f]{64})(?: [ *](?:-|stdin))?$/

const maxAnswerBytes = 4096
const windowBytes = 64 * 1024
/** A slow disk reads 10 MB/s. */
const bytesPerMs = 10_000
const leastMs = 30_000
// sshd lets a connection have ten sessions, and a terminal may be one of them.
const atOnce = 2

type Outcome = { sha256: string } | 'failed' | 'impossible'

export class HostDigest {
  readonly #connection: HostConnection
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** The account may run no commands, or the host has no program for it: it is not asked again. */
  #isImpossible = false

  constructor(connection: HostConnection) {
    this.#connection = connection
  }

  /** Hex; undefined when the host cannot say. Throws what ended the connection, or the signal's reason. `path`: absolute. */
  async of(path: string, bytes: number, signal: AbortSignal): Promise<string | undefined> {
    if (this.#isImpossible) return undefined
    // Whoever is woken has the place of the one that woke it.
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      const deadline = AbortSignal.timeout(leastMs + Math.ceil(bytes / bytesPerMs))
      const outcome = await this.#run(path, AbortSignal.any([signal, deadline]))
      signal.throwIfAborted()
      if (outcome === 'impossible') this.#isImpossible = true
      return typeof outcome === 'object' ? outcome.sha256 : undefined
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  async #run(path: string, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted()
    const channel = await this.#connection.session(signal, windowBytes).catch((cause: unknown) => {
      if (isFailure(cause) && (cause.code === 'channel_refused' || cause.code === 'rate_limited')) return undefined
      throw cause
    })
    // Too many at once, perhaps: that is no reason never to ask again.
    if (!channel) return 'failed'
    return await new Promise<Outcome>((resolve) => {
      let said = ''
      let status: number | undefined
      const end = (outcome: Outcome) => {
        signal.removeEventListener('abort', giveUp)
        channel.destroy()
        resolve(outcome)
      }
      const giveUp = () => {
        void channel.request('signal', wireString('TERM'), false)
        end('failed')
      }
      signal.addEventListener('abort', giveUp, { once: true })
      channel.listen({
        data: (bytes, isStderr) => {
          if (isStderr) return
          said += bytes.toString('latin1')
          if (said.length > maxAnswerBytes) end('impossible')
        },
        request: (type, value, reply) => {
          if (type === 'exit-status') status = readExitStatus(value)
          reply?.(false)
        },
        closed: (_cause, isBroken) => {
          const sha256 = digestIn(said)
          if (isBroken) end('failed')
          else if (sha256 !== undefined && status === 0) end({ sha256 })
          else end(status === 1 ? 'failed' : 'impossible')
        },
      })
      channel.resume()
      channel.request('exec', wireString(command)).then(
        (isTaken) => {
          if (!isTaken) return end('impossible')
          channel.write(Buffer.from(path))
          channel.end()
        },
        () => end('failed'),
      )
    })
  }
}

/** The last line: what login scripts print comes before it. */
export const digestIn = (said: string): string | undefined => answer.exec(said.trimEnd().split('\n').at(-1) ?? '')?.[1]
