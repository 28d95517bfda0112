// Many small pieces made into few large ones that are nobody else's: each costs a call of the hash and a write to the reader.

export const blockBytes = 64 * 1024

export class Blocks {
  readonly #sink: (block: Uint8Array) => void
  #room: Buffer | undefined
  #from = 0
  #to = 0

  /** `sink` is given what it may keep. */
  constructor(sink: (block: Uint8Array) => void) {
    this.#sink = sink
  }

  /** The bytes are lent. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      this.#room ??= Buffer.allocUnsafeSlow(blockBytes)
      const length = Math.min(bytes.length - at, blockBytes - this.#to)
      this.#room.set(bytes.subarray(at, at + length), this.#to)
      this.#to += length
      at += length
      if (this.#to === blockBytes) this.flush()
    }
  }

  /** What is gathered goes on. */
  flush(): void {
    if (!this.#room || this.#to === this.#from) return
    const block = this.#room.subarray(this.#from, this.#to)
    this.#from = this.#to
    if (this.#to === blockBytes) {
      this.#room = undefined
      this.#from = this.#to = 0
    }
    this.#sink(block)
  }
}
