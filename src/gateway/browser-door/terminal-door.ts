// Upgrades of `/terminal`: who may become a WebSocket at all, and how many strangers at once.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import type { Report } from '#wire/link.ts'
import { readCookie } from '#wire/sign-in-cookie.ts'
import { maxFrameBytes, terminalSubprotocol } from '#wire/terminal.ts'
import type { Link } from '../link/link.ts'
import type { SessionRequest } from '../open-session.ts'
import type { OwnNames } from './own-names.ts'
import { type DoorRefusal, refuseUpgrade } from './refuse.ts'
import type { SourceAddresses } from './source-address.ts'
import { readTerminalAddress } from './terminal-address.ts'
import { TerminalSocket } from './terminal-socket.ts'

/** What a terminal needs of the gateway. */
export type TerminalWork = {
  link: Pick<Link, 'ask' | 'settings'>
  liveSessions: LiveSessions
  clock: Clock
  /** Hands a report to the link; never throws. */
  report(body: Report, session: string): void
  opening: Pick<SessionRequest, 'link' | 'tapSource' | 'log' | 'listeners'>
  log: Logger
}

/** Sockets whose ticket has not been redeemed yet. */
const maxStrangers = 200
const maxStrangersPerSource = 50
const nothingHere: DoorRefusal = { status: 404, code: 'not_found', message: 'There is no WebSocket at this address.' }

export class TerminalDoor {
  readonly #work: TerminalWork
  readonly #names: OwnNames
  readonly #sources: SourceAddresses
  readonly #sockets = new Set<TerminalSocket>()
  readonly #strangers = new Map<string, number>()
  #strangersInAll = 0
  #isClosing = false
  // Twice the largest frame, so that one a little too large is answered by its name; beyond it the WebSocket layer closes with 1009.
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 2 * maxFrameBytes,
    // Nothing of ours fragments; what does may hold 64 pieces.
    maxFragments: 64,
    handleProtocols: () => terminalSubprotocol,
  })

  constructor(work: TerminalWork, names: OwnNames, sources: SourceAddresses) {
    this.#work = work
    this.#names = names
    this.#sources = sources
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const source = this.#sources.of(request)
    const address = readTerminalAddress(request.url)
    const refusal = address ? this.#judge(request, source.address) : nothingHere
    if (!address || refusal) return refuseUpgrade(socket, refusal ?? nothingHere, source.secure)
    this.#upgrader.handleUpgrade(request, socket, head, (accepted) => {
      request.socket.setNoDelay(true)
      request.socket.setTimeout(0)
      const person = { source: source.address, cookie: readCookie(request.headers.cookie, source.secure), session: address.session }
      let isStranger = true
      this.#count(source.address, 1)
      const admitted = () => {
        if (isStranger) this.#count(source.address, -1)
        isStranger = false
      }
      const terminal = new TerminalSocket(accepted, person, this.#work, admitted)
      this.#sockets.add(terminal)
      accepted.on('close', () => this.#sockets.delete(terminal))
    })
  }

  /** No further upgrades; those who wait for their session are told. */
  stopAccepting(): void {
    this.#isClosing = true
    for (const socket of this.#sockets) socket.refuse('shutting_down', 'Sallyport is restarting. Try again in a moment.')
  }

  #judge(request: IncomingMessage, source: string): DoorRefusal | undefined {
    const host = this.#names.judgeHost(request.headers.host)
    if (host) return host
    const { origin } = request.headers
    if (!this.#names.isOrigin(origin)) return this.#names.foreignOrigin(origin)
    const protocols = String(request.headers['sec-websocket-protocol'] ?? '').split(',')
    if (!protocols.some((protocol) => protocol.trim() === terminalSubprotocol))
      return { status: 400, code: 'bad_request', message: `The WebSocket must speak ${terminalSubprotocol}.` }
    const busy: DoorRefusal = {
      status: 503,
      code: 'gateway_unavailable',
      message: 'This gateway takes no more connections now. Try again in a moment.',
      retryAfterSeconds: 2,
    }
    if (this.#isClosing) return busy
    return this.#strangersInAll >= maxStrangers || (this.#strangers.get(source) ?? 0) >= maxStrangersPerSource ? busy : undefined
  }

  #count(source: string, by: 1 | -1): void {
    this.#strangersInAll += by
    const count = (this.#strangers.get(source) ?? 0) + by
    if (count > 0) this.#strangers.set(source, count)
    else this.#strangers.delete(source)
  }
}
