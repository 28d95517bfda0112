// One SSH connection to a host: socket, engine, rules, deadlines. Signing in and the channel are their own files and register what they handle here.
import { Failure, isFailure } from '#domain/failure.ts'
import { clientOffer } from './algorithms.ts'
import type { HostLine, LineSocket } from './host-line.ts'
import { isLent, readBytes } from './host-socket.ts'
import { readIdentification } from './identification.ts'
import { allowChaChaWithoutStrictness, noStrictness } from './key-exchange.ts'
import { cryptoReady, cutEngine, makeClientEngine, ownPartialPacket, type ClientMessages, type Engine } from './library.ts'
import { governClient, type RuleState } from './role-rules.ts'
import { typing } from './typing.ts'

/** What one turn of the event loop reads of one host, so that a flood leaves room for other people's keystrokes. */
export const turnBytes = readBytes
// A read of so much is a flood's (a PTY gives 4 KiB at once): it goes on a little later, so that more comes at once. Each read is a turn with writes of its own, which cost as
// much as 30 KiB do.
const floodBytes = 4000
const longPauseBelowBytes = 32 * 1024
const pauseMs = { short: 1, long: 2 }
// While others type, what has gone on for so many reads gets 128 KiB each 10 ms at most (13 MB/s, what a browser draws): its program, its
// recording and its client leave the processors to them in between.
const floodReads = 8
const givingWayMs = 10
// Files and commands keep most of their speed while somebody types: 128 KiB each 2 ms at most.
const bulkGivesWayMs = 2
/** Of whom no key is their own: see `Typing`. */
const nobody = 0
// What a host may make us hold of answers that it does not read; input stops at a quarter of this (`hasRoom`).
const maxUnreadAnswerBytes = 1024 * 1024
// Before signing in a host needs a few KiB: keys, a banner, prompts.
const maxBytesBeforeSignIn = 1024 * 1024
const maxBanners = 8
const maxBannerChars = 16_384
// RFC 4253 section 9: after a gigabyte or an hour new keys are due; hosts that do not ask for them are asked.
const rekeyAfterBytes = 1024 ** 3
const rekeyAfterMs = 3_600_000
const replyWithinMs = 15_000

export type TransportOptions = {
  /** Connected, and owned by the transport from now on. */
  socket: HostLine
  /** Types of the trusted keys, best first: `clientOffer`. */
  hostKeyTypes: readonly string[]
  onlyHostKeyTypes?: boolean
  /** The host is marked as one that may use SHA-1 and CBC, and the mark has not run out. */
  allowsOldAlgorithms?: boolean
  ident: string
}

export class ClientTransport {
  readonly engine: Engine
  readonly handlers: Partial<ClientMessages> = {}
  /** The key that the host has proven to hold; set when `handshake` resolves. */
  hostKeyBlob: Buffer | undefined
  /** Text shown by the host before signing in, bounded. */
  banner = ''
  signatureAlgorithms: readonly string[] | undefined
  /** The turn's input has been parsed: time to hand on what was gathered. */
  onTurn: (() => void) | undefined
  /** The socket takes more again, or a key exchange is over. */
  onRoom: (() => void) | undefined
  onClosed: ((cause: Failure | undefined) => void) | undefined
  /** Aborted with the failure when the connection ends: for waits that the host is no part of, such as a person who is being asked. */
  readonly gone: AbortSignal
  readonly #gone = new AbortController()
  readonly #host: HostLine
  readonly #socket: LineSocket
  readonly #rules: RuleState
  #failure: Failure | undefined
  #closed = false
  #fail: ((cause: Failure) => void) | undefined
  #deadline: NodeJS.Timeout | undefined
  #banners = 0
  #bytesIn = 0
  #bytesSinceKeys = 0
  #keysAtMs = performance.now()
  #pause: NodeJS.Timeout | undefined
  /** Of a connection that a person types into; what only carries another connection never gives way itself. */
  #typist: number | undefined
  #isBulk = false
  /** Reads in a row that were a flood's. */
  #floodReads = 0
  #onHandshake: (() => void) | undefined

  constructor(options: TransportOptions) {
    this.#host = options.socket
    this.#socket = options.socket.socket
    this.gone = this.#gone.signal
    this.#rules = {
      isHandshaken: false,
      hasAskedForAuth: false,
      services: 0,
      extInfos: 0,
      rekeys: { sinceMs: performance.now(), count: 0 },
      isSwamped: () => this.#socket.writableLength > maxUnreadAnswerBytes,
    }
    this.engine = makeClientEngine({
      ident: options.ident,
      offer: clientOffer(options.hostKeyTypes, { only: options.onlyHostKeyTypes ?? false, allowsOld: options.allowsOldAlgorithms ?? false }),
      onWrite: (data) => {
        this.#bytesSinceKeys += data.length
        if (this.#socket.writable) this.#socket.write(data)
      },
      onError: (cause) => this.close(failureOf(cause)),
      onHandshakeComplete: () => this.#handshakeDone(),
      hostVerifier: (blob, permit) => permit(this.#isSameKey(blob)),
      messageHandlers: this.handlers,
    })
    if (options.allowsOldAlgorithms) allowChaChaWithoutStrictness(this.engine)
    governClient(this.engine, this.#rules)
    this.#handleGeneral()
  }

  /** The host's key is known and proven, nothing has been said about a person yet. Throws `Failure` (`host_not_ssh`, `host_banner_too_large`, `host_timeout`, `host_protocol_error`) or the signal's reason. */
  async handshake(signal: AbortSignal): Promise<Buffer> {
    this.#socket.setNoDelay(true)
    // Until the host has identified itself the reader of that line says what went wrong; an error without any listener would end the process.
    let isIdentified = false
    const broke = (text: string, cause?: unknown) => {
      if (isIdentified) this.close(new Failure('host_protocol_error', text, { cause }))
    }
    this.#socket.on('error', (cause) => {
      // A line through another host says itself what became of it.
      if (isFailure(cause) && isIdentified) this.close(cause)
      else broke(`The connection to the host broke: ${cause.message}.`, cause)
    })
    this.#socket.on('close', () => broke('The host closed the connection.'))
    this.#socket.on('drain', () => this.onRoom?.())
    await this.host(
      signal,
      readIdentification(this.#host, signal).then(() => cryptoReady),
    )
    isIdentified = true
    const done = new Promise<void>((resolve) => (this.#onHandshake = resolve))
    this.engine.start()
    this.#socket.on('end', () => this.close(new Failure('host_protocol_error', 'The host closed the connection.')))
    this.#host.start((chunk) => this.#read(chunk))
    await this.host(signal, done)
    if (!this.hostKeyBlob) throw new Failure('host_protocol_error', 'The host showed no key.')
    return this.hostKeyBlob
  }

  /** Awaits something that the host owes within 15 s, or `withinMs`. Throws `Failure('host_timeout')`, what ended the connection, or the signal's reason. One at a time. */
  async host<Value>(signal: AbortSignal, owed: Promise<Value>, withinMs = replyWithinMs): Promise<Value> {
    if (this.#failure) throw this.#failure
    signal.throwIfAborted()
    let onAbort = () => {}
    const broken = new Promise<never>((_resolve, reject) => {
      this.#fail = reject
      onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('the dial was given up'))
      signal.addEventListener('abort', onAbort, { once: true })
      this.#deadline = setTimeout(
        () => reject(new Failure('host_timeout', 'The host does not answer: it took the connection and then said nothing in time.')),
        withinMs,
      )
    })
    try {
      return await Promise.race([owed, broken])
    } finally {
      clearTimeout(this.#deadline)
      signal.removeEventListener('abort', onAbort)
      this.#fail = undefined
    }
  }

  /** A terminal is opened on it: a person will type, and its flood gives way to others who do. */
  takesTyping(): void {
    this.#typist ??= typing.join()
  }

  /** Files and commands want all the speed there is: other connections are served between two reads, and none waits. */
  carriesBulk(isBulk: boolean): void {
    this.#isBulk = isBulk
  }

  /** A person's input goes to the host. */
  typed(): void {
    if (this.#typist !== undefined) typing.typed(this.#typist)
  }

  /** From the first sign-in request on, answers to it may come. */
  askedForAuth(): void {
    this.#rules.hasAskedForAuth = true
  }

  /** False while more than 256 KiB wait in the socket or a key exchange runs: `onRoom` follows. */
  get hasRoom(): boolean {
    return this.#socket.writableLength < maxUnreadAnswerBytes / 4 && this.engine._kexinit === undefined && !this.#closed
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Cuts a host that breaks the protocol. */
  cut(why: string): void {
    cutEngine(this.engine, why)
  }

  /** Says goodbye and closes at once; idempotent. `cause` is undefined when the closing is ours and in order. */
  close(cause?: Failure): void {
    if (this.#closed) return
    this.#closed = true
    this.#failure = cause ?? new Failure('host_protocol_error', 'The connection is closed.')
    clearTimeout(this.#pause)
    // 11: SSH_DISCONNECT_BY_APPLICATION.
    if (cause === undefined && this.engine._destruct !== undefined && this.#socket.writable) this.engine.disconnect(11)
    this.engine.cleanup()
    this.#socket.destroySoon()
    // A host that does not read our last words must not keep the socket.
    const linger = setTimeout(() => this.#socket.destroy(), 1000)
    this.#socket.once('close', () => clearTimeout(linger))
    if (this.#socket.destroyed) clearTimeout(linger)
    this.#fail?.(this.#failure)
    this.#gone.abort(this.#failure)
    this.onClosed?.(cause)
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return
    this.#bytesIn += chunk.length
    this.#bytesSinceKeys += chunk.length
    try {
      // What a key exchange is made of is kept until it is hashed; before signing in little comes. Otherwise the engine may work on what was lent.
      const isLentToEngine = this.engine._authenticated && this.engine._kexinit === undefined
      this.engine.parse(isLentToEngine ? chunk : Buffer.from(chunk), 0, chunk.length)
      ownPartialPacket(this.engine, isLent)
    } catch (cause) {
      // The library throws for malformed headers and MACs; whatever it is, this one connection ends.
      this.close(new Failure('host_protocol_error', `The host broke the SSH protocol: ${cause instanceof Error ? cause.message : 'unknown'}.`, { cause }))
      return
    }
    if (this.#closed) return
    if (!this.engine._authenticated && this.#bytesIn > maxBytesBeforeSignIn) return this.cut('it sends without end before signing in')
    if (
      this.engine._authenticated &&
      this.engine._kexinit === undefined &&
      (this.#bytesSinceKeys > rekeyAfterBytes || performance.now() - this.#keysAtMs > rekeyAfterMs)
    ) {
      this.engine.rekey()
      this.#bytesSinceKeys = 0
    }
    this.onTurn?.()
    this.#floodReads = chunk.length < floodBytes ? 0 : this.#floodReads + 1
    if (this.#floodReads === 0 || this.#closed) return
    this.#host.hold()
    const goOn = () => {
      if (!this.#closed) this.#host.goOn()
    }
    if (this.#isBulk && !typing.othersType(nobody)) setImmediate(goOn)
    else if (this.#isBulk) this.#pause = setTimeout(goOn, bulkGivesWayMs)
    else this.#pause = setTimeout(goOn, this.#pauseAfter(chunk.length))
  }

  #pauseAfter(bytes: number): number {
    if (this.#typist !== undefined && this.#floodReads > floodReads && typing.othersType(this.#typist)) return givingWayMs
    return bytes < longPauseBelowBytes ? pauseMs.long : pauseMs.short
  }

  /** The first key is kept; every later exchange must show the same one. */
  #isSameKey(blob: Buffer): boolean {
    this.hostKeyBlob ??= Buffer.from(blob)
    return this.hostKeyBlob.equals(blob)
  }

  #handshakeDone(): void {
    this.#rules.isHandshaken = true
    this.#bytesSinceKeys = 0
    this.#keysAtMs = performance.now()
    this.#onHandshake?.()
    this.#onHandshake = undefined
    this.onRoom?.()
  }

  #handleGeneral(): void {
    this.handlers.DISCONNECT = (_engine, _code, text) => {
      const said = printable(text, 200)
      this.close(new Failure('host_protocol_error', `The host ended the connection${said ? `: ${said}` : ''}.`, { detail: { disconnected: true } }))
    }
    this.handlers.EXT_INFO = (_engine, extensions) => {
      const found = extensions.find((extension) => extension.name === 'server-sig-algs')
      if (found) this.signatureAlgorithms = found.algs.slice(0, 64)
    }
    this.handlers.USERAUTH_BANNER = (_engine, text) => {
      if (++this.#banners > maxBanners || text.length > maxBannerChars || this.banner.length + text.length > maxBannerChars)
        return this.close(new Failure('host_banner_too_large', 'The host sends an endless banner before signing in.'))
      this.banner += text
    }
    this.handlers.GLOBAL_REQUEST = (engine, _name, wantsReply) => {
      if (wantsReply) engine.requestFailure()
    }
    // 1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. A host has no business opening channels to us.
    this.handlers.CHANNEL_OPEN = (engine, info) => engine.channelOpenFail(info.sender, 1, 'not offered')
  }
}

// The library's own words for lists without a common name.
const nothingInCommon = /^Handshake failed: no matching (.+)$/
function failureOf(cause: Error): Failure {
  if (isFailure(cause)) return cause
  const lacking = cause.message === noStrictness ? 'safe cipher' : nothingInCommon.exec(cause.message)?.[1]
  if (lacking === undefined) return new Failure('host_protocol_error', `The host broke the SSH protocol: ${cause.message}.`, { cause })
  const text = `The host and Sallyport have no ${lacking} in common: its SSH server is too old. Update it, or allow old algorithms for this host for a time.`
  return new Failure('host_algorithms_old', text, { cause })
}

/** Text of a host for people: without control characters, cut to a length. */
export function printable(text: string, maxChars: number): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed here
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, ' ')
  return clean.trim().slice(0, maxChars)
}
