// One terminal's WebSocket: HELLO, admission, opening, live, ended, `docs/protocol/terminal.md`. Every frame of the client passes `#take`; what does not belong to the present state is a fault.
import { createHash } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { Admission } from '#domain/admission.ts'
import { Failure, type FailureCode, isFailure } from '#domain/failure.ts'
import type { SessionId } from '#domain/id.ts'
import type { SessionEnd } from '#domain/session.ts'
import { maxCols, maxRows, type Size } from '#session/event.ts'
import type { NearControls, Place } from '#session/near.ts'
import { Session, type SessionReport } from '#session/session.ts'
import type { Redeemed } from '#wire/link.ts'
import {
  closeLeft,
  closeTakenOver,
  decodeFrame,
  encodePing,
  type Ended,
  type Hello,
  helloWithinMs,
  initialWindow,
  type TerminalFrame,
  type Welcome,
} from '#wire/terminal.ts'
import { openSession } from '../open-session.ts'
import { openDesk } from '../transfer/open-desk.ts'
import type { TransferDesk } from '../transfer/transfer-desk.ts'
import { FrameRate } from './frame-rate.ts'
import { PeerWatch } from './peer-watch.ts'
import { OwnerSeat, type Seat, WatcherSeat } from './seat.ts'
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
/** The other side never answered: whether it had our last word is not known. */
const closedWithoutWord = 1006

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
  #seat: Seat | undefined
  #size: Size = { cols: 80, rows: 24 }
  #end: SessionEnd | undefined
  /** Whoever sits here as the owner knows how it ended, or wants to know nothing. */
  #heard = () => {}

  /** `admitted` is called once: control has admitted the person, or the socket has ended. */
  constructor(socket: WebSocket, person: Person, work: TerminalWork, admitted: () => void) {
    this.#socket = socket
    this.#person = person
    this.#work = work
    this.#admitted = admitted
    this.#near = new TerminalNear(socket, { ended: (end) => this.#sessionEnded(end), takenOver: () => this.#takenOver() })
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
    socket.on('close', (code) => this.#gone(code))
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
      if (isFailure(error)) return this.#fault(error.code, error.message)
      // Thrown on, it would end the process with everybody's sessions.
      this.#failed(error)
      this.#letGo(new Failure('internal', 'A fault of the gateway.'))
    }
  }

  #take(frame: TerminalFrame): void {
    if (this.#state === 'hello') {
      if (frame.kind !== 'hello') throw new Failure('hello_expected', 'The first frame must be HELLO.')
      return this.#hello(frame.hello)
    }
    const seat = this.#seat
    switch (frame.kind) {
      case 'hello':
        throw new Failure('hello_repeated', 'HELLO may come once.')
      case 'ping':
        return this.#socket.send(encodePing('pong', frame.token))
      case 'pong':
        return
      case 'hidden':
        return seat?.hidden(frame.hidden)
      case 'resize':
        this.#size = { cols: frame.cols, rows: frame.rows }
        return seat?.resize(this.#size)
      case 'answer':
        if (!this.#prompter.answered(frame.answer)) throw new Failure('answer_unexpected', 'Nothing was asked that this answers.')
        return
      case 'input': {
        if (!seat) throw new Failure('frame_unexpected', 'INPUT came before WELCOME.')
        if (!seat.input(frame.bytes)) this.#watch.pause()
        return
      }
      case 'ack':
        if (!seat) throw new Failure('frame_unexpected', 'ACK came before WELCOME.')
        return seat.acknowledged(frame.offset)
      case 'transfer-act':
        if (!seat) throw new Failure('frame_unexpected', 'TRANSFER came before WELCOME.')
        return seat.transfer(frame.act)
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
      case 'transfer':
        throw new Failure('frame_unexpected', `Only a gateway sends ${frame.kind.toUpperCase()}.`)
      default:
        frame satisfies never
    }
  }

  #hello(hello: Hello): void {
    clearTimeout(this.#helloTimer)
    this.#size = { cols: Math.min(hello.cols, maxCols), rows: Math.min(hello.rows, maxRows) }
    if ('resume' in hello) return this.#resume(hello.resume)
    this.#state = 'admitting'
    void this.#redeem(hello.ticket, hello.term ?? 'xterm-256color').catch((error: unknown) => this.#failed(error))
  }

  #resume({ session, key, outputOffset }: Extract<Hello, { resume: unknown }>['resume']): void {
    const found = this.#work.keys.find(session, key, this.#person.cookie)
    this.#admitted()
    if ('session' in found) return this.#sitDown(found.session, outputOffset, this.#work.keys.renew(found.session, key))
    this.#heard = () => this.#work.keys.heard(session)
    this.#finish(endedOf(found.end), 1000)
  }

  async #redeem(ticket: string, term: string): Promise<void> {
    const { link, liveSessions } = this.#work
    if (liveSessions.isFull && this.#person.session === undefined)
      throw new Failure('too_many_sessions', 'This gateway carries as many sessions as it can. Try again later.')
    const { cols, rows } = this.#size
    const { source, cookie } = this.#person
    const signIn = cookie === undefined ? {} : { signIn: createHash('sha256').update(cookie).digest('hex') }
    const redeemed = await link.ask({ ask: 'redeem', ticket, source, cols, rows, term, ...signIn })
    // Admitted, and the person may have gone meanwhile: the session exists in control all the same, so it is opened with an aborted signal and ends by its own report.
    this.#admitted()
    if (this.#state === 'admitting') this.#state = 'opening'
    if (redeemed.kind === 'shell') return this.#open(redeemed.admission, term)
    if (redeemed.kind === 'files') throw new Failure('bad_request', 'A ticket for files is shown to /api/v1/files.')
    const session = liveSessions.get(redeemed.session)
    const isLive = session instanceof Session && !session.end
    if (redeemed.kind === 'watch') return this.#watchSession(isLive ? session : undefined, redeemed)
    if (!isLive) throw notLive()
    if (this.#state === 'opening') this.#sitDown(session, 0, this.#work.keys.issue(session, cookie))
  }

  /** The owner is back, on this connection. `from`: the output that the terminal has. */
  #sitDown(session: Session, from: number, key: string): void {
    const size = session.size
    const { controls, place } = session.attach(this.#near, from)
    this.#welcome(session, size, place, key)
    this.#own(session, controls, place.inputOffset, size)
  }

  #own(session: Session, controls: NearControls, inputOffset: number, size: Size): void {
    const { keys } = this.#work
    this.#state = 'open'
    this.#seat = new OwnerSeat(controls, inputOffset, () => keys.confirmed(session.id), this.#work.terminalTransfers.of(session.id))
    this.#heard = () => keys.heard(session.id)
    controls.onRoom = () => this.#watch.resume()
    if (this.#size.cols !== size.cols || this.#size.rows !== size.rows) controls.resize(this.#size)
    // It ended in the very turn in which its shell opened.
    if (this.#end) this.#finish(endedOf(this.#end), 1000)
  }

  #watchSession(session: Session | undefined, { watch, name, session: id }: Extract<Redeemed, { kind: 'watch' }>): void {
    const over = () => void this.#work.report({ report: 'watch-ended', session: id, watch, at: this.#work.clock.wallMs() }, id)
    if (!session || this.#state !== 'opening') {
      over()
      throw notLive()
    }
    let letGo = () => {}
    const ended = () => {
      letGo()
      over()
    }
    // Before `watch`: the first SCREEN comes after this turn, and WELCOME goes first.
    const place = { outputOffset: 0, inputOffset: 0, parsedOffset: 0 }
    try {
      const controls = session.watch(this.#near, name)
      this.#welcome(session, session.size, place, undefined)
      this.#state = 'open'
      this.#seat = new WatcherSeat(controls, ended)
    } catch (error) {
      over()
      throw error
    }
    letGo = this.#work.watches.add(watch, (text) => {
      this.#finish({ reason: 'revoked', message: text, failure: 'forbidden' }, 1000)
      this.#letGo(new Failure('forbidden', text))
    })
  }

  #welcome(session: Session, size: Size, place: Place, key: string | undefined): void {
    const welcome: Welcome = {
      session: session.id,
      key: key ?? '',
      cols: size.cols,
      rows: size.rows,
      ...place,
      window: initialWindow,
      graceSeconds: Math.round(session.graceMs / 1000),
      ...(key === undefined ? { readOnly: true } : {}),
    }
    this.#near.say('welcome', welcome)
  }

  async #open(admission: Admission, term: string): Promise<void> {
    const { liveSessions, clock, terminalTransfers } = this.#work
    const size = this.#size
    const onEnded = ({ id, end, bytesIn, bytesOut }: SessionReport) => {
      terminalTransfers.remove(id)
      void this.#work.report({ report: 'ended', session: admission.session, end, bytesIn, bytesOut }, id)
    }
    let desk: TransferDesk | undefined
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
      openFar: async (request) => {
        const opened = await openDesk(admission.session, { ...request, size, term }, this.#work)
        desk = opened.desk
        return { far: desk.far, hostKey: opened.hostKey }
      },
      onEnded,
    })
    if (desk && !session.end) {
      desk.serveSession(session)
      terminalTransfers.add(session.id, desk)
    }
    void this.#work.report({ report: 'began', session: admission.session, at: clock.wallMs(), hostKey: hostKey.fingerprint }, admission.session)
    this.#live(session, size)
  }

  #live(session: Session, openedWith: Size): void {
    if (this.#state !== 'opening') return session.begin().left()
    this.#welcome(session, openedWith, { outputOffset: 0, inputOffset: 0, parsedOffset: 0 }, this.#work.keys.issue(session, this.#person.cookie))
    this.#own(session, session.begin(), 0, openedWith)
    this.#sayRecorded()
  }

  /** Once, to whoever opened the session: what the administrator wrote, else the product's own sentence, which pages say in their own language. */
  #sayRecorded(): void {
    const { recordingNotice } = this.#work.link.settings
    if (recordingNotice === undefined) this.#near.notice('info', 'This session is recorded.', { code: 'recorded' })
    else this.#near.notice('info', recordingNotice, { code: 'recording_notice' })
  }

  #failed(error: unknown): void {
    const failure = isFailure(error) ? error : new Failure('internal', 'The gateway failed at this terminal. The fault is in its log.')
    if (!isFailure(error)) this.#work.log.error({ err: error }, 'a terminal is given up by a fault of this program')
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
    this.#finish(endedOf(end), 1000)
  }

  /** The session goes on without this connection: no ENDED. */
  #takenOver(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#heard = () => {}
    this.#close(closeTakenOver)
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
    this.#close(closeCode)
  }

  #close(code: number): void {
    this.#socket.close(code)
    this.#watch.resume()
    setTimeout(() => this.#socket.terminate(), closeWithinMs).unref()
    this.#rest()
  }

  /** Only a close by the person's own will ends the session; whatever else cuts the line begins its grace. */
  #gone(code: number): void {
    const wasOpen = this.#state === 'open'
    this.#state = 'ended'
    this.#rest()
    const why = new Failure('gateway_unavailable', 'The person’s connection is gone.')
    if (!wasOpen || code === closeLeft) {
      if (code !== closedWithoutWord) this.#heard()
      return this.#letGo(why)
    }
    this.#seat?.gone()
    this.#opening.abort(why)
  }

  #letGo(why: Failure): void {
    this.#seat?.left()
    this.#opening.abort(why)
  }

  #rest(): void {
    clearTimeout(this.#helloTimer)
    this.#watch.stop()
    this.#admitted()
  }
}

const notLive = () => new Failure('session_not_found', 'This session is not live any more, or is not yours. Open a new one.')

function endedOf({ reason, message, exitStatus, signal, failure }: SessionEnd): Ended {
  return {
    reason,
    message,
    ...(exitStatus === undefined ? {} : { exitStatus }),
    ...(signal === undefined ? {} : { signal }),
    ...(failure === undefined ? {} : { failure }),
  }
}
