// The last output of a session with the sizes it was made for: what a screen is made of when somebody types.
import type { Size } from '#session/event.ts'

/** Enough for a prompt, a long line that was edited much, and lists of completions between. */
export const tailBytes = 32 * 1024
const maxSizes = 16

export class OutputTail {
  #ring: Buffer | undefined
  /** Output bytes of the session so far. */
  #end = 0
  #begin = 0
  #sizes: { offset: number; size: Size }[]

  constructor(size: Size) {
    this.#sizes = [{ offset: 0, size }]
  }

  get end(): number {
    return this.#end
  }
  get size(): Size {
    return this.#sizes.at(-1)?.size ?? { cols: 80, rows: 24 }
  }

  /** `offset`: of the first byte. A gap (a worker that begins in the middle) forgets what was before. */
  add(bytes: Uint8Array, offset: number): void {
    if (offset !== this.#end) this.#begin = this.#end = offset
    this.#ring ??= Buffer.allocUnsafeSlow(tailBytes)
    const kept = bytes.length > tailBytes ? bytes.subarray(bytes.length - tailBytes) : bytes
    const from = (offset + bytes.length - kept.length) % tailBytes
    const first = Math.min(kept.length, tailBytes - from)
    this.#ring.set(kept.subarray(0, first), from)
    if (first < kept.length) this.#ring.set(kept.subarray(first), 0)
    this.#end = offset + bytes.length
    this.#begin = Math.max(this.#begin, this.#end - tailBytes)
  }

  resized(size: Size): void {
    this.#sizes.push({ offset: this.#end, size })
    if (this.#sizes.length > maxSizes) this.#sizes.shift()
  }

  /** From a line's beginning at or after `from` on, in pieces of one size. */
  *pieces(from: number): Generator<{ size: Size; bytes: Uint8Array }> {
    const all = this.#read(Math.max(from, this.#begin))
    const base = this.#end - all.length
    const skipped = base === 0 ? 0 : all.indexOf(0x0a) + 1
    let at = base + skipped
    for (const [index, { offset, size }] of this.#sizes.entries()) {
      const until = Math.max(at, Math.min(this.#sizes[index + 1]?.offset ?? this.#end, this.#end))
      if (until === at && index < this.#sizes.length - 1) continue
      if (offset > this.#end) return
      yield { size, bytes: all.subarray(at - base, until - base) }
      at = until
    }
  }

  #read(from: number): Buffer {
    const length = this.#end - from
    if (this.#ring === undefined || length <= 0) return Buffer.alloc(0)
    const start = from % tailBytes
    const first = Math.min(length, tailBytes - start)
    return Buffer.concat([this.#ring.subarray(start, start + first), this.#ring.subarray(0, length - first)])
  }
}
