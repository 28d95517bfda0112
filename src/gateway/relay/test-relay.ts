// For tests: a public door that relays whatever upgrade it gets, a gateway behind its own relay socket, and raw sockets between them.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pino } from 'pino'
import { GatewayId, SessionId } from '#domain/id.ts'
import type { Source } from '../browser-door/source-address.ts'
import { readTerminalAddress } from '../browser-door/terminal-address.ts'
import { RelayListener } from './relay-listener.ts'
import { type Arrived, Relays, type RelaysOptions } from './relays.ts'

export const thereId = GatewayId.parse(`gw_theregwy${'a'.repeat(16)}`)
export const there = SessionId.parse(`se_theregwy${'b'.repeat(24)}`)
export const nobodys = SessionId.parse(`se_nobodyss${'b'.repeat(24)}`)

/** The front is gateway `heregwyy`; what it relays comes out of `arrived`. */
export class TestRelay {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-relay-'))
  readonly relays: Relays
  readonly listener: RelayListener
  /** What the gateway there does with what it is handed; default: accepts it without a word of WebSocket, and ends when the other side does. */
  onArrived: (arrived: Arrived) => void = ({ socket }) => {
    socket.write(accepted)
    socket.on('end', () => socket.end()).resume()
  }
  onRequest: (request: IncomingMessage, response: ServerResponse, source: Source) => void = (request, response) => void request.pipe(response)
  arrived: Arrived[] = []
  /** Times that the front gave back a stranger's place. */
  answered = 0
  readonly #front: Server
  readonly #wires: Wire[] = []

  constructor(options: Partial<RelaysOptions> = {}) {
    this.relays = new Relays({ folder: this.folder, ownMark: () => 'heregwyy', log: pino({ level: 'silent' }), ...options })
    this.listener = new RelayListener(
      this.folder,
      (arrived) => {
        this.arrived.push(arrived)
        this.onArrived(arrived)
      },
      (request, response, source) => this.onRequest(request, response, source),
    )
    this.#front = createServer().on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      const session = readTerminalAddress(request.url)?.session
      if (!session) throw new Error('tests ask for sessions')
      this.relays.carry({ request, socket, head, session, source: { address: '192.0.2.7', secure: true } }, () => (this.answered += 1))
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#front.listen(0, '127.0.0.1', resolve))
    await this.listener.listenAs(thereId)
  }

  async stop(): Promise<void> {
    await this.relays.drain(0)
    for (const { socket } of [...this.arrived, ...this.#wires]) socket.destroy()
    this.listener.close()
    this.#front.closeAllConnections()
    await new Promise((resolve) => this.#front.close(resolve))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Asks the front for an upgrade; `more` are header lines, `after` is sent behind them. */
  knock(session: SessionId = there, more: readonly string[] = [], after = '', method = 'GET'): Wire {
    return this.#wire({ port: (this.#front.address() as AddressInfo).port, host: '127.0.0.1' }, `${method} /terminal/${session}?q=1 HTTP/1.1`, more, after)
  }

  #wire(...words: ConstructorParameters<typeof Wire>): Wire {
    const wire = new Wire(...words)
    this.#wires.push(wire)
    return wire
  }

  /** As another gateway does, or somebody who would like to be one. */
  knockAtSocket(firstLine: string, more: readonly string[] = [], mark = 'theregwy'): Wire {
    return this.#wire({ path: join(this.folder, `${mark}.sock`) }, firstLine, more, '')
  }
}

export const accepted = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** A client's raw socket, half-open as TCP allows. */
export class Wire {
  readonly socket: Socket
  heard = Buffer.alloc(0)
  ended = false
  closed = false

  constructor(to: { port: number; host: string } | { path: string }, firstLine: string, more: readonly string[], after: string) {
    const upgrade = more.some((line) => line.startsWith('Connection: close')) ? [] : ['Connection: Upgrade', 'Upgrade: websocket']
    const lines = [firstLine, 'Host: localhost', ...upgrade, ...more]
    this.socket = connect({ ...to, allowHalfOpen: true }, () => this.socket.write(`${lines.join('\r\n')}\r\n\r\n${after}`, 'latin1'))
    this.socket.on('data', (chunk: Buffer) => (this.heard = Buffer.concat([this.heard, chunk])))
    this.socket.on('end', () => (this.ended = true))
    this.socket.on('close', () => (this.closed = true))
    this.socket.on('error', () => undefined)
  }

  get text(): string {
    return this.heard.toString('latin1')
  }

  /** Status and code of an answer that is no upgrade. */
  get refusal(): string | undefined {
    const code = /"code":"(\w+)"/.exec(this.text)?.[1]
    return code && `${this.text.slice(9, 12)} ${code}`
  }
}

/** Answers what `find` finds, asked again and again; throws after 10 s. */
export async function until<Found>(what: string, find: () => Found | undefined | false): Promise<Found> {
  for (const late = Date.now() + 10_000; Date.now() < late; await new Promise((resolve) => setTimeout(resolve, 5))) {
    const found = find()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`waited 10 s for ${what}`)
}
