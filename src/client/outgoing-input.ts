// What a person typed and the host has not taken yet, in order with resizes. At most 256 KiB are under way, so that Ctrl-C typed into a huge paste
// waits for little; at most 8 MiB wait behind it, then typing is refused.
import { encodeBytes, encodeSize } from '#wire/terminal.ts'

export const mostUnderWay = 256 * 1024
export const mostWaiting = 8 * 1024 * 1024
const chunkBytes = 32 * 1024

type Waiting = { kind: 'bytes'; bytes: Uint8Array } | { kind: 'resize'; cols: number; rows: number }

export class OutgoingInput {
  #send: (frame: Uint8Array<ArrayBuffer>) => void
  #queue: Waiting[] = []
  #waitingBytes = 0
  #sent = 0
  #taken = 0
  #open = false

  constructor(send: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  /** False when it would not fit; nothing of it is kept then. */
  bytes(bytes: Uint8Array): boolean {
    if (this.#waitingBytes + bytes.length > mostWaiting) return false
    for (let start = 0; start < bytes.length; start += chunkBytes) this.#queue.push({ kind: 'bytes', bytes: bytes.slice(start, start + chunkBytes) })
    this.#waitingBytes += bytes.length
    this.#flush()
    return true
  }

  resize(cols: number, rows: number): void {
    const last = this.#queue.at(-1)
    // Two sizes with nothing typed between them are one.
    if (last?.kind === 'resize') this.#queue.pop()
    this.#queue.push({ kind: 'resize', cols: clampSize(cols), rows: clampSize(rows) })
    this.#flush()
  }

  open(inputOffset: number): void {
    this.#open = true
    this.#sent = this.#taken = inputOffset
    this.#flush()
  }

  /** The host has taken everything before `offset`. An offset that we never sent is ignored. */
  taken(offset: number): void {
    if (offset <= this.#taken || offset > this.#sent) return
    this.#taken = offset
    this.#flush()
  }

  stop(): void {
    this.#open = false
    this.#queue = []
    this.#waitingBytes = 0
  }

  #flush(): void {
    if (!this.#open) return
    let done = 0
    for (const next of this.#queue) {
      if (next.kind === 'resize') this.#send(encodeSize('resize', next.cols, next.rows))
      else {
        if (this.#sent - this.#taken + next.bytes.length > mostUnderWay) break
        this.#sent += next.bytes.length
        this.#waitingBytes -= next.bytes.length
        this.#send(encodeBytes('input', next.bytes))
      }
      done++
    }
    if (done > 0) this.#queue.splice(0, done)
  }
}

const clampSize = (value: number) => Math.min(1000, Math.max(1, Math.floor(value)))
