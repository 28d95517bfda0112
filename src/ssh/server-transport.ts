// One connection from a person's ssh client: line, engine, rules, deadlines. Signing in and the channels are their own files and register what they handle here.
import { Failure } from '#domain/failure.ts'
import { serverOffer } from './algorithms.ts'
import { ClientIdentification } from './client-identification.ts'
import { printable } from './client-transport.ts'
import type { DoorKeys } from './door-keys.ts'
import type { HostLine, LineSocket } from './host-line.ts'
import { isLent } from './host-socket.ts'
import {
  cryptoReady,
  cutEngine,
  makeServerEngine,
  ownPartialPacket,
  sendDisconnect,
  sendMessage,
  type Engine,
  type Negotiated,
  type ServerMessages,
} from './library.ts'
import { govern } from './role-rules.ts'
import { serverLimits, ServerPace, type ServerLimits } from './server-pace.ts'
import { isUnknownToServer, newServerRuleState, serverRefusalOf } from './server-rules.ts'
import { wireUint32 } from './wire-reader.ts'

// A client that reads nothing of our answers is cut at the first; nothing is written for channels from a quarter of it on.
const maxUnreadAnswerBytes = 1024 * 1024
// What waits for the end of a key exchange are answers; data waits in the channels.
const maxQueuedAnswers = 4096
/** What one turn of the event loop reads of one client, so that a flood leaves room for other people's keystrokes. */
const turnBytes = 64 * 1024
const maxEarly = 2

export const DisconnectReason = { protocolError: 2, serviceNotAvailable: 7, byApplication: 11, noMoreMethods: 14 } as const

export type ServerTransportOptions = {
  /** Connected, and owned by the transport from now on. */
  line: HostLine
  keys: DoorKeys
  /** What stands after `SSH-2.0-`. */
  ident: string
  /** When the connection was accepted, by `performance.now()`. */
  acceptedAtMs?: number
  limits?: Partial<ServerLimits>
}

export class ServerTransport {
  readonly engine: Engine
  readonly handlers: Partial<ServerMessages> = {}
  /** The client's own words for itself, `SSH-2.0-…`; set when `handshake` resolves. */
  clientIdent = ''
  /** H of the first key exchange (RFC 4253 section 7.2): what signatures are bound to. Set when `handshake` resolves. */
  sessionId: Buffer = Buffer.alloc(0)
  onRoom: (() => void) | undefined
  onClosed: ((cause: Failure | undefined) => void) | undefined
  /** Aborted with the failure when the connection ends. */
  readonly gone: AbortSignal
  readonly #gone = new AbortController()
  readonly #line: HostLine
  readonly #socket: LineSocket
  readonly #pace: ServerPace
  readonly #maxBytesBeforeSignIn: number
  readonly #rules = newServerRuleState()
  /** Until the client has said what it is: what it sent in one piece with that is kept no longer. */
  #identification: ClientIdentification | undefined = new ClientIdentification()
  #onUserauth: ((type: number, payload: Buffer) => void) | undefined
  /** What came before anybody listened: some clients ask right after their NEWKEYS. */
  #early: { type: number; payload: Buffer }[] = []
  #onTurn: (() => void) | undefined
  /** Somebody has signed in, and nobody has taken the turns: the client's first channels wait. */
  #isUntaken = false
  #isStarted = false
  #isClosed = false
  #failure: Failure | undefined
  #settle: { resolve: () => void; reject: (cause: Failure) => void } | undefined
  #bytesIn = 0
  #turn: NodeJS.Immediate | undefined

  constructor(options: ServerTransportOptions) {
    this.#line = options.line
    this.#socket = options.line.socket
    const limits = { ...serverLimits, ...options.limits }
    this.#maxBytesBeforeSignIn = limits.bytesBeforeSignIn
    this.gone = this.#gone.signal
    this.engine = makeServerEngine({
      ident: options.ident,
      offer: serverOffer(options.keys.algorithms),
      hostKeys: options.keys.byAlgorithm,
      onWrite: (data) => {
        this.#pace.sent(data.length)
        if (this.#socket.writable) this.#socket.write(data)
      },
      onError: (cause) => this.#broke(cause),
      onHandshakeComplete: () => this.#handshakeDone(),
      messageHandlers: this.handlers,
    })
    govern(this.engine, {
      refusalOf: (type) => serverRefusalOf(type, this.#rules),
      isSwamped: () => this.#socket.writableLength > maxUnreadAnswerBytes || (this.engine._queue?.length ?? 0) > maxQueuedAnswers,
      takes: (type, payload) => this.#takes(type, payload),
    })
    this.#handleGeneral()
    this.#pace = new ServerPace(this, limits, options.acceptedAtMs ?? performance.now(), (text, failure) =>
      this.disconnect(DisconnectReason.byApplication, text, failure),
    )
    this.#socket.on('error', (cause) => this.close(new Failure('client_lost', `The connection to the client broke: ${cause.message}.`, { cause })))
    this.#socket.on('close', () => this.close(new Failure('client_lost', 'The client closed the connection.')))
    this.#socket.on('end', () => this.close(new Failure('client_lost', 'The client closed the connection.')))
    this.#socket.on('drain', () => this.onRoom?.())
  }

  /** Keys are agreed, nothing is known about the person yet. Throws `Failure` (`client_protocol_error`, `client_lost`, `client_left`) when the connection ends before. */
  async handshake(): Promise<void> {
    await cryptoReady
    if (this.#failure) throw this.#failure
    const done = new Promise<void>((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#socket.setNoDelay(true)
    this.engine.start()
    this.#isStarted = true
    this.#line.start((chunk) => this.#read(chunk))
    await done
  }

  /** What was agreed in the last key exchange. */
  get negotiated(): Negotiated | undefined {
    return this.engine._kex?.negotiated
  }

  /** False while more than 256 KiB wait in the socket or a key exchange runs: `onRoom` follows. */
  get hasRoom(): boolean {
    return this.#socket.writableLength < maxUnreadAnswerBytes / 4 && this.engine._kexinit === undefined && !this.#isClosed
  }

  get onTurn(): (() => void) | undefined {
    return this.#onTurn
  }
  /** Who signs in is read no further until somebody takes the turns, as `Channels` does. */
  set onTurn(call: (() => void) | undefined) {
    this.#onTurn = call
    if (!this.#isUntaken || call === undefined || this.#isClosed) return
    this.#isUntaken = false
    this.#line.goOn()
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get isSignedIn(): boolean {
    return this.#rules.isSignedIn
  }

  /** For `ServerAuth` alone: gives it each USERAUTH_REQUEST and USERAUTH_INFO_RESPONSE, whole and lent. Undefined ends it. */
  takeUserauth(take: ((type: number, payload: Buffer) => void) | undefined): void {
    this.#onUserauth = take
    for (const { type, payload } of this.#early.splice(0)) if (!this.#isClosed) take?.(type, payload)
  }

  /** For `ServerAuth` alone, which decides it: channels may be opened from now on. */
  signedIn(): void {
    if (this.#isClosed || this.#rules.isSignedIn) return
    this.#rules.isSignedIn = true
    this.#rules.rekeys = { sinceMs: performance.now(), count: 0 }
    this.engine._authenticated = true
    this.#pace.signedIn()
    if (this.#onTurn === undefined) {
      this.#isUntaken = true
      this.#line.hold()
    }
    // USERAUTH_SUCCESS
    sendMessage(this.engine, Buffer.of(52))
  }

  /** Cuts a client that breaks the protocol, with the reason in words. */
  cut(why: string): void {
    cutEngine(this.engine, why)
  }

  /** Says goodbye with words for the person over there (RFC 4253 section 11.1) and closes; idempotent. */
  disconnect(reason: number, text: string, cause?: Failure): void {
    if (this.#isClosed) return
    if (this.#isStarted && this.engine._destruct !== undefined && this.#socket.writable) {
      if (!this.#identification) sendDisconnect(this.engine, reason, text)
      this.engine.cleanup()
    }
    this.close(cause)
  }

  /** Closes when what was written is sent; idempotent. `cause` is undefined when the closing is ours and in order. */
  close(cause?: Failure): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#failure = cause ?? new Failure('client_lost', 'The connection is closed.')
    this.#pace.stop()
    clearImmediate(this.#turn)
    if (cause === undefined && !this.#identification && this.engine._destruct !== undefined && this.#socket.writable)
      sendDisconnect(this.engine, DisconnectReason.byApplication, '')
    this.engine.cleanup()
    this.#socket.destroySoon()
    // A client that does not read our last words must not keep the socket.
    const linger = setTimeout(() => this.#socket.destroy(), 1000)
    this.#socket.once('close', () => clearTimeout(linger))
    if (this.#socket.destroyed) clearTimeout(linger)
    this.#settle?.reject(this.#failure)
    this.#gone.abort(this.#failure)
    this.onClosed?.(cause)
  }

  #read(chunk: Buffer): void {
    if (this.#isClosed) return
    this.#bytesIn += chunk.length
    this.#pace.received(chunk.length)
    if (!this.#parse(chunk) || this.#isClosed) return
    if (!this.#rules.isSignedIn && this.#bytesIn > this.#maxBytesBeforeSignIn) return this.cut('too much was sent before signing in')
    this.#pace.renewKeys()
    this.#onTurn?.()
    if (chunk.length < turnBytes || this.#isClosed) return
    this.#line.hold()
    this.#turn = setImmediate(() => {
      if (!this.#isClosed && !this.#isUntaken) this.#line.goOn()
    })
  }

  #parse(chunk: Buffer): boolean {
    try {
      if (this.#identification) {
        const found = this.#identification.add(chunk)
        if (!found) return true
        if ('notSsh' in found) {
          // As OpenSSH answers what is no SSH client: in a line of text.
          if (this.#socket.writable) this.#socket.write(Buffer.from(`Invalid SSH identification string: ${found.notSsh}.\r\n`))
          this.close(new Failure('client_protocol_error', 'What connected is not an SSH client.'))
          return false
        }
        this.#identification = undefined
        this.clientIdent = printable(found.line, 255)
        this.engine.parse(found.rest, 0, found.rest.length)
        return true
      }
      // What a key exchange is made of is kept until it is hashed, and lent bytes are gone by then.
      const isLentToEngine = !isLent(chunk) || (this.#rules.isSignedIn && this.engine._kexinit === undefined)
      this.engine.parse(isLentToEngine ? chunk : Buffer.from(chunk), 0, chunk.length)
      ownPartialPacket(this.engine, isLent)
      return true
    } catch (cause) {
      // The library throws for malformed headers and MACs; whatever it is, this one connection ends.
      this.#broke(isOfProgram(cause) || !(cause instanceof Error) ? new Error('a malformed packet', { cause }) : cause)
      return false
    }
  }

  #broke(cause: Error): void {
    const failure = new Failure('client_protocol_error', `The client broke the SSH protocol: ${printable(cause.message, 200)}.`, { cause })
    if (this.engine._destruct === undefined) this.close(failure)
    else this.disconnect(DisconnectReason.protocolError, printable(cause.message, 200), failure)
  }

  /** USERAUTH requests are parsed by ourselves: the library loses the algorithm that was asked for. What is unknown is said to be so (RFC 4253 section 11.4). */
  #takes(type: number, payload: Buffer): boolean {
    if (isUnknownToServer(type)) {
      // The engine has counted the message already.
      sendMessage(this.engine, Buffer.concat([Buffer.of(3), wireUint32(((this.engine._decipher?.inSeqno ?? 1) - 1) >>> 0)]))
      return true
    }
    if (type !== 50 && type !== 61) return false
    if (this.#onUserauth) this.#onUserauth(type, payload)
    else if (!this.#rules.isSignedIn && this.#early.length < maxEarly) this.#early.push({ type, payload: Buffer.from(payload) })
    // RFC 4252 section 5.1: requests after the success are silently ignored.
    else if (!this.#rules.isSignedIn || type === 61) this.cut('nothing was asked')
    return true
  }

  #handshakeDone(): void {
    this.#pace.keysAgreed()
    if (!this.#rules.isHandshaken) {
      this.#rules.isHandshaken = true
      this.sessionId = Buffer.from(this.engine._kex?.sessionID ?? [])
      this.#settle?.resolve()
    }
    this.onRoom?.()
  }

  #handleGeneral(): void {
    this.handlers.DISCONNECT = (_engine, _code, text) => {
      const said = printable(text, 200)
      this.close(new Failure('client_left', `The client ended the connection${said ? `: ${said}` : ''}.`))
    }
    this.handlers.SERVICE_REQUEST = (engine, name) => {
      if (name !== 'ssh-userauth')
        return this.disconnect(
          DisconnectReason.serviceNotAvailable,
          'this service is not offered',
          new Failure('client_protocol_error', 'The client asked for a service that is not offered.'),
        )
      this.#pace.opened()
      engine.serviceAccept(name)
    }
    this.handlers.CONNECTION = () => this.cut('no channels are served here')
  }
}

/** The engine trips over bad lengths with errors whose words say nothing to a client. */
const isOfProgram = (cause: unknown) => cause instanceof RangeError || cause instanceof TypeError || cause instanceof ReferenceError
