// For tests: a whole gateway on a free port, linked to a scripted control, and plain ways to knock at its door.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { decodeFrame, type Ended, terminalSubprotocol } from '#wire/terminal.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../gateway.ts'
import { ScriptedControl } from '../link/scripted-control.ts'

export class TestGateway {
  readonly control = new ScriptedControl()
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-gateway-'))
  gateway: Gateway | undefined

  async start(options: Partial<GatewayOptions> = {}): Promise<void> {
    await this.control.start()
    const folder = (name: string) => {
      const path = join(this.folder, name)
      mkdirSync(path, { recursive: true })
      return path
    }
    const webFolder = folder('web')
    mkdirSync(join(webFolder, 'assets'))
    writeFileSync(join(webFolder, 'index.html'), '<!doctype html><title>Sallyport</title>')
    writeFileSync(join(webFolder, 'assets', 'app-1a2b.js'), 'export {}')
    writeFileSync(join(webFolder, 'assets', 'app-1a2b.js.br'), 'brotli')
    const given: GatewayOptions = {
      name: 'g1',
      version: '0.0.0',
      http: { host: '127.0.0.1', port: 0 },
      publicUrls: ['https://bastion.example'],
      behindProxy: [],
      webFolder,
      controlSocket: this.control.socketPath,
      identityFolder: folder('identity'),
      spoolFolder: folder('spool'),
      relayFolder: folder('relay'),
      spoolBytes: 64 * 1024 * 1024,
      localSecret: '01'.repeat(32),
      listeners: [],
      ...options,
    }
    this.gateway = await startGateway(given, pino({ level: 'silent' }))
    await this.gateway.whenReady
  }

  get port(): number {
    if (!this.gateway) throw new Error('the gateway has not been started')
    return this.gateway.port
  }

  async stop(): Promise<void> {
    await this.gateway?.drain()
    await this.control.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** One request with exactly these headers (and `Host`, when it is not among them). */
  request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = plainRequest(
        { host: '127.0.0.1', port: this.port, method, path, headers: { host: `localhost:${this.port}`, ...headers }, agent: false },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** Raw bytes in, everything until the end out; what has come after 3 s when it does not end. */
  raw(text: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(text))
      let heard = ''
      const over = () => {
        socket.destroy()
        resolve(heard)
      }
      setTimeout(over, 3000).unref()
      socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
      socket.on('close', over)
      socket.on('error', over)
    })
  }

  /** Status of an upgrade: 101, or what it was refused with. */
  upgrade(headers: Record<string, string | undefined>, path = '/terminal'): Promise<string> {
    const all = {
      Host: `localhost:${this.port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': terminalSubprotocol,
      Origin: `http://localhost:${this.port}`,
      ...headers,
    }
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`))
      let heard = ''
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1')
        if (heard.includes('\r\n\r\n') && (heard.startsWith('HTTP/1.1 101') || heard.endsWith('}'))) {
          socket.destroy()
          resolve(`${heard.slice(9, 12)} ${/"code":"(\w+)"/.exec(heard)?.[1] ?? ''}`.trim())
        }
      })
      socket.on('close', () => resolve(`closed ${heard.slice(0, 40)}`))
      socket.on('error', () => undefined)
    })
  }

  terminal(path = '/terminal', headers: Record<string, string> = {}): Promise<TestTerminal> {
    const socket = new WebSocket(`ws://localhost:${this.port}${path}`, [terminalSubprotocol], {
      origin: `http://localhost:${this.port}`,
      headers,
      family: 4,
      perMessageDeflate: false,
    })
    const terminal = new TestTerminal(socket)
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(terminal))
      socket.on('error', reject)
    })
  }
}

export class TestTerminal {
  readonly socket: WebSocket
  ended: Ended | undefined
  readonly kinds: string[] = []
  readonly #closed = Promise.withResolvers<number>()

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      const decoded = decodeFrame(data)
      if (!decoded.ok) throw new Error(`the gateway sent what does not fit: ${decoded.why}`)
      this.kinds.push(decoded.frame.kind)
      if (decoded.frame.kind === 'ended') this.ended = decoded.frame.ended
    })
    socket.on('close', (code) => this.#closed.resolve(code))
    socket.on('error', () => undefined)
  }

  /** How it ended: the failure that ENDED named, and the close code. */
  async whenEnded(): Promise<{ failure: string | undefined; code: number }> {
    const code = await this.#closed.promise
    return { failure: this.ended?.failure, code }
  }
}
