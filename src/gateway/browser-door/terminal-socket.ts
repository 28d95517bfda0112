// One terminal's WebSocket: HELLO, admission, opening, live, ended, `docs/protocol/terminal.md`. Every frame of the client passes `#take`; what does not belong to the present state is a fault.
import { createHash, randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import { Failure, type FailureCode, isFailure } from '#domain/failure.ts'
import type { SessionId } from '#domain/id.ts'
import type { SessionEnd } from '#domain/session.ts'
import { maxCols, maxRows, type Size } from '#session/event.ts'
import type { NearControls } from '#session/near.ts'
import type { Session, SessionReport } from '#session/session.ts'
import { decodeFrame, encodePing, type Ended, type Hello, helloWithinMs, initialWindow, type TerminalFrame, type Welcome } from '#wire/terminal.ts'
import { openSession } from '../open-session.ts'
import { FrameRate } from './frame-rate.ts'
import { PeerWatch } from './peer-watch.ts'
import type { TerminalWork } from './terminal-door.ts'
import { TerminalNear } from './terminal-near.ts'
import { TerminalPrompter } from './terminal-prompter.ts'

const closeWithinMs = 3000
const closeCodes: Partial<Record<FailureCode, number>> = {
  hello_late: 4008,
  frame_too_large: 1009,
  ticket_invalid: 4003,
  ticket_expired: 4003,
  ticket_used: 4003,
  session_not_found: 4004,
  too_many_watchers: 4004,
}
const protocolFault = 4002
const textMessage = 1003

/** Who comes: from where, the sign-in cookie of a browser that has one, and the session that the address named (`/terminal/<session>`). */
export type Person = { source: string; cookie: string | undefined; session: SessionId | undefined }

type State = 'hello' | 'admitting' | 'opening' | 'open' | 'ended'

export class TerminalSocket {
  readonly #socket: WebSocket
  readonly #work: TerminalWork
  readonly #person: Person
  readonly #near: TerminalNear
  readonly #prompter: TerminalPrompter
  readonly #rate: FrameRate
  readonly #watch: PeerWatch
  /** Aborted when the person goes, breaks the protocol, or the process drains, while the session is not open yet. */
  readonly #opening = new AbortController()
  readonly #helloTimer: NodeJS.Timeout
  readonly #admitted: () => void
  #state: State = 'hello'
  #controls: NearControls | undefined
  #inputOffset = 0
  #size: Size = { cols: 80, rows: 24 }
  #end: SessionEnd | undefined

  /** `admitted` is called once: control has admitted the person, or the socket has ended. */
  constructor(socket: WebSocket, person: Person, work: TerminalWork, admitted: () => void) {
    this.#socket = socket
    this.#person = person
    this.#work = work
    this.#admitted = admitted
    this.#near = new TerminalNear(socket, (end) => this.#sessionEnded(end))
    this.#prompter = new TerminalPrompter((prompt) => this.#near.say('prompt', prompt))
    this.#rate = new FrameRate(() => work.clock.nowMs())
    this.#helloTimer = setTimeout(() => this.#fault('hello_late', 'HELLO did not come within 5 seconds.'), helloWithinMs)
    this.#watch = new PeerWatch(socket, (rttMs) => (this.#near.rttClientMs = rttMs))
    socket.on('message', (data: Buffer, isBinary) => this.#message(data, isBinary))
    socket.on('ping', () => {
      if (!this.#rate.admits({ kind: 'websocket-ping' })) this.#fault('input_too_fast', 'Too many pings.')
    })
    // The WebSocket layer has sent its own close code (1002, 1007, 1009); `close` follows.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#gone())
  }

  /** The process stops: who has not got a session yet is told so; sessions are ended by `LiveSessions.drain`. */
  refuse(code: FailureCode, message: string): void {
    if (this.#state !== 'hello' && this.#state !== 'admitting') return
    this.#finish({ reason: 'drained', message, failure: code }, 1001)
    this.#letGo(new Failure(code, message))
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'ended') return
    if (!isBinary) return this.#fault('frame_malformed', 'Only binary messages are understood.', textMessage)
    const decoded = decodeFrame(data)
    if (!decoded.ok) return this.#fault(decoded.fault, `The client sent a frame that does not fit: ${decoded.why}.`)
    if (!this.#rate.admits(decoded.frame)) return this.#fault('input_too_fast', 'The client sent more frames than a terminal needs.')
    try {
      this.#take(decoded.frame)
    } catch (error) {
      if (!isFailure(error)) throw error
      this.#fault(error.code, error.message)
    }
  }

  #take(frame: TerminalFrame): void {
    if (this.#state === 'hello') {
      if (frame.kind !== 'hello') throw new Failure('hello_expected', 'The first frame must be HELLO.')
      return this.#hello(frame.hello)
    }
    const controls = this.#controls
    switch (frame.kind) {
      case 'hello':
        throw new Failure('hello_repeated', 'HELLO may come once.')
      case 'ping':
        return this.#socket.send(encodePing('pong', frame.token))
      case 'pong':
      case 'hidden': // without effect until a session can be resumed
        return
      case 'resize':
        this.#size = { cols: frame.cols, rows: frame.rows }
        return controls?.resize(this.#size)
      case 'answer':
        if (!this.#prompter.answered(frame.answer)) throw new Failure('answer_unexpected', 'Nothing was asked that this answers.')
        return
      case 'input': {
        if (!controls) throw new Failure('frame_unexpected', 'INPUT came before WELCOME.')
        const offset = this.#inputOffset
        this.#inputOffset += frame.bytes.length
        if (!controls.input(offset, frame.bytes)) this.#watch.pause()
        return
      }
      case 'ack':
        if (!controls) throw new Failure('frame_unexpected', 'ACK came before WELCOME.')
        return controls.acknowledged(frame.offset)
      case 'welcome':
      case 'ended':
      case 'output':
      case 'screen':
      case 'watchers':
      case 'size':
      case 'taken':
      case 'prompt':
      case 'notice':
      case 'stats':
        throw new Failure('frame_unexpected', `Only a gateway sends ${frame.kind.toUpperCase()}.`)
      default:
        frame satisfies never
    }
  }

  #hello(hello: Hello): void {
    clearTimeout(this.#helloTimer)
    if ('resume' in hello) throw new Failure('session_not_found', 'This session is not live any more. Open a new one.')
    this.#size = { cols: Math.min(hello.cols, maxCols), rows: Math.min(hello.rows, maxRows) }
    this.#state = 'admitting'
    void this.#open(hello.ticket, hello.term ?? 'xterm-256color').catch((error: unknown) => this.#failed(error))
  }

  async #open(ticket: string, term: string): Promise<void> {
    const { link, liveSessions, clock } = this.#work
    if (liveSessions.isFull) throw new Failure('too_many_sessions', 'This gateway carries as many sessions as it can. Try again later.')
    const size = this.#size
    const { source, cookie } = this.#person
    const signIn = cookie === undefined ? {} : { signIn: createHash('sha256').update(cookie).digest('hex') }
    const redeemed = await link.ask({ ask: 'redeem', ticket, source, cols: size.cols, rows: size.rows, term, ...signIn })
    if (redeemed.kind !== 'shell') throw new Failure('session_not_found', 'This session is not live any more. Open a new one.')
    const { admission } = redeemed
    // Admitted, and the person may have gone meanwhile: the session exists in control all the same, so it is opened with an aborted signal and ends by its own report.
    this.#admitted()
    if (this.#state === 'admitting') this.#state = 'opening'
    if (link.settings.recordingNotice) this.#near.notice('info', link.settings.recordingNotice)
    const onEnded = ({ id, end, bytesIn, bytesOut }: SessionReport) =>
      this.#work.report({ report: 'ended', session: admission.session, end, bytesIn, bytesOut }, id)
    const { session, hostKey } = await openSession({
      ...this.#work.opening,
      admission,
      near: this.#near,
      prompter: this.#prompter,
      liveSessions,
      size,
      term,
      clock,
      signal: this.#opening.signal,
      onEnded,
    })
    this.#work.report({ report: 'began', session: admission.session, at: clock.wallMs(), hostKey: hostKey.fingerprint }, admission.session)
    this.#live(session, size)
  }

  #live(session: Session, openedWith: Size): void {
    if (this.#state !== 'opening') return session.begin().gone()
    const welcome: Welcome = {
      session: session.id,
      key: randomBytes(32).toString('base64url'),
      ...openedWith,
      outputOffset: 0,
      inputOffset: 0,
      parsedOffset: 0,
      window: initialWindow,
      graceSeconds: 0,
    }
    this.#near.say('welcome', welcome)
    this.#state = 'open'
    const controls = session.begin()
    this.#controls = controls
    controls.onRoom = () => this.#watch.resume()
    if (this.#size.cols !== openedWith.cols || this.#size.rows !== openedWith.rows) controls.resize(this.#size)
  }

  #failed(error: unknown): void {
    const failure = isFailure(error) ? error : new Failure('internal', 'The gateway failed to open the terminal. The fault is in its log.')
    if (!isFailure(error)) this.#work.log.error({ err: error }, 'a terminal could not be opened by a fault of this program')
    const end = this.#end
    const detail = failure.detail ? { detail: { ...failure.detail } } : {}
    // A session that somebody ended while it opened has not failed.
    const code = end ? end.failure : failure.code
    const failed = code === undefined ? {} : { failure: code, ...detail }
    this.#finish({ reason: end?.reason ?? 'owner_gone', message: end?.message ?? failure.message, ...failed }, closeCodes[failure.code] ?? 1000)
  }

  #sessionEnded(end: SessionEnd): void {
    this.#end = end
    // While it opens, the failure that `openSession` throws says more (both fingerprints, say) and comes next.
    if (this.#state !== 'open') return
    const { exitStatus, signal, failure } = end
    this.#finish(
      {
        reason: end.reason,
        message: end.message,
        ...(exitStatus === undefined ? {} : { exitStatus }),
        ...(signal === undefined ? {} : { signal }),
        ...(failure === undefined ? {} : { failure }),
      },
      1000,
    )
  }

  #fault(code: FailureCode, message: string, closeCode = closeCodes[code] ?? protocolFault): void {
    if (this.#state === 'ended') return
    this.#work.log.info({ failure: code, source: this.#person.source }, 'a client broke the terminal protocol')
    this.#finish({ reason: 'owner_gone', message, failure: code }, closeCode)
    this.#letGo(new Failure(code, message))
  }

  /** ENDED, then the close code, then the socket itself when the client does not answer. */
  #finish(ended: Ended, closeCode: number): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#near.say('ended', ended)
    this.#socket.close(closeCode)
    this.#watch.resume()
    setTimeout(() => this.#socket.terminate(), closeWithinMs).unref()
    this.#rest()
  }

  #gone(): void {
    this.#state = 'ended'
    this.#rest()
    this.#letGo(new Failure('gateway_unavailable', 'The person’s connection is gone.'))
  }

  #letGo(why: Failure): void {
    this.#controls?.gone()
    this.#opening.abort(why)
  }

  #rest(): void {
    clearTimeout(this.#helloTimer)
    this.#watch.stop()
    this.#admitted()
  }
}
