// What a session has shown and its terminal has not parsed yet: bytes and sizes in order.
import type { Size } from '#session/event.ts'

export type Piece = { bytes: Uint8Array } | { size: Size }

const firstBytes = 1024

export class PendingOutput {
  #pieces: ({ bytes: Uint8Array; used: number; done: number } | { size: Size })[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }
  get pieces(): number {
    return this.#pieces.length
  }

  /** Copies. */
  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    let last = this.#pieces.at(-1)
    if (last === undefined || !('bytes' in last) || last.bytes.length - last.used < bytes.length) {
      // Single keys come in many small pieces: a piece has room for more like it.
      const room = last !== undefined && 'bytes' in last ? Math.min(last.bytes.length * 2, 16 * 1024) : firstBytes
      last = { bytes: new Uint8Array(Math.max(room, bytes.length)), used: 0, done: 0 }
      this.#pieces.push(last)
    }
    last.bytes.set(bytes, last.used)
    last.used += bytes.length
  }

  resize(size: Size): void {
    this.#pieces.push({ size })
  }

  /** The next piece, of at most so many bytes; the bytes are a view. */
  take(maxBytes: number): Piece | undefined {
    const first = this.#pieces[0]
    if (first === undefined || 'size' in first) {
      this.#pieces.shift()
      return first
    }
    const bytes = first.bytes.subarray(first.done, Math.min(first.used, first.done + maxBytes))
    first.done += bytes.length
    this.#bytes -= bytes.length
    if (first.done === first.used) this.#pieces.shift()
    return { bytes }
  }

  clear(): void {
    this.#pieces = []
    this.#bytes = 0
  }
}
