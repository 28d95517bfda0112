// Servers that are no SSH servers, or bad ones: what a gateway must survive when it dials.
import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export type Misbehaviour =
  /** Says nothing, ever. */
  | 'silence'
  /** Random bytes without end, as fast as they are read. */
  | 'garbage'
  /** 10 MB of text lines before any identification. */
  | 'huge-banner'
  /** One line without an end: no `\n` ever comes. */
  | 'endless-line'
  /** A correct identification, then one byte every 200 ms. */
  | 'drip'
  /** A correct identification, then random bytes in the place of packets. */
  | 'garbage-after-identification'
  /** A correct identification, then a packet that claims 4 GiB. */
  | 'huge-packet'
  /** Closes at once. */
  | 'hang-up'
  /** Resets at once. */
  | 'reset'
  /** Answers as a web server. */
  | 'http'

const identification = 'SSH-2.0-OpenSSH_9.2\r\n'
const chunk = randomBytes(65_536)
const bannerBytes = 10_000_000

export type HostileHost = {
  host: '127.0.0.1'
  port: number
  /** Connections open now. */
  open(): number
  /** Connections taken since the start: shows that a host was not dialled, or dialled once. */
  taken(): number
  /** What the dialling side has sent, the newest 64 KiB. */
  received(): Buffer
  stop(): Promise<void>
}

export async function startHostileHost(misbehaviour: Misbehaviour): Promise<HostileHost> {
  const sockets = new Set<Socket>()
  let taken = 0
  let received = Buffer.alloc(0)
  const server = createServer((socket) => {
    taken += 1
    sockets.add(socket)
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]).subarray(-65_536)
    })
    // The other side hangs up on us: that is what the test hopes for.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    misbehave(socket, misbehaviour)
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    taken: () => taken,
    received: () => received,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function misbehave(socket: Socket, misbehaviour: Misbehaviour): void {
  switch (misbehaviour) {
    case 'silence':
      return
    case 'garbage':
      return pour(socket, () => chunk)
    case 'huge-banner': {
      const line = Buffer.from(`${'welcome '.repeat(100)}\r\n`)
      let left = bannerBytes
      return pour(socket, () => {
        if (left <= 0) return undefined
        left -= line.length
        return line
      })
    }
    case 'endless-line':
      return pour(socket, () => Buffer.alloc(65_536, 'a'))
    case 'drip': {
      socket.write(identification)
      const timer = setInterval(() => socket.write(Buffer.of(0)), 200)
      socket.on('close', () => clearInterval(timer))
      return
    }
    case 'garbage-after-identification':
      socket.write(identification)
      return pour(socket, () => chunk)
    case 'huge-packet':
      socket.write(identification)
      socket.write(Buffer.of(0xff, 0xff, 0xff, 0xff, 4, 20))
      return pour(socket, () => chunk)
    case 'hang-up':
      socket.end()
      return
    case 'reset':
      socket.resetAndDestroy()
      return
    case 'http':
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      return
    default:
      misbehaviour satisfies never
  }
}

/** Writes as fast as the other side reads, until `next` has no more. */
function pour(socket: Socket, next: () => Buffer | undefined): void {
  const go = () => {
    while (!socket.destroyed) {
      const bytes = next()
      if (bytes === undefined || !socket.write(bytes)) return
    }
  }
  socket.on('drain', go)
  go()
}
