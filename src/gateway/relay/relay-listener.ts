// The way in: the Unix socket on which the other gateways of this machine hand over connections for sessions of this one. Who can reach it is one of them: the folder is closed to all others.
import { lstatSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type GatewayId, gatewayMark, markOf } from '#domain/id.ts'
import { type DoorRefusal, refuse, refuseUpgrade } from '../browser-door/refuse.ts'
import type { Source } from '../browser-door/source-address.ts'
import { readTerminalAddress } from '../browser-door/terminal-address.ts'
import { heldBy, readFilesAddress } from '../files-door/files-address.ts'
import { relaySocketPath } from './relay-path.ts'
import type { Arrived } from './relays.ts'
import { readRelayedSource } from './upgrade-request.ts'

/** As the public door has. */
const maxConnections = 4096
const nothingHere: DoorRefusal = { status: 404, code: 'not_found', message: 'There is nothing at this address.' }
const notVouched: DoorRefusal = { status: 400, code: 'bad_request', message: 'The relaying gateway does not say who came.' }

export class RelayListener {
  readonly #folder: string
  readonly #take: (arrived: Arrived) => void
  readonly #takeRequest: (request: IncomingMessage, response: ServerResponse, source: Source) => void
  #mark: string | undefined
  #server: Server | undefined
  #listening: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(folder: string, take: (arrived: Arrived) => void, takeRequest: (request: IncomingMessage, response: ServerResponse, source: Source) => void) {
    this.#folder = folder
    this.#take = take
    this.#takeRequest = takeRequest
  }

  /** By which sessions name this gateway; kept while the link to control is down. */
  get mark(): string | undefined {
    return this.#mark
  }

  /** Idempotent for one id; with another it moves. What a killed process left in its place is removed. Rejects when something else stands there or the folder cannot be used. */
  listenAs(id: GatewayId): Promise<void> {
    const mark = gatewayMark(id)
    if (mark === this.#mark || this.#isClosed) return this.#listening
    this.#server?.close()
    this.#mark = mark
    this.#listening = this.#listen(relaySocketPath(this.#folder, mark))
    return this.#listening
  }

  /** Takes no more and removes the socket; connections that were handed over go on. */
  close(): void {
    this.#isClosed = true
    this.#server?.close()
    this.#server?.closeAllConnections()
  }

  async #listen(path: string): Promise<void> {
    const stale = lstatSync(path, { throwIfNoEntry: false })
    if (stale && !stale.isSocket()) throw new Error(`${path} is in the way: it is not a socket. Move it elsewhere.`)
    if (stale) rmSync(path)
    // Twice what the door takes: written again, a head may have grown by a space in each line.
    // Bodies take as long as the pieces of a file: the gateway that took them from a stranger bounds that.
    const server = createServer({ maxHeaderSize: 32 * 1024, headersTimeout: 10_000, requestTimeout: 0, connectionsCheckingInterval: 5000 })
    this.#server = server
    server.maxConnections = maxConnections
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#request(request, response))
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    })
  }

  /** Only for sessions of this gateway: what was relayed once is never relayed again, so there is no circle. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const session = readTerminalAddress(request.url)?.session
    if (!session || markOf(session) !== this.#mark) return refuseUpgrade(socket, nothingHere, false)
    const source = readRelayedSource(request)
    if (!source) return refuseUpgrade(socket, notVouched, false)
    this.#take({ request, socket, head, session, source })
  }

  /** As for upgrades: for sessions of this gateway alone. */
  #request(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => undefined)
    const address = readFilesAddress(request.url)
    const session = address && heldBy(address)
    if (!session || markOf(session) !== this.#mark) return refuse(response, nothingHere, false)
    const source = readRelayedSource(request)
    if (!source) return refuse(response, notVouched, false)
    this.#takeRequest(request, response, source)
  }
}
