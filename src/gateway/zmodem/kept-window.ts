// The bytes of a file between what the host has confirmed and what came last: those it may ask for again.

const firstBytes = 256 * 1024
/** With 200 ms to the host and back this carries 20 MB/s. */
export const mostKeptBytes = 4 * 1024 * 1024

export class KeptWindow {
  /** A ring, its size a power of two; the byte at offset `o` of the file stands at `o % size`. */
  #ring: Uint8Array = new Uint8Array(firstBytes)
  #from = 0
  #to = 0

  /** First offset that is kept. */
  get from(): number {
    return this.#from
  }
  /** Offset behind the last. */
  get to(): number {
    return this.#to
  }
  get hasRoom(): boolean {
    return this.#to - this.#from < mostKeptBytes
  }
  restart(offset: number): void {
    this.#from = offset
    this.#to = offset
  }
  /** What is before is not asked for again. */
  confirm(offset: number): void {
    if (offset > this.#from) this.#from = Math.min(offset, this.#to)
  }

  /** Keeps as much of `bytes` as there is room for, and says how much. */
  add(bytes: Uint8Array): number {
    while (this.#ring.length < mostKeptBytes && this.#to - this.#from + bytes.length > this.#ring.length) this.#grow()
    const size = this.#ring.length
    const count = Math.min(bytes.length, size - (this.#to - this.#from))
    const at = this.#to % size
    const first = Math.min(count, size - at)
    this.#ring.set(bytes.subarray(0, first), at)
    if (count > first) this.#ring.set(bytes.subarray(first, count), 0)
    this.#to += count
    return count
  }

  /** At most `most` bytes from `offset` on, in one piece: where they stand in `ring`. */
  piece(offset: number, most: number): { ring: Uint8Array; start: number; end: number } {
    const start = offset % this.#ring.length
    return { ring: this.#ring, start, end: Math.min(start + most, start + this.#to - offset, this.#ring.length) }
  }

  #grow(): void {
    const [old, ring] = [this.#ring, new Uint8Array(this.#ring.length * 2)]
    for (let offset = this.#from; offset < this.#to;) {
      const start = offset % old.length
      const count = Math.min(this.#to - offset, old.length - start, ring.length - (offset % ring.length))
      ring.set(old.subarray(start, start + count), offset % ring.length)
      offset += count
    }
    this.#ring = ring
  }
}
