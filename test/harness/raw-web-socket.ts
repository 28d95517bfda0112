// A WebSocket made by hand on a plain socket, so that a test may send frames that no library would.
import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { terminalSubprotocol } from '#wire/terminal.ts'
import { waitUntil } from './wait.ts'

export type RawFrame = {
  opcode: number
  payload?: Uint8Array
  /** Default true. */
  fin?: boolean
  /** The three reserved bits, 0 to 7; default 0. */
  reserved?: number
  /** Default true, as clients must. */
  masked?: boolean
  /** What the header says instead of the payload's length; always in eight bytes. */
  claims?: bigint
}
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export function encodeRawFrame({ opcode, payload = new Uint8Array(0), fin = true, reserved = 0, masked = true, claims }: RawFrame): Buffer {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = masked ? 0x80 : 0
  const head = Buffer.alloc(10)
  head[0] = first
  let headBytes = 2
  if (claims !== undefined || payload.length > 0xffff) {
    head[1] = mask | 127
    head.writeBigUInt64BE(claims ?? BigInt(payload.length), 2)
    headBytes = 10
  } else if (payload.length > 125) {
    head[1] = mask | 126
    head.writeUInt16BE(payload.length, 2)
    headBytes = 4
  } else head[1] = mask | payload.length
  // A mask of zeroes is a mask, and leaves the payload as it is.
  return Buffer.concat([head.subarray(0, headBytes), masked ? Buffer.alloc(4) : Buffer.alloc(0), payload])
}

export class RawWebSocket {
  readonly socket: Socket
  /** Of the answer to the upgrade. */
  head = ''
  isClosed = false
  #received = Buffer.alloc(0)
  readonly #key = randomBytes(16).toString('base64')

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (data) => {
      // Only the newest: a test that is flooded looks at how it ends.
      this.#received = Buffer.concat([this.#received, data]).subarray(-1024 * 1024)
    })
    // A reset is an answer too; `close` follows.
    socket.on('error', () => undefined)
    socket.on('close', () => (this.isClosed = true))
  }

  /** Resolves when the upgrade was answered with 101; throws otherwise. `url`: of the product. `headers`: further lines. */
  static async open(url: string, headers: readonly string[] = []): Promise<RawWebSocket> {
    const { hostname, port, host } = new URL(url)
    const raw = new RawWebSocket(connect({ host: hostname, port: Number(port) }))
    raw.socket.write(
      [
        'GET /terminal HTTP/1.1',
        `Host: ${host}`,
        `Origin: ${url}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${raw.#key}`,
        `Sec-WebSocket-Protocol: ${terminalSubprotocol}`,
        ...headers,
        '\r\n',
      ].join('\r\n'),
    )
    const end = await waitUntil('the answer to the upgrade', () => raw.isClosed || raw.#received.indexOf('\r\n\r\n') + 1 || undefined, {
      everyMs: 5,
      withinMs: 20_000,
    })
    if (end === true) throw new Error('closed without an answer')
    raw.head = raw.#received.subarray(0, end - 1).toString('latin1')
    raw.#received = raw.#received.subarray(end + 3)
    const accept = createHash('sha1').update(`${raw.#key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    if (!raw.head.startsWith('HTTP/1.1 101 ') || !raw.head.includes(accept)) throw new Error(`no upgrade: ${raw.head.slice(0, 300)}`)
    return raw
  }

  /** False when the other side takes no more for now. */
  send(frame: RawFrame): boolean {
    return !this.socket.destroyed && this.socket.write(encodeRawFrame(frame))
  }

  /** The frames that the server has sent, whole ones. */
  frames(): { opcode: number; payload: Buffer }[] {
    const frames: { opcode: number; payload: Buffer }[] = []
    for (let at = 0; at + 2 <= this.#received.length;) {
      const opcode = (this.#received[at] ?? 0) & 15
      const short = (this.#received[at + 1] ?? 0) & 127
      const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2
      if (at + headBytes > this.#received.length) break
      const length = short === 127 ? Number(this.#received.readBigUInt64BE(at + 2)) : short === 126 ? this.#received.readUInt16BE(at + 2) : short
      if (at + headBytes + length > this.#received.length) break
      frames.push({ opcode, payload: this.#received.subarray(at + headBytes, at + headBytes + length) })
      at += headBytes + length
    }
    return frames
  }

  /** Waits until the server has closed the connection; answers the code of its close frame, undefined when there was none. */
  async closeCode(withinMs = 10_000): Promise<number | undefined> {
    await waitUntil('the server to close', () => this.isClosed, { withinMs, everyMs: 10 })
    const close = this.frames().find(({ opcode }) => opcode === opcodes.close)
    return close && close.payload.length >= 2 ? close.payload.readUInt16BE(0) : undefined
  }

  destroy(): void {
    this.socket.destroy()
  }
}
