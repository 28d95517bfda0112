// SHA-256 of a file that passes in pieces, each with its place: only when they make the whole from its beginning, without holes and without anything said twice.
import { createHash, type Hash } from 'node:crypto'

/** Pieces that came before their turn. Clients ask for some two megabytes ahead. */
const maxHeldBytes = 4 * 1024 * 1024
const maxHeldPieces = 512

export class WholeDigest {
  #hash: Hash | undefined = createHash('sha256')
  #next = 0
  #held = new Map<number, Buffer>()
  #heldBytes = 0

  /** How far it goes without a hole. */
  get reaches(): number {
    return this.#next
  }

  /** `bytes` are lent. */
  add(offset: number, bytes: Uint8Array): void {
    if (!this.#hash || bytes.length === 0) return
    if (offset === this.#next) {
      this.#hash.update(bytes)
      this.#next += bytes.length
      for (let piece = this.#take(); piece; piece = this.#take()) {
        this.#hash.update(piece)
        this.#next += piece.length
      }
      // What is held may have been said already by now.
      if (this.#heldBytes > 0 && this.#least() < this.#next) this.spoil()
      return
    }
    this.#heldBytes += bytes.length
    const isTwice = offset < this.#next || this.#held.has(offset)
    if (isTwice || this.#heldBytes > maxHeldBytes || this.#held.size >= maxHeldPieces) return this.spoil()
    this.#held.set(offset, Buffer.from(bytes))
  }

  /** The file is not what passed: it was changed in another way, or cannot be followed. */
  spoil(): void {
    this.#hash = undefined
    this.#held.clear()
    this.#heldBytes = 0
  }

  /** Hex, when the file has this many bytes and all of them passed. Call it once. */
  of(size: number): string | undefined {
    const hash = this.#hash
    this.#hash = undefined
    return hash && size === this.#next && this.#held.size === 0 ? hash.digest('hex') : undefined
  }

  #take(): Buffer | undefined {
    const piece = this.#held.get(this.#next)
    if (!piece) return undefined
    this.#held.delete(this.#next)
    this.#heldBytes -= piece.length
    return piece
  }

  #least(): number {
    let least = Infinity
    for (const offset of this.#held.keys()) least = Math.min(least, offset)
    return least
  }
}
