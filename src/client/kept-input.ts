// Bytes that were sent and may have to be sent again, from one absolute offset to another, in one buffer that grows and is used again.
const firstCapacity = 1024

export class KeptInput {
  #buffer = new Uint8Array(firstCapacity)
  #start = 0
  #length = 0
  #from: number

  constructor(from: number) {
    this.#from = from
  }

  /** Absolute offset of the first byte kept. */
  get from(): number {
    return this.#from
  }
  /** Absolute offset behind the last byte kept. */
  get end(): number {
    return this.#from + this.#length
  }

  append(bytes: Uint8Array): void {
    if (this.#start + this.#length + bytes.length > this.#buffer.length) {
      let capacity = this.#buffer.length
      while (this.#length + bytes.length > capacity) capacity *= 2
      const next = capacity > this.#buffer.length ? new Uint8Array(capacity) : this.#buffer
      next.set(this.#buffer.subarray(this.#start, this.#start + this.#length))
      this.#buffer = next
      this.#start = 0
    }
    this.#buffer.set(bytes, this.#start + this.#length)
    this.#length += bytes.length
  }

  /** Forgets what lies before `offset`, which is one of those kept or the end. */
  dropBefore(offset: number): void {
    const dropped = Math.min(this.#length, Math.max(0, offset - this.#from))
    this.#from += dropped
    this.#start += dropped
    this.#length -= dropped
    if (this.#length === 0) this.#start = 0
  }

  /** Everything kept, as a copy; nothing is kept afterwards, and the end goes back to the beginning. */
  takeAll(): Uint8Array {
    const all = this.#buffer.slice(this.#start, this.#start + this.#length)
    this.#start = this.#length = 0
    return all
  }
}
