// A long way to a host: every byte arrives later, in both directions, and none is lost. No bound of its own on how much is on the way.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class SlowProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** `roundTripMs`: there and back. */
  static async start(target: number, roundTripMs: number): Promise<SlowProxy> {
    let proxy: SlowProxy | undefined
    const server = createServer((client) => proxy?.join(client, connect(target, '127.0.0.1'), roundTripMs / 2))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy = new SlowProxy(server)
    return proxy
  }

  private join(client: Socket, server: Socket, delayMs: number): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      const later = (act: () => void) => setTimeout(() => to.destroyed || act(), delayMs)
      from.on('data', (bytes: Buffer) => void later(() => to.write(bytes)))
      from.on('end', () => void later(() => to.end()))
      from.on('error', () => undefined)
      from.on('close', () => {
        this.#sockets.delete(from)
        void later(() => to.destroy())
      })
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }
}
