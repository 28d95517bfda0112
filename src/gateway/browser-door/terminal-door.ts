// Upgrades of `/terminal`: who may become a WebSocket at all, how many strangers at once, and which are for another gateway of this machine.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { SessionId } from '#domain/id.ts'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import type { Report } from '#wire/link.ts'
import { apiTokenPrefix, readBearer } from '#wire/api-token.ts'
import { readCookie } from '#wire/sign-in-cookie.ts'
import { maxFrameBytes, terminalSubprotocol } from '#wire/terminal.ts'
import type { TerminalConnections } from '../far/terminal-connections.ts'
import type { Link } from '../link/link.ts'
import type { SessionRequest } from '../open-session.ts'
import type { Arrived, Relays } from '../relay/relays.ts'
import type { OwnNames } from './own-names.ts'
import { type DoorRefusal, refuseUpgrade } from './refuse.ts'
import type { SourceAddresses } from './source-address.ts'
import { readTerminalAddress } from './terminal-address.ts'
import type { ResumeKeys } from './resume-keys.ts'
import type { Watches } from './watches.ts'
import type { TerminalTransfers } from '../transfer/terminal-transfers.ts'
import { TerminalSocket } from './terminal-socket.ts'

/** What a terminal needs of the gateway. */
export type TerminalWork = {
  link: Pick<Link, 'ask' | 'settings'>
  liveSessions: LiveSessions
  clock: Clock
  /** Hands a report to the link; resolves when control has taken or refused it, and never rejects. */
  report(body: Report, session: string): Promise<void>
  opening: Pick<SessionRequest, 'link' | 'tapSource' | 'history' | 'screens' | 'log' | 'listeners'>
  keys: ResumeKeys
  watches: Watches
  terminalConnections: TerminalConnections
  terminalTransfers: TerminalTransfers
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
  readonly #relays: Pick<Relays, 'isElsewhere' | 'carry'>
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

  constructor(work: TerminalWork, names: OwnNames, sources: SourceAddresses, relays: Pick<Relays, 'isElsewhere' | 'carry'>) {
    this.#work = work
    this.#names = names
    this.#sources = sources
    this.#relays = relays
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Of a stranger. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const source = this.#sources.of(request)
    const address = readTerminalAddress(request.url)
    if (!address) return refuseUpgrade(socket, nothingHere, source.secure)
    const refusal = this.#judgeOrigin(request) ?? this.#judge(request, source.address)
    if (refusal) return refuseUpgrade(socket, refusal, source.secure)
    const { session } = address
    if (!session || !this.#relays.isElsewhere(session)) return this.#accept({ request, socket, head, session, source })
    // Until the other gateway answers, it takes a stranger's place here.
    this.#relays.carry({ request, socket, head, session, source }, this.#stranger(source.address))
  }

  /** Of a gateway of this machine, which has judged host and origin, and says who came. */
  relayed(arrived: Arrived): void {
    const refusal = this.#judge(arrived.request, arrived.source.address)
    if (refusal) return refuseUpgrade(arrived.socket, refusal, arrived.source.secure)
    this.#accept(arrived)
  }

  /** No further upgrades; those who wait for their session are told. */
  stopAccepting(): void {
    this.#isClosing = true
    for (const socket of this.#sockets) socket.refuse('shutting_down', 'Sallyport is restarting. Try again in a moment.')
  }

  #accept({ request, socket, head, session, source }: Omit<Arrived, 'session'> & { session: SessionId | undefined }): void {
    this.#upgrader.handleUpgrade(request, socket, head, (accepted) => {
      request.socket.setNoDelay(true)
      request.socket.setTimeout(0)
      // A program's token stands for it as the cookie does for a browser: a ticket and a resume must come with the same one.
      const shown = readCookie(request.headers.cookie, source.secure) ?? readBearer(request.headers.authorization)
      const person = { source: source.address, cookie: shown, session }
      const terminal = new TerminalSocket(accepted, person, this.#work, this.#stranger(source.address))
      this.#sockets.add(terminal)
      accepted.on('close', () => this.#sockets.delete(terminal))
    })
  }

  #judgeOrigin(request: IncomingMessage): DoorRefusal | undefined {
    const host = this.#names.judgeHost(request.headers.host)
    if (host) return host
    const { origin, authorization, cookie } = request.headers
    // Every browser says its origin. What has none is a program, and shows by whose token it comes; control judges the token with the ticket.
    const isProgram = origin === undefined && (readBearer(authorization) ?? '').startsWith(apiTokenPrefix) && cookie === undefined
    return isProgram || this.#names.isOrigin(origin) ? undefined : this.#names.foreignOrigin(origin)
  }

  #judge(request: IncomingMessage, source: string): DoorRefusal | undefined {
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

  /** Takes a stranger's place; what is answered gives it back, once. */
  #stranger(source: string): () => void {
    let isStranger = true
    this.#count(source, 1)
    return () => {
      if (isStranger) this.#count(source, -1)
      isStranger = false
    }
  }

  #count(source: string, by: 1 | -1): void {
    this.#strangersInAll += by
    const count = (this.#strangers.get(source) ?? 0) + by
    if (count > 0) this.#strangers.set(source, count)
    else this.#strangers.delete(source)
  }
}
