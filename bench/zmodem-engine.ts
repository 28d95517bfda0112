// The ZMODEM engine alone, joined in memory: `node bench/zmodem-engine.ts`, or `zmodem-engine` of the bench.
import { randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { Can, Frame } from '../src/gateway/zmodem/frame.ts'
import { ZmodemReceiver } from '../src/gateway/zmodem/receiver.ts'
import { ZmodemSender } from '../src/gateway/zmodem/sender.ts'
import type { Line } from './numbers.ts'

const source = randomBytes(16 * 1024 * 1024)
const bytes = 8 * source.length
const chunkBytes = 64 * 1024
const mb = 1e6
/** Of this process, so that what others take of the machine does not count; what the garbage collector takes does. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** MB/s of either side: random bytes, which are escaped as seldom as any archive's. */
function run(): { encode: number; decode: number } {
  const [toReceiver, toSender]: [Uint8Array[], Uint8Array[]] = [[], []]
  const over = { isOver: false }
  let [encodeMs, decodeMs, at, got] = [0, 0, 0, 0]
  const now = () => performance.now()
  const sender = new ZmodemSender({
    send: (piece) => toReceiver.push(piece) < 16,
    accepted: () => pour(),
    wantsMore: () => pour(),
    skipped: () => undefined,
    fileDone: () => sender.endBatch(),
    ended: () => (over.isOver = true),
    now,
  })
  function pour() {
    while (at < bytes) {
      const from = at % source.length
      at += chunkBytes
      if (!sender.write(source.subarray(from, from + chunkBytes))) return
    }
  }
  const receiver = new ZmodemReceiver({
    send: (piece) => toSender.push(piece),
    offered: () => receiver.accept(),
    refused: () => undefined,
    data: (piece) => (got += piece.length),
    fileEnded: () => undefined,
    ended: () => undefined,
    now,
  })
  sender.start({ kind: 'hex', type: Frame.ZRINIT, value: (Can.fullDuplex | Can.overlapIo | Can.crc32) * 2 ** 24 })
  sender.offer({ name: 'x', bytes })
  while (!over.isOver) {
    const startedAt = cpuMs()
    for (const piece of toReceiver.splice(0)) receiver.input(piece)
    const betweenAt = cpuMs()
    for (const piece of toSender.splice(0)) sender.input(piece)
    sender.hostRoom()
    decodeMs += betweenAt - startedAt
    encodeMs += cpuMs() - betweenAt
  }
  if (got !== bytes) throw new Error(`${got} of ${bytes} bytes arrived`)
  return { encode: bytes / mb / (encodeMs / 1000), decode: bytes / mb / (decodeMs / 1000) }
}

/** The best of several, since others use the machine too. */
export function zmodemEngine(rounds: number): Line[] {
  const runs = Array.from({ length: Math.max(3, rounds) }, run)
  const line = (name: string, values: number[]): Line => ({
    name,
    unit: 'MB/s',
    sallyport: Math.max(...values),
    openssh: Number.NaN,
    better: 'higher',
    hold: 100,
    of: 'sallyport',
  })
  return [
    line(
      'ZMODEM engine, decode',
      runs.map(({ decode }) => decode),
    ),
    line(
      'ZMODEM engine, encode',
      runs.map(({ encode }) => encode),
    ),
  ]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, sallyport } of zmodemEngine(5)) process.stdout.write(`${name}: ${sallyport.toFixed(0)} MB/s\n`)
}
