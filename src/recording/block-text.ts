// The lines of a block that is being filled, as bytes in one buffer. The large buffers are kept and used again: each new one is memory to clear, and garbage that V8 counts.

import { escapeJson, mostPerByte } from './json-escape.ts'

/** UTF-16 units of a line become at most three bytes each. */
const maxBytesPerUnit = 3
const firstBytes = 4 * 1024
/** From this size on buffers are kept; a worker fills one block after the other, so a few do. */
const largeBytes = 256 * 1024
const maxKept = 6
const kept: Buffer[] = []

/** A buffer of at least so many bytes; they grow by four, so that a session which says little holds little. */
function bufferOf(bytes: number): Buffer {
  let size = firstBytes
  while (size < bytes) size *= 4
  const found = size < largeBytes ? -1 : kept.findIndex((buffer) => buffer.length === size)
  return found === -1 ? Buffer.allocUnsafeSlow(size) : (kept.splice(found, 1)[0] as Buffer)
}

function giveBack(buffer: Buffer | undefined): void {
  if (buffer !== undefined && buffer.length >= largeBytes && kept.length < maxKept) kept.push(buffer)
}

export class BlockText {
  #buffer: Buffer | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  add(text: string): void {
    this.#length += this.#room(text.length * maxBytesPerUnit).write(text, this.#length, 'utf8')
  }

  /** UTF-8 as it stands between the quotes of JSON. */
  addEscaped(utf8: Uint8Array): void {
    this.#length += escapeJson(utf8, this.#room(utf8.length * mostPerByte), this.#length)
  }

  /** The buffer, with room for so many bytes more. */
  #room(bytes: number): Buffer {
    const most = this.#length + bytes
    const before = this.#buffer
    if (before !== undefined && before.length >= most) return before
    const larger = bufferOf(most)
    before?.copy(larger, 0, 0, this.#length)
    giveBack(before)
    this.#buffer = larger
    return larger
  }

  /** Gives the first `bytes` bytes (a view, for as long as the call lasts) to `use`; what is behind them stays. */
  take<Result>(bytes: number, use: (text: Uint8Array) => Result): Result {
    const buffer = this.#buffer ?? Buffer.alloc(0)
    const result = use(buffer.subarray(0, bytes))
    buffer.copyWithin(0, bytes, this.#length)
    this.#length -= bytes
    if (this.#length === 0) {
      giveBack(this.#buffer)
      this.#buffer = undefined
    }
    return result
  }
}
