/** No more of them lie ready than are under way in one transfer. */
const maxReady = 20
/** Smaller packets come and go with the rest of the heap. */
const leastBytes = 16 * 1024

/**
 * Memory for large packets that is used again: a quarter of a megabyte that comes and goes with each packet outside of the heap costs more time in garbage collections than everything else that
 * is done with it, and tens of megabytes until they happen. Whoever does not give back what it took loses nothing but that.
 */
export class PacketRooms {
  readonly #ready: Buffer[] = []
  readonly #lent = new WeakSet<Uint8Array>()
  /** Of each; zero: nothing is kept. */
  bytes = 0

  /** At most `bytes` long, or in memory of its own. */
  take(length: number): Buffer {
    if (length < leastBytes || length > this.bytes) return Buffer.allocUnsafe(length)
    return (this.#ready.pop() ?? Buffer.allocUnsafeSlow(this.bytes)).subarray(0, length)
  }

  /** A part of what was taken leaves the house, and all that was taken comes back with it. */
  lend(part: Uint8Array): void {
    if (this.bytes >= leastBytes && part.buffer.byteLength === this.bytes) this.#lent.add(part)
  }

  /** What was lent, the very same; once: anything else is ignored, lest two packets have one room. */
  giveBack(part: Uint8Array): void {
    if (this.#lent.delete(part) && this.#ready.length < maxReady) this.#ready.push(Buffer.from(part.buffer))
  }
}
