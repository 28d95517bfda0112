// A session channel of a client before anything runs on it: what it asks for is gathered, and a person at a terminal can be asked.
import type { Size } from '#session/event.ts'
import type { Channel, ChannelListener } from '#ssh/channel.ts'
import { type PtyRequest, readCommand, readEnv, readPty, readText, readWindow } from '#ssh/channel-wire.ts'
import { wireUint32 } from '#ssh/wire-reader.ts'

/** What the client runs. `sftp`: the subsystem. */
export type Run = { kind: 'shell' } | { kind: 'exec'; command: Buffer } | { kind: 'sftp' }
export type Variable = { name: string; value: Buffer }
type Reply = ((isYes: boolean) => void) | undefined

/** What a variable may be called that is passed on; hosts take what their own list has. GIT_PROTOCOL is how git asks for its second version. */
const passed = /^(?:LANG|LC_[A-Z_]{1,30}|COLORTERM|TZ|GIT_PROTOCOL)$/
const maxVariables = 64
const maxValueBytes = 4096
const reasonVariable = 'SALLYPORT_REASON'
const maxReasonChars = 500
/** Names of what was left out that are told apart; of others only that there were more. */
const maxDropped = 32
const others = '…'
const refusedStatus = 255

export class SessionChannel {
  readonly channel: Channel
  pty: PtyRequest | undefined
  readonly env: Variable[] = []
  /** Why the person connects, as their program said. */
  reason: string | undefined
  /** Called once. */
  onRun: ((run: Run) => void) | undefined
  /** The client would have its agent forwarded. */
  wantsAgent = false
  /** EOF came before anybody took over. */
  hasEnded = false
  /** The channel is closed or the connection is over. */
  readonly gone: AbortSignal
  onSize: (() => void) | undefined
  readonly #gone = new AbortController()
  readonly #dropped = new Map<string, { what: 'environment' | 'request'; name: string; count: number }>()
  #onInput: ((bytes: Uint8Array) => void) | undefined
  #isRunning = false

  constructor(channel: Channel) {
    this.channel = channel
    this.gone = this.#gone.signal
    channel.listen({
      gather: { makeRoom: (length) => new Uint8Array(length), data: (bytes) => this.#onInput?.(bytes) },
      eof: () => (this.hasEnded = true),
      request: (type, value, reply) => this.#asked(type, value, reply),
      hungUp: () => this.#gone.abort(),
      closed: () => this.#gone.abort(),
    })
  }

  /** What was asked for and is not passed on, by kind and name. */
  get dropped(): readonly { what: 'environment' | 'request'; name: string; count: number }[] {
    return [...this.#dropped.values()]
  }

  /** As a recording has it: a client without a terminal of its own says 0 by 0. */
  get size(): Size {
    return { cols: this.pty?.cols || 80, rows: this.pty?.rows || 24 }
  }
  get term(): string {
    return (this.pty?.term ?? '').replace(/[^\x21-\x7e]/g, '').slice(0, 40)
  }

  /** Who hears what is typed before a session has begun; until then, and without one, the client is not read. */
  set onInput(input: ((bytes: Uint8Array) => void) | undefined) {
    this.#onInput = input
    if (input) this.channel.resume()
    else this.channel.pause()
  }

  /** To the terminal. Lines end with `\r\n`. */
  write(text: string): void {
    this.channel.write(Buffer.from(text))
  }

  /** In words, beside the output; lines end with `\n`. */
  say(text: string): void {
    const line = `${text}\n`
    this.channel.write(Buffer.from(this.pty ? line.replace(/\r?\n/g, '\r\n') : line), true)
  }

  /** Nothing runs: says why, and closes with the status that ssh itself has for connections that fail. */
  refuse(text: string): void {
    this.say(text)
    this.close(refusedStatus)
  }

  close(exitStatus: number): void {
    void this.channel.request('exit-status', wireUint32(exitStatus), false)
    this.channel.close()
  }

  /** Somebody else listens from now on; what came before is theirs. */
  handOver(listener: ChannelListener): void {
    this.#onInput = undefined
    this.channel.listen(listener)
  }

  drop(what: 'environment' | 'request', name: string): void {
    const key = `${what} ${name}`
    const known = this.#dropped.get(key)
    if (known) known.count += 1
    else if (this.#dropped.size < maxDropped || name === others) this.#dropped.set(key, { what, name, count: 1 })
    else this.drop(what, others)
  }

  #asked(type: string, value: Buffer, reply: Reply): void {
    switch (type) {
      case 'pty-req':
        return answer(reply, this.#pty(readPty(value)))
      case 'env':
        return answer(reply, this.#variable(readEnv(value)))
      case 'window-change':
        return this.resized(readWindow(value))
      case 'shell':
        return this.#run({ kind: 'shell' }, reply)
      case 'exec':
        return this.#run({ kind: 'exec', command: Buffer.from(readCommand(value)) }, reply)
      case 'subsystem':
        if (readText(value) === 'sftp') return this.#run({ kind: 'sftp' }, reply)
        this.drop('request', `subsystem ${readText(value)}`.slice(0, 64))
        return void reply?.(false)
      case 'auth-agent-req@openssh.com':
        this.wantsAgent = true
        return void reply?.(true)
      default:
        // X11 among them. A signal to what does not run yet is nobody's.
        if (type !== 'signal') this.drop('request', type)
        reply?.(false)
    }
  }

  /** The client's terminal has another size. */
  resized(window: Omit<PtyRequest, 'term' | 'modes'>): void {
    if (!this.pty) return
    this.pty = { ...this.pty, ...window }
    this.onSize?.()
  }

  #pty(pty: PtyRequest): boolean {
    if (this.pty || this.#isRunning) return false
    this.pty = { ...pty, modes: Buffer.from(pty.modes) }
    return true
  }

  #variable({ name, value }: Variable): boolean {
    if (name === reasonVariable && !this.#isRunning) {
      this.reason = value.toString('utf8').trim().slice(0, maxReasonChars)
      return true
    }
    if (!passed.test(name) || this.#isRunning || this.env.length >= maxVariables || value.length > maxValueBytes) {
      this.drop('environment', name)
      return false
    }
    this.env.push({ name, value: Buffer.from(value) })
    return true
  }

  #run(run: Run, reply: Reply): void {
    if (this.#isRunning || !this.onRun) return void reply?.(false)
    this.#isRunning = true
    // Yes before it is known whether it may: what is refused is told in words, which a refusal of the request has no room for.
    reply?.(true)
    this.onRun(run)
  }
}

const answer = (reply: Reply, isYes: boolean): void => reply?.(isYes)
