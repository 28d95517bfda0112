// All links that are up: the newest of each gateway, found by gateway or by the token that its people's requests carry.
import { WebSocketServer } from 'ws'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import { type DoorSettings, linkSubprotocol, maxLinkBlockBytes, type Probe, type ProbeAnswer } from '#wire/link.ts'
import { LinkedGateway } from './linked-gateway.ts'
import type { LinkWork, Wish } from './link-work.ts'

export const linkPath = '/link'
/** Connections that have not been welcomed yet; each is given 5 s. */
const maxStrangers = 32
/** One gateway per core on one machine, and later a few dozen machines. */
const maxLinks = 512
const maxProbes = 64
const probeMs = 30_000

export class LiveLinks {
  readonly #work: LinkWork
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxLinkBlockBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(linkSubprotocol) ? linkSubprotocol : false),
  })
  readonly #open = new Set<LinkedGateway>()
  readonly #byGateway = new Map<GatewayId, LinkedGateway>()
  /** To which gateway a probe that is under way was sent, by its lease. */
  readonly #leases = new Map<string, GatewayId>()
  #probes = 0
  #next = 0
  #closing = false

  constructor(work: LinkWork) {
    this.#work = work
  }

  /** Takes the upgrade of a request to `/link`; anything else is answered and closed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that resets during the upgrade must not end the process.
    socket.on('error', () => socket.destroy())
    if (request.url !== linkPath) return answerAndClose(socket, '404 Not Found')
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!offered.includes(linkSubprotocol)) return answerAndClose(socket, '400 Bad Request')
    const strangers = this.#open.size - this.#byGateway.size
    if (this.#closing || strangers >= maxStrangers || this.#open.size >= maxLinks) return answerAndClose(socket, '503 Service Unavailable')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const link = new LinkedGateway(webSocket, this.#work, (welcomed) => this.#onWelcome(welcomed))
      this.#open.add(link)
      webSocket.on('close', () => this.#onClosed(link))
    })
  }

  /** Links that are open, welcomed or not. */
  get size(): number {
    return this.#open.size
  }

  isLinked(gateway: string): boolean {
    return this.#byGateway.get(gateway as GatewayId)?.isLive === true
  }

  isGatewayToken(token: string): boolean {
    let known = false
    for (const link of this.#byGateway.values()) if (link.hasToken(token)) known = true
    return known
  }

  /** False when the gateway has no link or gave no receipt: the row's wish is repeated with its next beat. */
  async push(gateway: string, wish: Wish): Promise<boolean> {
    return (await this.#byGateway.get(gateway as GatewayId)?.push(wish)) ?? false
  }

  /** Every gateway that is live. */
  tellSettings(settings: DoorSettings): void {
    for (const link of this.#byGateway.values()) link.tellSettings(settings)
  }

  /** Asks the live gateways in turn. Throws `gateway_unavailable` without one, `rate_limited` when 64 probes run, and what the gateway answers. */
  async probe(body: Probe, signal?: AbortSignal): Promise<ProbeAnswer> {
    const live = [...this.#byGateway.values()].filter((link) => link.isLive)
    const link = live[this.#next++ % Math.max(1, live.length)]
    if (!link) throw new Failure('gateway_unavailable', 'No gateway is connected. Wait until one is live, then try again.')
    if (this.#probes >= maxProbes) throw new Failure('rate_limited', 'Too many hosts are being looked at. Wait for one to end and try again.')
    this.#probes += 1
    if (link.gateway) this.#leases.set(body.lease, link.gateway)
    try {
      const answer = await link.probe(body, probeMs, signal)
      if (answer.probe !== body.probe) throw new Failure('internal', 'The gateway answered another question.')
      return answer
    } finally {
      this.#probes -= 1
      this.#leases.delete(body.lease)
    }
  }

  /** Whether a probe runs under this lease that was sent to this gateway. */
  isProbing(gateway: string, lease: string): boolean {
    return this.#leases.get(lease) === gateway
  }

  /** Closes every link and waits until what they had sent is committed. */
  async close(): Promise<void> {
    this.#closing = true
    const open = [...this.#open]
    for (const link of open) link.close(1001, 'control stops')
    await Promise.all(open.map((link) => link.settled()))
    this.#sockets.close()
  }

  #onWelcome(link: LinkedGateway): void {
    if (!link.gateway) return
    const older = this.#byGateway.get(link.gateway)
    this.#byGateway.set(link.gateway, link)
    older?.close(4001, 'a newer link took over')
  }

  #onClosed(link: LinkedGateway): void {
    this.#open.delete(link)
    if (link.gateway && this.#byGateway.get(link.gateway) === link) this.#byGateway.delete(link.gateway)
  }
}

function answerAndClose(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
