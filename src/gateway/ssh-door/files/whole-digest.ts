// SHA-256 of a file that passes in pieces, each with its place: only when they make the whole from its beginning, without holes and without anything said twice.
import { createHash, type Hash } from 'node:crypto'

/** Pieces that came before their turn. Clients ask for some two megabytes ahead. */
const maxHeldBytes = 4 * 1024 * 1024
/** Of all files of a session together. */
export const sessionHeldBytes = 2 * maxHeldBytes
const maxHeldPieces = 512

/** What the files of one session may hold yet, in bytes. */
export type HeldRoom = { left: number }

export class WholeDigest {
  readonly #room: HeldRoom
  #hash: Hash | undefined = createHash('sha256')
  #next = 0
  #held = new Map<number, Buffer>()
  #heldBytes = 0

  constructor(room: HeldRoom = { left: sessionHeldBytes }) {
    this.#room = room
  }

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
    const isTwice = offset < this.#next || this.#held.has(offset)
    const isTooMuch = this.#heldBytes + bytes.length > maxHeldBytes || bytes.length > this.#room.left || this.#held.size >= maxHeldPieces
    if (isTwice || isTooMuch) return this.spoil()
    this.#held.set(offset, Buffer.from(bytes))
    this.#heldBytes += bytes.length
    this.#room.left -= bytes.length
  }

  /** The file is not what passed: it was changed in another way, cannot be followed, or is closed. */
  spoil(): void {
    this.#hash = undefined
    this.#held.clear()
    this.#room.left += this.#heldBytes
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
    this.#room.left += piece.length
    return piece
  }

  #least(): number {
    let least = Infinity
    for (const offset of this.#held.keys()) least = Math.min(least, offset)
    return least
  }
}
