// The product under measure: the real command line, two gateways, recording on; its terminals through the typed client.
import { WebSocket } from 'ws'
import { type SocketLike, TerminalStream } from '#client/terminal-stream.ts'
import type { ApiClient } from '../test/harness/api-client.ts'
import type { Product } from '../test/harness/product.ts'
import type { SavedHost } from '../test/harness/saved-host.ts'
import { family } from './cost.ts'
import type { Shell } from './shell.ts'

const encoder = new TextEncoder()

/** Supervisor, control and gateways. */
export const pidsOf = (product: Product): number[] => family(product.pid)

/** Opens a terminal on the saved host; resolves at WELCOME. Acknowledges at once, as a terminal that parses without delay. */
export async function openThroughSallyport(product: Product, api: ApiClient, host: SavedHost): Promise<Shell> {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
  let closed: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    closed = resolve
  })
  let socket: WebSocket | undefined
  let waiting: Uint8Array[] | undefined = []
  let stream: TerminalStream | undefined
  let onBytes: (bytes: Uint8Array) => void = () => undefined
  await new Promise<void>((resolve, reject) => {
    stream = new TerminalStream({
      url: `${product.url.replace(/^http/, 'ws')}/terminal`,
      ticket,
      cols: 80,
      rows: 24,
      makeSocket: (url, subprotocol) => {
        socket = new WebSocket(url, [subprotocol], { headers: { origin: product.url }, perMessageDeflate: false })
        return socket as unknown as SocketLike
      },
      events: {
        welcome: () => resolve(),
        output: (bytes, end) => {
          if (waiting) waiting.push(bytes)
          else onBytes(bytes)
          stream?.parsed(end)
        },
        ended: (ended) => reject(new Error(`the session ended: ${ended.message}`)),
        closed: () => {
          reject(new Error('the connection closed'))
          closed()
        },
      },
    })
  })
  const shell: Shell = {
    // What came with WELCOME, before anybody listened, is handed over first.
    set onBytes(listener: (bytes: Uint8Array) => void) {
      onBytes = listener
      const early = waiting
      waiting = undefined
      for (const bytes of early ?? []) listener(bytes)
    },
    get onBytes() {
      return onBytes
    },
    write: (text) => void stream?.input(encoder.encode(text)),
    stall: () => void socket?.pause(),
    close: async () => {
      socket?.terminate()
      await over
    },
  }
  return shell
}
