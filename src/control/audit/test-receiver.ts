// A syslog receiver for tests: a real TCP server that reads octet-counted messages, and misbehaves when it is told to.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { parseLine, type LedgerLine } from './ledger-line.ts'

/** `stall`: accepts and reads nothing. `cut`: resets after some bytes. `early`: closes its side at once. `slow`: waits before it closes. `mute`: reads everything, and never closes. */
export type Behaviour = 'good' | 'stall' | 'cut' | 'early' | 'slow' | 'mute'

export type TestReceiver = Awaited<ReturnType<typeof startReceiver>>

/** Takes the port again when one is given; speaks TLS when it has a certificate (PEM). */
export async function startReceiver(behaviour: Behaviour = 'good', port = 0, certificate?: { cert: string; key: string }) {
  const sockets = new Set<Socket>()
  const script = { behaviour }
  const messages: string[] = []
  let connections = 0
  const accept = (socket: Socket) => {
    connections += 1
    socket.on('error', () => undefined)
    const { behaviour } = script
    if (behaviour === 'stall') return
    if (behaviour === 'early') return void socket.end()
    let pending: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      if (behaviour === 'cut') return void (pending.length > 500 && (certificate ? socket.destroy() : socket.resetAndDestroy()))
      pending = takeFrames(pending, messages)
    })
    socket.on('end', () => {
      if (behaviour === 'good') socket.end()
      if (behaviour === 'slow') setTimeout(() => socket.end(), 150)
    })
  }
  const server = certificate ? createTlsServer({ ...certificate, allowHalfOpen: true }, accept) : createServer({ allowHalfOpen: true }, accept)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    script,
    /** Whole syslog messages in the order in which they came, repetitions too. */
    messages,
    get connections() {
      return connections
    },
    /** The rows in them. */
    rows: () => messages.map(rowOf),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Octet counting (RFC 6587 section 3.4.1): the length in decimal, a blank, the message. Returns what is not whole yet. */
function takeFrames(bytes: Buffer, into: string[]): Buffer {
  for (let rest = bytes; ;) {
    const blank = rest.indexOf(0x20)
    const length = Number(rest.subarray(0, blank === -1 ? 0 : blank).toString('ascii') || Number.NaN)
    if (blank === -1 || Number.isNaN(length) || rest.length < blank + 1 + length) return rest
    into.push(rest.subarray(blank + 1, blank + 1 + length).toString('latin1'))
    rest = rest.subarray(blank + 1 + length)
  }
}

/** MSG of an RFC 5424 message, checked by its form. */
function rowOf(message: string): LedgerLine {
  const match = /^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) - (\{.*\})$/.exec(message)
  const row = parseLine(match?.[7] ?? '')
  if (!row) throw new Error(`no syslog message of ours: ${message.slice(0, 200)}`)
  return row
}
