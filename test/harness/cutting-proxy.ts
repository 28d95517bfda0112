// A TCP proxy as they stand between people and products: it passes bytes on, and cuts, stalls or refuses when a test says so.
import { type AddressInfo, createServer, connect, type Socket } from 'node:net'

type Pair = { client: Socket; server: Socket; isTerminal: boolean }

export class CuttingProxy {
  readonly port: number
  /** Terminals are cut this long after their upgrade, as by a proxy with a time limit. */
  terminalsLastMs: number | undefined
  /** New connections are closed at once. */
  refuses = false
  /** Terminals that were passed on so far. */
  terminals = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #pairs = new Set<Pair>()

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** On `port` (0: any), before `target` listens if need be. */
  static async start(target: () => number, port = 0): Promise<CuttingProxy> {
    let proxy: CuttingProxy | undefined
    const server = createServer((client) => {
      if (proxy) proxy.#join(client, target())
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    proxy = new CuttingProxy(server)
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Connections go, without a word. Default: all; `terminals` leaves the pages' own. */
  cut(which: 'all' | 'terminals' = 'all'): void {
    for (const pair of this.#pairs)
      if (which === 'all' || pair.isTerminal) {
        pair.client.resetAndDestroy()
        pair.server.resetAndDestroy()
      }
  }
  /** Nothing passes any more, and nobody is told: a network cable that was pulled. */
  stall(): void {
    for (const { client, server, isTerminal } of this.#pairs)
      if (isTerminal) {
        client.unpipe()
        server.unpipe()
        client.pause()
        server.pause()
      }
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }

  #join(client: Socket, port: number): void {
    if (this.refuses) return void client.destroy()
    const server = connect(port, '127.0.0.1')
    const pair: Pair = { client, server, isTerminal: false }
    this.#pairs.add(pair)
    let timer: NodeJS.Timeout | undefined
    const over = () => {
      clearTimeout(timer)
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      // A cut shows as an error on one of them, which is what the test wants.
      socket.on('error', over)
      socket.on('close', over)
    }
    // One connection may carry pages first: each piece is looked at.
    client.on('data', (piece: Buffer) => {
      if (pair.isTerminal || !piece.toString('latin1', 0, 14).startsWith('GET /terminal')) return
      pair.isTerminal = true
      this.terminals++
      if (this.terminalsLastMs !== undefined) timer = setTimeout(over, this.terminalsLastMs)
    })
    client.pipe(server)
    server.pipe(client)
  }
}
