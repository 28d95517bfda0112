// The public web listener: pages, `/api` for control, `/terminal`. Plain node:http, since a door to strangers needs few parsers and three routes.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { FilesDoor, type FilesWork } from '../files-door/files-door.ts'
import { heldBy, isFilesPath, readFilesAddress } from '../files-door/files-address.ts'
import type { Arrived, Relays } from '../relay/relays.ts'
import type { RequestRelay } from '../relay/request-relay.ts'
import { ApiProxy } from './api-proxy.ts'
import { OwnNames } from './own-names.ts'
import { type DoorRefusal, refuse, refuseUpgrade } from './refuse.ts'
import { securityHeaders } from './security-headers.ts'
import { type Source, SourceAddresses } from './source-address.ts'
import { readTerminalAddress } from './terminal-address.ts'
import { TerminalDoor, type TerminalWork } from './terminal-door.ts'
import { WaitingRoom } from './waiting-room.ts'
import { encodingFor, WebFiles } from './web-files.ts'
import { boundWholeRequest } from './whole-request.ts'

export type Tls = { cert: string; key: string }
export type BrowserDoorOptions = {
  http: { host: string; port: number }
  tls?: Tls | undefined
  publicUrls: readonly string[]
  /** CIDR blocks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  behindProxy: readonly string[]
  webFolder: string
  controlSocket: string
}
/** What stands behind the door; until it is given everything but `/healthz` is answered with 503. */
export type BehindDoor = TerminalWork & FilesWork & { apiToken(): string | undefined; relays: Relays; requestRelay: RequestRelay }

// Slow strangers: headers within 10 s, an idle connection 30 s, a whole request as `whole-request.ts` has it; and no more sockets than file descriptors allow.
const slowness: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 0,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000,
}
const maxConnections = 4096
const idleSocketMs = 120_000
/** What a URL may be made of when it is passed on: anything else is nobody's honest request. */
const plainUrl = /^\/[\x21-\x7e]*$/

const starting: DoorRefusal = { status: 503, code: 'gateway_unavailable', message: 'Sallyport is starting. Try again in a moment.', retryAfterSeconds: 1 }

export class BrowserDoor {
  readonly #server: Server | TlsServer
  readonly #options: BrowserDoorOptions
  readonly #sources: SourceAddresses
  readonly #files: WebFiles
  #names: OwnNames
  readonly #waitingRoom = new WaitingRoom()
  #behind: BehindDoor | undefined
  #proxy: ApiProxy | undefined
  #terminals: TerminalDoor | undefined
  #hostFiles: FilesDoor | undefined
  #isClosing = false

  private constructor(options: BrowserDoorOptions) {
    this.#options = options
    this.#sources = new SourceAddresses(options.behindProxy, options.tls !== undefined)
    this.#files = new WebFiles(options.webFolder)
    this.#names = this.#ownNames(options.http.port)
    // Only WebSocket is an upgrade: `curl --http2` offers h2c with every request and must get its page.
    const server: ServerOptions = { ...slowness, shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket' }
    this.#server = options.tls ? createTlsServer({ ...server, ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }) : createServer(server)
    this.#server.maxConnections = maxConnections
    this.#server.timeout = idleSocketMs
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#request(request, response))
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
  }

  /** Listens beside the other gateways on the same port (`SO_REUSEPORT`). `onListening` is called in the same turn, before anything is read from anyone: the place to give up privileges. Rejects when the address is taken or not ours. */
  static async listen(options: BrowserDoorOptions, onListening: () => void = () => undefined): Promise<BrowserDoor> {
    const door = new BrowserDoor(options)
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject)
      door.#server.listen({ ...options.http, reusePort: true }, () => {
        door.#server.off('error', reject)
        try {
          onListening()
          resolve()
        } catch (error) {
          door.#server.close()
          reject(error)
        }
      })
    })
    door.#names = door.#ownNames(door.port)
    return door
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** WebSockets of terminals, closing ones too. */
  get terminals(): number {
    return this.#terminals?.size ?? 0
  }

  open(behind: BehindDoor): void {
    this.#behind = behind
    this.#proxy = new ApiProxy({ socketPath: this.#options.controlSocket, token: () => behind.apiToken() })
    this.#terminals = new TerminalDoor(behind, this.#names, this.#sources, behind.relays)
    this.#hostFiles = new FilesDoor(behind)
  }

  /** Origins that an administrator has added; those of the start and of the listener always stay. */
  alsoKnownAs(urls: readonly string[]): void {
    this.#names.alsoKnownAs(urls)
  }

  /** Control can be asked: those who came early are let in. */
  admit(): void {
    this.#waitingRoom.open()
  }

  /** An upgrade that came by the relay of this machine's gateways. */
  relayed(arrived: Arrived): void {
    if (this.#terminals) return this.#terminals.relayed(arrived)
    refuseUpgrade(arrived.socket, starting, arrived.source.secure)
  }

  /** A request about files that came by the relay: the gateway that took it has judged host and origin, and bounds its body. */
  relayedRequest(request: IncomingMessage, response: ServerResponse, source: Source): void {
    if (this.#hostFiles) return this.#hostFiles.take(request, response, source)
    refuse(response, starting, source.secure)
  }

  /** New handshakes use the new certificate; connections that are open keep theirs. Throws when the pair does not fit together. */
  replaceTls(tls: Tls): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
  }

  /** Frees the port for other gateways; open connections go on. */
  stopAccepting(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#server.close()
    this.#server.closeIdleConnections()
    this.#waitingRoom.open()
    this.#terminals?.stopAccepting()
  }

  close(): void {
    this.stopAccepting()
    this.#server.closeAllConnections()
  }

  #ownNames(port: number): OwnNames {
    return new OwnNames({ host: this.#options.http.host, port, tls: this.#options.tls !== undefined, publicUrls: this.#options.publicUrls })
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const source = this.#sources.of(request)
    // A person who hangs up in the middle of a request is nobody's fault.
    request.on('error', () => undefined)
    const url = request.url ?? ''
    const path = url.split('?', 1)[0] ?? ''
    const isAboutFiles = isFilesPath(path)
    boundWholeRequest(request, response, isAboutFiles && request.method === 'PUT')
    if (this.#isClosing) response.setHeader('connection', 'close')
    if (path === '/healthz') return this.#tellHealth(response, true)
    if (path === '/readyz') return this.#tellHealth(response, !this.#isClosing && this.#behind?.apiToken() !== undefined)
    const host = this.#names.judgeHost(request.headers.host)
    if (host) return refuse(response, host, source.secure)
    if (!plainUrl.test(url))
      return refuse(response, { status: 400, code: 'bad_request', message: 'The address has characters that must be percent-encoded.' }, source.secure)
    const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
    const { origin } = request.headers
    if ((isChange || isAboutFiles) && origin !== undefined && !this.#names.isOrigin(origin))
      return refuse(response, this.#names.foreignOrigin(origin), source.secure)
    if (isAboutFiles) return this.#waitingRoom.pass(() => this.#aboutFiles(request, response, source))
    if (path === '/api' || path.startsWith('/api/')) return this.#waitingRoom.pass(() => this.#api(request, response, source))
    if (readTerminalAddress(path)) return refuse(response, { status: 400, code: 'bad_request', message: 'This address is a WebSocket.' }, source.secure)
    if (isChange) return refuse(response, { status: 405, code: 'method_not_allowed', message: 'Pages can only be read.' }, source.secure)
    this.#page(request, response, path, source.secure)
  }

  #api(request: IncomingMessage, response: ServerResponse, source: Source): void {
    // Gone while the gateway started.
    if (response.destroyed) return
    if (this.#proxy) return this.#proxy.forward(request, response, source)
    refuse(
      response,
      { status: 503, code: 'control_unreachable', message: 'Sallyport is starting. Try again in a moment.', retryAfterSeconds: 1 },
      source.secure,
    )
  }

  #aboutFiles(request: IncomingMessage, response: ServerResponse, source: Source): void {
    if (response.destroyed) return
    if (!this.#behind || !this.#hostFiles) return refuse(response, starting, source.secure)
    const address = readFilesAddress(request.url)
    const session = address && heldBy(address)
    if (session && this.#behind.relays.isElsewhere(session)) return this.#behind.requestRelay.carry(request, response, session, source)
    this.#hostFiles.take(request, response, source)
  }

  #page(request: IncomingMessage, response: ServerResponse, path: string, secure: boolean): void {
    if (!this.#files.isBuilt)
      return refuse(response, { status: 503, code: 'gateway_unavailable', message: 'The pages are not built: run "npm start", or "vite build".' }, secure)
    const file = this.#files.find(path)
    if (!file) return refuse(response, { status: 404, code: 'not_found', message: 'There is nothing at this address.' }, secure)
    const isDocument = file.type.startsWith('text/html')
    const kind = isDocument ? 'page' : 'data'
    const { body, encoding } = encodingFor(file, String(request.headers['accept-encoding'] ?? ''))
    const headers = {
      ...securityHeaders(kind, secure),
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      etag: file.etag,
    }
    if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304, headers).end()
    response.writeHead(200, { ...headers, 'content-type': file.type, 'content-length': body.length, ...(encoding ? { 'content-encoding': encoding } : {}) })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  /** For load balancers, which come by address: says nothing but this, under any name. */
  #tellHealth(response: ServerResponse, isWell: boolean): void {
    response.writeHead(isWell ? 200 : 503, { ...securityHeaders('data', false), 'content-type': 'text/plain', 'cache-control': 'no-store' })
    response.end(isWell ? 'ok\n' : 'not ready\n')
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The socket is ours alone from here; a reset while it is being refused has no one to be told to.
    socket.on('error', () => socket.destroy())
    this.#waitingRoom.pass(() => {
      if (socket.destroyed) return
      if (this.#terminals) return this.#terminals.upgrade(request, socket, head)
      refuseUpgrade(socket, starting, false)
    })
  }
}
