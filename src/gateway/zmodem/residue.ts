// The end of a transfer that was broken off: the other side is told, and what it had already sent is kept from the terminal, but not the prompt behind it.
import { cancelSequence, kindBin16, kindBin32, kindHex, SubpacketEnd, zdle, zpad } from './frame.ts'

/** The least time without a byte that counts as quiet. */
const quietMs = 250
/** A host that does not hear of it, or whose data is still on a slow line, is told again. */
const repeatMs = 1_000
const mostRepeats = 3
/** Then the terminal gets what comes, whatever it is. */
const mostMs = 10_000
const mostTailBytes = 4096
const backspace = 8

export class Residue {
  readonly #send: (bytes: Uint8Array) => void
  readonly #startedAt: number
  readonly #crcBytes: number
  #heardAt: number
  #repeats = 0
  /** What came last: a prompt may be in it. */
  #tail: Uint8Array = new Uint8Array(0)

  /** `isTold`: the other side ended it, and needs no CAN of ours. `hasCrc32`: of the last frame that it sent. */
  constructor(send: (bytes: Uint8Array) => void, now: number, { isTold, hasCrc32 }: { isTold: boolean; hasCrc32: boolean }) {
    this.#send = send
    this.#startedAt = now
    this.#heardAt = now
    this.#crcBytes = hasCrc32 ? 4 : 2
    this.#repeats = isTold ? mostRepeats : 0
    if (!isTold) send(cancelSequence)
  }

  input(bytes: Uint8Array, now: number): Uint8Array | undefined {
    if (bytes.length === 0) return undefined
    this.#heardAt = now
    const kept = Buffer.concat([this.#tail, bytes.subarray(-mostTailBytes)])
    this.#tail = new Uint8Array(kept.subarray(-mostTailBytes))
    return this.tick(now)
  }

  /** What is the terminal's again, once it is quiet. */
  tick(now: number): Uint8Array | undefined {
    if (now - this.#heardAt >= quietMs || now - this.#startedAt >= mostMs) return behindResidue(this.#tail, this.#crcBytes)
    if (this.#repeats < mostRepeats && now - this.#startedAt >= repeatMs * (this.#repeats + 1)) {
      this.#repeats += 1
      this.#send(cancelSequence)
    }
    return undefined
  }
}

/**
 * Behind the last byte that only a transfer sends stands, it may be, what a shell says. lrzsz writes its CAN and backspaces past what its buffer still holds, the rest of a subpacket, which then comes
 * behind them.
 */
export function behindResidue(tail: Uint8Array, crcBytes: number): Uint8Array {
  const back = tail.lastIndexOf(backspace)
  if (back < 0)
    return tail.includes(zdle) ? behindBinary(tail.subarray(behindSubpacket(tail, crcBytes))) : tail.length < mostTailBytes ? tail : new Uint8Array(0)
  let from = back
  while (from > 0 && tail[from - 1] === backspace) from -= 1
  while (from > 0 && tail[from - 1] === zdle) from -= 1
  const joined = Buffer.concat([tail.subarray(0, from), tail.subarray(back + 1)])
  return behindBinary(joined.subarray(Math.max(from, joined.includes(zdle) ? behindSubpacket(joined, crcBytes) : 0)))
}

/** Where the last subpacket ends, of which there is at least a ZDLE. */
function behindSubpacket(tail: Uint8Array, crcBytes: number): number {
  const last = tail.lastIndexOf(zdle)
  let at = last + 2
  // The ends of subpackets nearest to the last ZDLE: it is in the checksum behind one of them, each byte of which takes two at most, or it is that end.
  for (let begin = last; begin >= Math.max(0, last - 2 * crcBytes); begin -= 1) {
    const end = tail[begin + 1] ?? 0
    if (tail[begin] !== zdle || end < SubpacketEnd.ZCRCE || end > SubpacketEnd.ZCRCW) continue
    let behind = begin + 2
    for (let byte = 0; byte < crcBytes; byte += 1) behind += tail[behind] === zdle ? 2 : 1
    at = Math.max(at, behind)
    break
  }
  at = Math.max(at, behindHeader(tail, last, crcBytes))
  if (tail[at] === 0x11) at += 1
  return Math.min(at, tail.length)
}

/** Where the header ends that the last ZDLE (at `from`) begins, as far as it is here; `from` when it begins none. */
function behindHeader(tail: Uint8Array, from: number, crcBytes: number): number {
  const kind = tail[from + 1]
  if (tail[from - 1] !== zpad || (kind !== kindBin16 && kind !== kindBin32 && kind !== kindHex)) return from
  // Nothing in it is escaped, or a later ZDLE would be the last.
  return from + 2 + (kind === kindHex ? 16 : 5 + (kind === kindBin16 ? 2 : crcBytes))
}

/** A piece of a file that was on its way is no text, mostly: what stands behind the last byte that no shell says. */
function behindBinary(rest: Uint8Array): Uint8Array {
  const said = rest.subarray(rest.findLastIndex((byte) => (byte < 0x20 && !spoken.has(byte)) || byte === 0x7f) + 1)
  const text = Buffer.from(said).toString('utf8')
  const at = text.lastIndexOf('\ufffd')
  return at < 0 ? said : said.subarray(said.length - Buffer.byteLength(text.slice(at + 1)))
}
/** BEL, tabs and ends of lines, SO, SI, ESC. */
const spoken = new Set([0x07, 0x09, 0x0a, 0x0d, 0x0e, 0x0f, 0x1b])
