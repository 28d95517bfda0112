// One live session as the worker knows it: its terminal, awake or frozen, what waits to be parsed, and from where on the journal must be read again.
import type { SessionOpening, Size } from '#session/event.ts'
import type { Place } from '#recording/journal-record.ts'
import { Emulator } from './emulator.ts'
import { PendingOutput } from './pending-output.ts'

/** Output that is kept in memory before it is parsed; what comes beyond is read again from the journal. */
export const maxPendingBytes = 64 * 1024
const maxPendingPieces = 1000
/** More than 1 MiB in a second. */
const floodBytes = 256 * 1024
const paceMs = 250
/** A change of size is as much work as so many bytes. */
const resizeCost = 16 * 1024
const keyframeBytes = 256 * 1024
const keyframeMs = 30_000

export type SessionScreen = { offset: number; cols: number; rows: number; text: Uint8Array }

export class FollowedSession {
  readonly number: number
  readonly id: string
  readonly opening: SessionOpening
  readonly pending = new PendingOutput()
  /** Offset and time up to which the terminal has parsed. */
  parsed = 0
  /** Offset and time up to which output is parsed or pending. */
  queued = 0
  queuedMs = 0
  /** Offset up to which output is known to be in the journal. */
  seen = 0
  /** Where the first record stands that is not pending; undefined while the session is followed record by record. */
  behind: Place | undefined
  /** Something is not in the journal before `behind`. */
  isHole = false
  usedAtMs = 0
  /** When it was last looked whether output comes in masses, how far it was then, and what was found. */
  #pace = { atMs: 0, seen: 0, isFlood: false }
  /** The last size that is known to be in the journal. */
  seenSize: Size | undefined
  /** Something was left out: what is shown may be wrong until the program draws all anew. */
  #isGuess = false
  /** Where the last screen for seeking was made, and when. */
  #keyframe = { offset: 0, madeMs: 0 }
  #emulator: Emulator | undefined
  #frozen: { size: Size; text: Uint8Array }

  constructor(number: number, opening: SessionOpening) {
    this.number = number
    this.id = opening.session
    this.opening = opening
    this.#frozen = { size: opening.size, text: new Uint8Array(0) }
  }

  get isAwake(): boolean {
    return this.#emulator !== undefined
  }
  get frozenBytes(): number {
    return this.isAwake ? 0 : this.#frozen.text.length
  }
  get cells(): number {
    const { cols, rows } = this.#emulator?.size ?? this.#frozen.size
    return cols * rows
  }
  /** Bytes that are known and not parsed. */
  get lag(): number {
    return this.seen - this.parsed
  }
  get hasRoom(): boolean {
    return this.pending.bytes < maxPendingBytes && this.pending.pieces < maxPendingPieces
  }

  /** While output comes in masses most of it is gone before anybody could see it: parsing it in the background would be for nothing. */
  isFlooding(nowMs: number): boolean {
    if (nowMs - this.#pace.atMs >= paceMs) this.#pace = { atMs: nowMs, seen: this.seen, isFlood: this.seen - this.#pace.seen > floodBytes }
    return this.#pace.isFlood
  }

  /** Output from `offset` on; what is there already is passed over. False, and nothing is taken, when bytes before it are missing. */
  output(offset: number, bytes: Uint8Array, atMs: number): boolean {
    this.seen = Math.max(this.seen, offset + bytes.length)
    if (offset > this.queued) return false
    const fresh = bytes.subarray(this.queued - offset)
    if (fresh.length > 0) this.pending.add(fresh)
    this.queued += fresh.length
    this.queuedMs = Math.max(this.queuedMs, atMs)
    return true
  }

  resize(size: Size, atMs: number): void {
    if (atMs <= this.queuedMs) return
    this.pending.resize(size)
    this.queuedMs = atMs
  }

  /** Parses some of what is pending. */
  step(maxBytes: number, nowMs: number): void {
    const emulator = this.#wake()
    this.usedAtMs = nowMs
    for (let left = maxBytes; left > 0;) {
      const piece = this.pending.take(left)
      if (piece === undefined) return
      if ('size' in piece) {
        emulator.resize(piece.size)
        left -= resizeCost
      } else {
        emulator.write(piece.bytes)
        this.parsed += piece.bytes.length
        left -= piece.bytes.length
      }
    }
  }

  screen(nowMs: number): SessionScreen {
    this.usedAtMs = nowMs
    const { size, text } = this.#emulator === undefined ? this.#frozen : { size: this.#emulator.size, text: this.#emulator.redraw() }
    return { offset: this.parsed, ...size, text }
  }

  /** Whether so much has been shown since the last screen for seeking, or so long ago, that the next is due. */
  isKeyframeDue(nowMs: number): boolean {
    if (this.#keyframe.madeMs === 0) this.#keyframe.madeMs = nowMs
    const bytes = this.queued - this.#keyframe.offset
    return !this.#isGuess && (bytes >= keyframeBytes || (bytes > 0 && nowMs - this.#keyframe.madeMs >= keyframeMs))
  }

  /** A screen for seeking, when one is due and everything pending is parsed. */
  keyframe(nowMs: number): (SessionScreen & { atMs: number }) | undefined {
    if (this.pending.pieces > 0 || this.#emulator?.isAtGround !== true || !this.isKeyframeDue(nowMs)) return undefined
    this.#keyframe = { offset: this.parsed, madeMs: nowMs }
    return { ...this.screen(this.usedAtMs), atMs: this.queuedMs }
  }

  freeze(): void {
    if (this.#emulator === undefined) return
    this.#frozen = { size: this.#emulator.size, text: this.#emulator.redraw() }
    this.dispose()
  }

  /** Forgets the terminal: it is made again from the beginning of the session, from the shelf. */
  forget(from: Place): void {
    this.dispose()
    this.pending.clear()
    this.#frozen = { size: this.opening.size, text: new Uint8Array(0) }
    this.parsed = this.queued = this.queuedMs = 0
    this.behind = from
    this.isHole = false
  }

  /** Leaves out everything up to `offset`: what the terminal shows is right again when what follows has redrawn it. */
  jump(offset: number, place: Place): void {
    this.pending.clear()
    if (this.seenSize !== undefined) this.pending.resize(this.seenSize)
    this.#isGuess = true
    this.parsed = this.queued = offset
    this.behind = place
    this.isHole = false
  }

  dispose(): void {
    this.#emulator?.dispose()
    this.#emulator = undefined
  }

  #wake(): Emulator {
    this.#emulator ??= new Emulator(this.#frozen.size, this.#frozen.text)
    this.#frozen = { size: this.#frozen.size, text: new Uint8Array(0) }
    return this.#emulator
  }
}
