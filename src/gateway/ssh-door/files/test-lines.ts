// For tests: what an observer gives on, and packets of SFTP to give it.
import type { SessionAct } from '#domain/session-act.ts'
import type { ObserverLines } from '#session/passage-ends.ts'
import { wireString, wireUint32 } from '#ssh/wire-reader.ts'

export function notedLines() {
  const toHost: Buffer[] = []
  const toNear: Buffer[] = []
  const acts: SessionAct[] = []
  const held: boolean[] = []
  const said: string[] = []
  const lines: ObserverLines = {
    toHost: (bytes) => void toHost.push(Buffer.from(bytes)),
    toNear: (bytes) => void toNear.push(Buffer.from(bytes)),
    answer: (bytes) => void toNear.push(Buffer.from(bytes)),
    say: (text) => void said.push(text),
    holdNear: (isHeld) => void held.push(isHeld),
    act: (act) => void acts.push(act),
  }
  return { lines, acts, held, said, toHost: () => Buffer.concat(toHost), toNear: () => Buffer.concat(toNear) }
}

export function packet(type: number, ...parts: (number | string | Buffer)[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), ...parts.map((part) => (typeof part === 'number' ? wireUint32(part) : wireString(part)))])
  return Buffer.concat([wireUint32(body.length), body])
}
/** An offset, as two parts of a packet. */
export const offset = (value: number): [number, number] => [Math.floor(value / 2 ** 32), value % 2 ** 32]

/** Cuts whole packets; used to look at what went on, by other means than what is tested. */
export function packetsIn(stream: Buffer): Buffer[] {
  const packets: Buffer[] = []
  for (let at = 0; at < stream.length;) {
    const end = at + 4 + stream.readUInt32BE(at)
    packets.push(stream.subarray(at + 4, end))
    at = end
  }
  return packets
}
