// A terminal without a screen: speaks the terminal protocol over a WebSocket of its own, as lean as reading the pipe of `ssh` is, so that what is measured is the product.
// What comes is handed on in the pieces in which the network brings it, and acknowledged at once.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { decodeFrame, encodeBytes, encodeJson, encodeOffset, encodePing, Kind, terminalSubprotocol } from '#wire/terminal.ts'
import type { Shell } from './shell.ts'

const encoder = new TextEncoder()
// The client's duty by the protocol.
const ackEveryBytes = 32 * 1024
const ackWithinMs = 50
const opcodes = { binary: 2, close: 8, ping: 9, pong: 10 }

/** One masked frame; the mask is zero, which leaves the bytes as they are. */
function toServer(opcode: number, payload: Uint8Array): Buffer {
  const long = payload.length > 125
  const frame = Buffer.alloc((long ? 8 : 6) + payload.length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (long ? 126 : payload.length)
  if (long) frame.writeUInt16BE(payload.length, 2)
  frame.set(payload, frame.length - payload.length)
  return frame
}

/** `url` of the product; `watched` is the session that the ticket is to watch. Resolves at WELCOME. */
export async function openTerminal(url: string, ticket: string, watched?: string): Promise<Shell & { session: string }> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const over = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  // A key that is pressed while the product goes away.
  socket.on('error', () => undefined)
  const head = [
    `GET /terminal${watched === undefined ? '' : `/${watched}`} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Origin: ${url}`,
  ]
  head.push('Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, `Sec-WebSocket-Protocol: ${terminalSubprotocol}`, '', '')
  socket.write(head.join('\r\n'))

  const welcomed = Promise.withResolvers<string>()
  let early: Uint8Array[] | undefined = []
  let onBytes: (bytes: Uint8Array) => void = () => undefined
  let hasClosed = false
  void over.then(() => {
    hasClosed = true
    welcomed.reject(new Error('the connection closed'))
  })

  let received = 0
  let acknowledged = 0
  let ackTimer: NodeJS.Timeout | undefined
  const acknowledge = () => {
    clearTimeout(ackTimer)
    ackTimer = undefined
    if (received === acknowledged || hasClosed) return
    acknowledged = received
    socket.write(toServer(opcodes.binary, encodeOffset('ack', received)))
  }
  const output = (bytes: Uint8Array) => {
    received += bytes.length
    if (early) early.push(Buffer.from(bytes))
    else onBytes(bytes)
  }
  const whole = (opcode: number, payload: Buffer) => {
    if (opcode === opcodes.ping) return void socket.write(toServer(opcodes.pong, payload))
    if (opcode === opcodes.close) return void socket.end(toServer(opcodes.close, payload))
    const decoded = decodeFrame(payload)
    if (!decoded.ok) throw new Error(`the gateway sent what is no frame: ${decoded.why}`)
    if (decoded.frame.kind === 'welcome') welcomed.resolve(decoded.frame.welcome.session)
    else if (decoded.frame.kind === 'ping') socket.write(toServer(opcodes.binary, encodePing('pong', decoded.frame.token)))
    else if (decoded.frame.kind === 'screen') received = acknowledged = decoded.frame.offset
    else if (decoded.frame.kind === 'ended') welcomed.reject(new Error(`the session ended: ${decoded.frame.ended.message}`))
  }

  let isUpgraded = false
  let held: Buffer = Buffer.alloc(0)
  /** Bytes of an OUTPUT that are still to come. */
  let outputLeft = 0
  const take = (chunk: Buffer) => {
    let data = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    held = Buffer.alloc(0)
    if (!isUpgraded) {
      const end = data.indexOf('\r\n\r\n')
      if (end !== -1 && !data.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return welcomed.reject(new Error(data.toString('latin1', 0, end)))
      isUpgraded = end !== -1
      if (!isUpgraded) return void (held = data)
      socket.write(toServer(opcodes.binary, encodeJson('hello', { ticket, cols: 80, rows: 24 })))
      data = data.subarray(end + 4)
    }
    for (;;) {
      if (outputLeft > 0) {
        const bytes = data.subarray(0, outputLeft)
        outputLeft -= bytes.length
        data = data.subarray(bytes.length)
        if (bytes.length > 0) output(bytes)
      }
      const short = data.length < 2 ? 0 : (data[1] ?? 0) & 0x7f
      const header = short === 126 ? 4 : short === 127 ? 10 : 2
      // With the first byte of what it holds, which says whether it is OUTPUT.
      if (data.length < header + 1) break
      const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short
      const opcode = (data[0] ?? 0) & 0x0f
      if (opcode === opcodes.binary && data[header] === Kind.output) {
        outputLeft = length - 1
        data = data.subarray(header + 1)
        continue
      }
      if (data.length < header + length) break
      whole(opcode, data.subarray(header, header + length))
      data = data.subarray(header + length)
    }
    held = data
    if (received - acknowledged >= ackEveryBytes) acknowledge()
    else if (received > acknowledged) ackTimer ??= setTimeout(acknowledge, ackWithinMs)
  }
  socket.on('data', take)
  const session = await welcomed.promise

  return {
    session,
    // What came with WELCOME, before anybody listened, is handed over first.
    set onBytes(listener: (bytes: Uint8Array) => void) {
      onBytes = listener
      const waiting = early
      early = undefined
      for (const bytes of waiting ?? []) listener(bytes)
    },
    get onBytes() {
      return onBytes
    },
    write: (text) => {
      if (hasClosed) throw new Error('the terminal takes no input')
      socket.write(toServer(opcodes.binary, encodeBytes('input', encoder.encode(text))))
    },
    stall: () => void socket.pause(),
    unstall: () => void socket.resume(),
    wireBytes: () => socket.bytesRead,
    close: async () => {
      // For good: a connection that is merely cut could be taken up again.
      clearTimeout(ackTimer)
      if (!hasClosed) socket.write(toServer(opcodes.close, Buffer.from([0x03, 0xe8])))
      await over
    },
  }
}
