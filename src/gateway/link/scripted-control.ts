// For tests: a control that says what it is told, on a real Unix socket.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { decodeBlock, FromGateway, linkSubprotocol } from '#wire/link.ts'

export type Heard = FromGateway | { type: 'block'; id: number; index: number }

export class ScriptedControl {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-control-'))
  readonly socketPath = join(this.folder, 'control.sock')
  readonly heard: Heard[] = []
  /** Answers each message; the default welcomes, beats, takes everything and knows no ticket. */
  script: (message: Heard, say: (message: unknown) => void) => void = (message, say) => usualScript(message, say)
  onRequest: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => void response.writeHead(404).end()
  #server: Server | undefined
  readonly #sockets = new Set<WebSocket>()

  async start(): Promise<void> {
    const server = createServer((request, response) => this.onRequest(request, response))
    const upgrader = new WebSocketServer({ noServer: true, handleProtocols: () => linkSubprotocol })
    server.on('upgrade', (request, socket, head) =>
      upgrader.handleUpgrade(request, socket, head, (accepted) => {
        this.#sockets.add(accepted)
        accepted.on('close', () => this.#sockets.delete(accepted))
        const say = (message: unknown) => accepted.send(JSON.stringify(message))
        accepted.on('message', (data: Buffer, isBinary) => this.#hear(data, isBinary, say))
        say({ type: 'challenge', nonce: Buffer.alloc(32, 7).toString('base64') })
      }),
    )
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve))
  }

  /** As `kill -9` does: every connection is cut. Can be started again. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined))
    this.#server = undefined
  }

  async stop(): Promise<void> {
    if (this.#server) await this.cut()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Says something by itself, to every gateway. */
  say(message: unknown): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message))
  }

  /** Raw text or bytes. */
  sayRaw(data: string | Uint8Array): void {
    for (const socket of this.#sockets) socket.send(data)
  }

  async until<Kind extends Heard['type']>(
    type: Kind,
    fits: (message: Extract<Heard, { type: Kind }>) => boolean = () => true,
  ): Promise<Extract<Heard, { type: Kind }>> {
    for (const until = Date.now() + 5000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 10))) {
      const found = this.heard.find(
        (message): message is Extract<Heard, { type: Kind }> => message.type === type && fits(message as Extract<Heard, { type: Kind }>),
      )
      if (found) return found
    }
    throw new Error(`no ${type} came in 5 s; heard: ${JSON.stringify(this.heard).slice(0, 2000)}`)
  }

  #hear(data: Buffer, isBinary: boolean, say: (message: unknown) => void): void {
    const block = isBinary ? decodeBlock(data) : undefined
    const message: Heard = block ? { type: 'block', id: block.id, index: block.header.index } : FromGateway.parse(JSON.parse(data.toString('utf8')))
    this.heard.push(message)
    this.script(message, say)
  }
}

export const gatewayId = `gw_${'a'.repeat(24)}`
export function usualScript(message: Heard, say: (message: unknown) => void): void {
  if (message.type === 'hello') say({ type: 'welcome', gateway: gatewayId, apiToken: 'api-token', mustEnd: [], settings: {} })
  if (message.type === 'beat') say({ type: 'beaten', mustEnd: [], settings: {} })
  if (message.type === 'report' || message.type === 'block') say({ type: 'taken', id: message.id })
  if (message.type === 'ask') say({ type: 'answer', id: message.id, failure: { code: 'ticket_invalid', message: 'no such ticket' } })
}
