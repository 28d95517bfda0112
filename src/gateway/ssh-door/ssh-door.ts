// The public SSH listener: accepts, bounds who has not signed in, and hands on who has.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { readDoorUser } from '#domain/door-user.ts'
import { isFailure } from '#domain/failure.ts'
import { DisconnectReason, ServerTransport } from '#ssh/server-transport.ts'
import { doorKeys, type DoorKeys } from '#ssh/door-keys.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import { ServerAuth } from '#ssh/server-auth.ts'
import { SocketLine } from '#ssh/socket-line.ts'
import { WaitingRoom } from '../browser-door/waiting-room.ts'
import { plainAddress } from '../plain-address.ts'
import { DoorConnection } from './door-connection.ts'
import type { Target } from './admit.ts'
import { DoorAuthenticator, type SignedIn } from './door-sign-in.ts'
import type { Caller, DoorWork } from './door-work.ts'
import { serveEnrollment } from './enrollment.ts'
import { DoorForwarding } from './forwards/door-forwarding.ts'
import { type Stranger, Strangers } from './strangers.ts'

/** What the door calls itself, after `SSH-2.0-`. */
const ident = 'Sallyport'
/** No more than file descriptors allow, beside those of the browser door. */
const maxConnections = 4096
const closingText = 'Sallyport is restarting. Connect again in a moment.'

export class SshDoor {
  readonly #server: Server
  readonly #strangers = new Strangers()
  readonly #transports = new Set<ServerTransport>()
  readonly #waitingRoom = new WaitingRoom()
  readonly #closing = new AbortController()
  #behind: DoorWork | undefined
  #keys: DoorKeys | undefined

  private constructor() {
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket))
    this.#server.maxConnections = maxConnections
  }

  /** Listens beside the other gateways on the same port (`SO_REUSEPORT`); nothing is read from anyone before `open`. Rejects when the address is taken or not ours. */
  static async listen(place: { host: string; port: number }): Promise<SshDoor> {
    const door = new SshDoor()
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject)
      door.#server.listen({ ...place, reusePort: true }, () => {
        door.#server.off('error', reject)
        resolve()
      })
    })
    return door
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections of ssh clients, signed in or not. */
  get size(): number {
    return this.#transports.size
  }

  open(behind: Omit<DoorWork, 'closing'>): void {
    this.#behind = { ...behind, closing: this.#closing.signal }
  }

  /** Control can be asked: takes the keys that the door shows, and lets in who came early. Throws what the link throws, or when a key is none. */
  async admit(): Promise<void> {
    const answer = await this.#behind?.link.ask({ ask: 'door-keys' })
    if (answer) this.#keys = doorKeys(answer.keys.map(({ privateKey }) => readPrivateKey(privateKey)))
    this.#waitingRoom.open()
  }

  /** Frees the port for other gateways. Who has not signed in is told and leaves; what runs goes on until it has ended, and nothing new is begun. */
  stopAccepting(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#server.close()
    this.#strangers.close()
    this.#waitingRoom.open()
    for (const transport of this.#transports) if (!transport.isSignedIn) transport.disconnect(DisconnectReason.byApplication, closingText)
  }

  close(): void {
    this.stopAccepting()
    for (const transport of this.#transports) transport.disconnect(DisconnectReason.byApplication, closingText)
  }

  #accept(socket: Socket): void {
    const acceptedAtMs = performance.now()
    // Until somebody listens, an error without any listener would end the process.
    socket.on('error', () => undefined)
    const source = plainAddress(socket.remoteAddress ?? '')
    let transport: ServerTransport | undefined
    const stranger: Stranger = {
      source,
      get isOpened() {
        return transport !== undefined && transport.sessionId.length > 0
      },
      enter: () => this.#waitingRoom.pass(enter),
      shed: () => (transport ? transport.close() : turnAway(socket, 'Too many connections are being opened at once. Try again in a moment.')),
    }
    const left = () => this.#strangers.leave(stranger)
    const enter = () => {
      if (socket.destroyed) return
      const behind = this.#behind
      const keys = this.#keys
      const isClosing = this.#closing.signal.aborted
      if (isClosing || !behind || !keys) return turnAway(socket, isClosing ? closingText : 'Sallyport is starting. Try again in a moment.')
      const made = new ServerTransport({ line: new SocketLine(socket), keys, ident, acceptedAtMs })
      transport = made
      this.#transports.add(made)
      made.gone.addEventListener('abort', () => this.#transports.delete(made), { once: true })
      this.#serve(made, behind, keys, source, left).catch((error: unknown) => {
        // What a client did, or did not, is nobody's fault here.
        if (isFailure(error)) return behind.log.info({ failure: error.code, source }, error.message)
        behind.log.error({ err: error }, 'an ssh connection is given up by a fault of this program')
        made.close()
      })
    }
    socket.once('close', left)
    this.#strangers.come(stranger)
  }

  async #serve(transport: ServerTransport, behind: DoorWork, keys: DoorKeys, source: string, left: () => void): Promise<void> {
    await transport.handshake()
    const caller: Caller = { source, client: transport.clientIdent.replace(/^SSH-[\d.]+-/, '') }
    const unused = ({ signIn }: SignedIn) => void behind.report({ report: 'signed-out', signIn, at: behind.clock.wallMs() })
    const authenticator = new DoorAuthenticator(behind, caller, unused)
    const user = await new ServerAuth(transport, authenticator).signIn().catch((cause: unknown) => {
      authenticator.abandon()
      throw cause
    })
    left()
    const { signedIn, enrollment } = authenticator
    if (enrollment) return serveEnrollment(transport, enrollment, behind)
    if (!signedIn) throw new Error('somebody was let in whom control does not know')
    const connection = new DoorConnection({
      transport,
      work: behind,
      caller,
      signedIn,
      target: targetIn(user),
      forwarding: (made) => new DoorForwarding(made, { keys, ident }),
      over: () => undefined,
    })
    behind.log.info({ operator: signedIn.operator.username, source, target: connection.target?.asset }, 'signed in by ssh')
  }
}

/** Where the user name says that they go. */
function targetIn(user: string): Target | undefined {
  const typed = readDoorUser(user)
  return typed && 'asset' in typed && typed.asset !== undefined ? { asset: typed.asset, account: typed.account } : undefined
}

/** Before SSH begins, as OpenSSH says it: a line of text. */
function turnAway(socket: Socket, text: string): void {
  socket.end(`${text}\r\n`)
  socket.destroySoon()
}
