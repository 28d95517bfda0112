// What a person typed and the host has not taken yet, in order with resizes, over all the connections of a session. At most 256 KiB are under way, so that
// Ctrl-C typed into a huge paste waits for little; at most 8 MiB wait behind it, then typing is refused.
import { encodeBytes, encodeSize } from '#wire/terminal.ts'
import { KeptInput } from './kept-input.ts'

export const mostUnderWay = 256 * 1024
export const mostWaiting = 8 * 1024 * 1024
const chunkBytes = 32 * 1024

type Waiting = { kind: 'bytes'; bytes: Uint8Array } | { kind: 'resize'; cols: number; rows: number }

export class OutgoingInput {
  #send: (frame: Uint8Array<ArrayBuffer>) => void
  #queue: Waiting[] = []
  #waitingBytes = 0
  /** Sent and not taken; undefined before the first WELCOME. */
  #kept: KeptInput | undefined
  #open = false

  constructor(send: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  /** False when it would not fit; nothing of it is kept then. */
  bytes(bytes: Uint8Array): boolean {
    if (this.#waitingBytes + bytes.length > mostWaiting) return false
    this.#append(bytes)
    this.#flush()
    return true
  }

  resize(cols: number, rows: number): void {
    // Two sizes with nothing typed between them are one.
    if (this.#queue.at(-1)?.kind === 'resize') this.#queue.pop()
    this.#queue.push({ kind: 'resize', cols: clampSize(cols), rows: clampSize(rows) })
    this.#flush()
  }

  /**
   * A connection is welcomed: the gateway has received everything before `inputOffset`, and what was sent behind it is sent again. The first WELCOME begins there with nothing.
   * False when that is not an offset at which nothing would be lost or doubled; nothing is sent then.
   */
  open(inputOffset: number): boolean {
    const kept = this.#kept
    if (kept) {
      if (inputOffset < kept.from || inputOffset > kept.end) return false
      // What the gateway has may wait there for the host; its TAKEN can have been lost with the connection, so it is not waited for.
      kept.dropBefore(inputOffset)
      const again = kept.takeAll()
      const chunks = chunked(again)
      this.#queue.unshift(...chunks)
      this.#waitingBytes += again.length
    }
    this.#kept = new KeptInput(inputOffset)
    this.#open = true
    this.#flush()
    return true
  }

  /** The connection is gone; what is typed waits for the next one. */
  pause(): void {
    this.#open = false
  }

  /** HELLO says the newest size: those that wait are of no use any more. */
  forgetSizes(): void {
    const waiting = this.#queue
    this.#queue = []
    this.#waitingBytes = 0
    for (const item of waiting) if (item.kind === 'bytes') this.#append(item.bytes)
  }

  /** The host has taken everything before `offset`. An offset that we never sent is ignored. */
  taken(offset: number): void {
    if (!this.#kept || offset <= this.#kept.from || offset > this.#kept.end) return
    this.#kept.dropBefore(offset)
    this.#flush()
  }

  stop(): void {
    this.#open = false
    this.#queue = []
    this.#waitingBytes = 0
    this.#kept = undefined
  }

  #append(bytes: Uint8Array): void {
    this.#waitingBytes += bytes.length
    const last = this.#queue.at(-1)
    // Keys that wait are sent together: a frame for each would be more frames than the gateway takes.
    if (last?.kind === 'bytes' && last.bytes.length + bytes.length <= chunkBytes) last.bytes = joined(last.bytes, bytes)
    else this.#queue.push(...chunked(bytes.slice()))
  }

  #flush(): void {
    const kept = this.#kept
    if (!this.#open || !kept) return
    let done = 0
    for (const next of this.#queue) {
      if (next.kind === 'resize') this.#send(encodeSize('resize', next.cols, next.rows))
      else {
        if (kept.end - kept.from + next.bytes.length > mostUnderWay) break
        kept.append(next.bytes)
        this.#waitingBytes -= next.bytes.length
        this.#send(encodeBytes('input', next.bytes))
      }
      done++
    }
    if (done > 0) this.#queue.splice(0, done)
  }
}

function chunked(bytes: Uint8Array): Waiting[] {
  const chunks: Waiting[] = []
  for (let start = 0; start < bytes.length; start += chunkBytes) chunks.push({ kind: 'bytes', bytes: bytes.subarray(start, start + chunkBytes) })
  return chunks
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

const clampSize = (value: number) => Math.min(1000, Math.max(1, Math.floor(value)))
