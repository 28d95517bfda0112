// What a person types and how large their terminal is, in the order it came, at the host's pace.
import { Failure } from '#domain/failure.ts'
import type { Clock } from './clock.ts'
import { maxCols, maxRows, type Size } from './event.ts'

/** From here on the person is not read until the host has taken everything. */
export const fullAtBytes = 1024 * 1024
/** A door that goes on reading breaks its obligation, or its person the protocol. */
const refusedAtBytes = 2 * fullAtBytes
// What an entry weighs in the bound beside its bytes: a resize, or one key, costs memory and a turn of the queue too.
const entryWeight = 64
/** Ten resizes a second are forwarded; of more, the last. */
const resizeEveryMs = 100

type Entry = { kind: 'bytes'; bytes: Uint8Array; end: number } | { kind: 'resize'; size: Size }

export type InputSink = {
  /** False: the host takes no more until `Input.room()`. */
  write: (bytes: Uint8Array) => boolean
  resize: (size: Size) => void
  /** The host has taken input up to this absolute offset. */
  taken: (offset: number) => void
}

export class Input {
  onRoom: (() => void) | undefined
  readonly #sink: InputSink
  readonly #clock: Clock
  #entries: Entry[] = []
  #waiting = 0
  #received = 0
  #given = 0
  #isBlocked = false
  #wasRefused = false
  #resizedAt = -Infinity
  #timer: { cancel(): void } | undefined
  #isClosed = false

  constructor(sink: InputSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  /** Bytes that came from the person, given to the host or waiting. */
  get received(): number {
    return this.#received
  }

  /** Bytes that the host has been given. */
  get given(): number {
    return this.#given
  }

  /** `offset` is that of the first byte; what was received before is skipped. Returns false when no more is to be read until `onRoom`. Throws `Failure` for a gap (`frame_unexpected`) and past 2 MiB waiting (`input_too_fast`). */
  push(offset: number, bytes: Uint8Array): boolean {
    if (this.#isClosed) return true
    if (offset > this.#received) throw new Failure('frame_unexpected', `Input from ${offset} came where ${this.#received} was expected.`)
    const fresh = bytes.subarray(Math.min(bytes.length, this.#received - offset))
    if (fresh.length > 0) {
      this.#received += fresh.length
      this.#enqueue({ kind: 'bytes', bytes: fresh, end: this.#received }, fresh.length + entryWeight)
    }
    return this.#answer()
  }

  /** A size that differs from the one before it with nothing between takes its place. */
  resize(size: Size): void {
    if (this.#isClosed) return
    const clamped = { cols: clamp(size.cols, maxCols), rows: clamp(size.rows, maxRows) }
    const last = this.#entries.at(-1)
    if (last?.kind === 'resize') last.size = clamped
    else this.#enqueue({ kind: 'resize', size: clamped }, entryWeight)
    this.#answer()
  }

  /** The host takes bytes again. */
  room(): void {
    if (!this.#isBlocked || this.#isClosed) return
    this.#isBlocked = false
    this.#sink.taken(this.#given)
    this.#pump()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#entries = []
    this.#waiting = 0
    this.onRoom = undefined
  }

  #enqueue(entry: Entry, weight: number): void {
    if (this.#waiting + weight > refusedAtBytes) throw new Failure('input_too_fast', 'More input came than the host takes. Paste less at once.')
    this.#entries.push(entry)
    this.#waiting += weight
    this.#pump()
  }

  #answer(): boolean {
    if (this.#waiting < fullAtBytes) return true
    this.#wasRefused = true
    return false
  }

  #pump(): void {
    const before = this.#given
    while (!this.#isBlocked && !this.#isClosed) {
      const entry = this.#entries[0]
      if (!entry) break
      if (entry.kind === 'resize') {
        if (!this.#mayResize()) break
        this.#entries.shift()
        this.#waiting -= entryWeight
        this.#sink.resize(entry.size)
      } else {
        this.#entries.shift()
        this.#waiting -= entry.bytes.length + entryWeight
        this.#given = entry.end
        this.#isBlocked = !this.#sink.write(entry.bytes)
      }
    }
    if (this.#given > before && !this.#isBlocked) this.#sink.taken(this.#given)
    if (this.#wasRefused && this.#waiting === 0 && !this.#isBlocked) {
      this.#wasRefused = false
      this.onRoom?.()
    }
  }

  /** What comes behind a resize waits with it, at most 100 ms: a command that asks for the size must see the new one. */
  #mayResize(): boolean {
    const wait = this.#resizedAt + resizeEveryMs - this.#clock.nowMs()
    if (wait <= 0) {
      this.#resizedAt = this.#clock.nowMs()
      return true
    }
    this.#timer ??= this.#clock.after(wait, () => {
      this.#timer = undefined
      this.#pump()
    })
    return false
  }
}

const clamp = (value: number, most: number) => Math.min(most, Math.max(1, Math.trunc(value) || 1))
