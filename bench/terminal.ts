// A terminal through the typed client, as a page has one, but without a screen: what comes is acknowledged at once.
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { SocketLike } from '#client/terminal-connection.ts'
import { TerminalStream } from '#client/terminal-stream.ts'
import type { Shell } from './shell.ts'

const encoder = new TextEncoder()

/** `url` of the product. Resolves at WELCOME. */
export async function openTerminal(url: string, ticket: string): Promise<Shell> {
  const over = Promise.withResolvers<void>()
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/terminal`, ['sallyport.terminal.v1'], { headers: { origin: url }, perMessageDeflate: false })
  let network: Socket | undefined
  socket.on('upgrade', (response) => {
    network = response.socket
  })
  let waiting: Uint8Array[] | undefined = []
  let onBytes: (bytes: Uint8Array) => void = () => undefined
  let hasClosed = false
  const stream = await new Promise<TerminalStream>((resolve, reject) => {
    const opened: TerminalStream = new TerminalStream({
      url,
      ticket,
      cols: 80,
      rows: 24,
      makeSocket: () => socket as unknown as SocketLike,
      events: {
        welcome: () => resolve(opened),
        output: (bytes, end) => {
          if (waiting) waiting.push(bytes)
          else onBytes(bytes)
          opened.parsed(end)
        },
        ended: (ended) => reject(new Error(`the session ended: ${ended.message}`)),
        closed: () => {
          reject(new Error('the connection closed'))
          hasClosed = true
          over.resolve()
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
    write: (text) => {
      if (hasClosed || !stream.input(encoder.encode(text))) throw new Error('the terminal takes no input')
    },
    stall: () => socket.pause(),
    unstall: () => socket.resume(),
    wireBytes: () => network?.bytesRead,
    close: async () => {
      // For good: a connection that is merely cut is taken up again.
      stream.close()
      await over.promise
    },
  }
  return shell
}
