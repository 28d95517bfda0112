// Where events of all sessions of a gateway process are accepted. It writes; blocks are made from its files elsewhere. `docs/protocol/recording.md`.
import { Failure, isFailure } from '#domain/failure.ts'
import type { Clock } from '#session/clock.ts'
import type { SessionEvent, SessionOpening } from '#session/event.ts'
import type { Tap, TapSource } from '#session/tap.ts'
import { Checkpoints, type Checkpoint } from './checkpoints.ts'
import { eventPayload, openingPayload } from './journal-event.ts'
import { JournalFiles } from './journal-files.ts'
import { isBefore, maxPayloadBytes, recordHeaderBytes, writeRecord, encodeRecord, type JournalRecord, type Place } from './journal-record.ts'
import { keepTail } from './journal-tail.ts'
import { JournalTap, type TapHome } from './journal-tap.ts'

export type JournalLimits = {
  /** All segments of all runs together. */
  spoolBytes: number
  segmentBytes: number
  /** Written in one turn before it is written in the middle of the turn. */
  turnBytes: number
  /** Sessions are paused while more than this waits for `fdatasync`. */
  unsyncedBytes: number
  /** `fdatasync` begins this long after the first unsynced byte: half of the promised second is left for the disk. */
  syncAfterMs: number
  /** Output of a live session kept after the shelf has it. */
  tailBytes: number
}
export const journalLimits = (spoolBytes: number): JournalLimits => ({
  spoolBytes,
  segmentBytes: Math.min(32 * 1024 * 1024, Math.max(64 * 1024, Math.floor(spoolBytes / 16))),
  turnBytes: 1024 * 1024,
  unsyncedBytes: 64 * 1024 * 1024,
  syncAfterMs: 500,
  tailBytes: 1024 * 1024,
})

/** What the reader of the journal must be told. Called at the end of a turn, never inside `accept`. */
export type JournalListener = {
  opened: (number: number, opening: SessionOpening) => void
  advanced: (place: Place) => void
  /** The session has no more records after this place and did not end. */
  abandoned: (number: number, place: Place, atMs: number, cause: string) => void
}

type Live = {
  number: number
  opening: Buffer
  tap: JournalTap
  /** Time of the last record; times rise strictly. */
  lastMs: number
  offset: number
  acknowledgedOffset: number
  /** End of its last record. */
  lastPlace: Place
  /** The segment from which on the shelf lacks something; undefined when it has everything. */
  pin: number | undefined
  /** Where its first record of this turn stands in the turn's buffer, and its offset. */
  turnFrom: number
  turnOffset: number
  checkpoints: Checkpoints
}

type Entry = { tap: JournalTap; accepted: () => void }

/** Equal times are moved apart by this: a time names one event. */
const stepMs = 0.001

export class Journal implements TapSource, TapHome {
  readonly #files: JournalFiles
  readonly #limits: JournalLimits
  readonly #clock: Clock
  readonly #listener: JournalListener
  readonly #otherBytes: () => number
  readonly #sessions = new Map<number, Live>()
  /** Per segment, where each session's output in it ends: what `keepTail` goes by. */
  readonly #ends = new Map<number, Map<number, number>>()
  readonly #turn: Buffer
  #used = 0
  #entries: Entry[] = []
  /** Sessions with a record in the turn's buffer, and the place of its end in the buffer. */
  #touched = new Map<number, number>()
  #written: Entry[] = []
  #failing: { tap: JournalTap; cause: Failure }[] = []
  #hasAdvanced = false
  #settles = false
  #nextNumber = 1
  #isSyncing = false
  #syncTimer: { cancel(): void } | undefined
  #isDraining = true
  readonly #waiting = new Set<JournalTap>()
  #closed = false

  /** `otherBytes` counts what else stands in the spool (former runs). Throws when the folder cannot be made. */
  constructor(options: { folder: string; limits: JournalLimits; clock: Clock; listener: JournalListener; otherBytes?: () => number }) {
    this.#files = new JournalFiles(options.folder)
    this.#limits = options.limits
    this.#clock = options.clock
    this.#listener = options.listener
    this.#otherBytes = options.otherBytes ?? (() => 0)
    this.#turn = Buffer.allocUnsafeSlow(options.limits.turnBytes + maxPayloadBytes + recordHeaderBytes)
  }

  get folder(): string {
    return this.#files.folder
  }
  get bytes(): number {
    return this.#files.totalBytes
  }
  get unfinished(): number {
    return this.#sessions.size
  }
  /** False while the shelf takes nothing: then sessions are not slowed for it. */
  set isDraining(value: boolean) {
    this.#isDraining = value
    if (!value) this.#giveRoom()
  }

  /** Writes the opening at once. Throws `Failure('disk_full' | 'recording_failed')`. */
  open(opening: SessionOpening): Tap {
    if (this.#closed) throw new Failure('recording_failed', 'The journal is closed.')
    if (this.#spoolShare() > 0.9)
      throw new Failure('disk_full', 'The space for recordings on the gateway is nearly full. Try again later, or ask an administrator.')
    const number = this.#nextNumber
    let payload: Buffer
    try {
      payload = openingPayload(opening)
    } catch (cause) {
      throw new Failure('recording_failed', 'The recording cannot begin: its opening is not valid.', { cause })
    }
    const tap = new JournalTap(this, number)
    const bytes = encodeRecord({ kind: 'opening', session: number, atMs: 0, offset: 0, payload })
    this.#writeTurn()
    try {
      this.#append(bytes)
    } catch (cause) {
      throw asFailure(cause)
    }
    this.#nextNumber += 1
    const place = this.#files.place
    this.#sessions.set(number, {
      number,
      opening: bytes,
      tap,
      lastMs: 0,
      offset: 0,
      acknowledgedOffset: 0,
      lastPlace: place,
      pin: place.segment,
      turnFrom: 0,
      turnOffset: 0,
      checkpoints: new Checkpoints(),
    })
    this.#listener.opened(number, opening)
    this.#hasAdvanced = true
    this.#settleSoon()
    return tap
  }

  /** The shelf has the session up to `offset`; `isAll` when with everything read up to `place`, else it lacks things from `fromSegment` on. */
  acknowledged(number: number, offset: number, isAll: boolean, place: Place, fromSegment: number): void {
    const live = this.#sessions.get(number)
    if (live === undefined) return
    live.acknowledgedOffset = Math.max(live.acknowledgedOffset, offset)
    live.pin = isAll && !isBefore(place, live.lastPlace) ? undefined : fromSegment
    this.#cut()
  }

  /** The session is sealed on the shelf, or given up: its records are no longer needed. */
  finished(number: number): void {
    this.#sessions.delete(number)
    // What people saw does not stay here until the segment is full.
    if (this.#sessions.size === 0) this.#files.retire()
    this.#cut()
  }

  /** Everything accepted stands before it. */
  get place(): Place {
    return this.#files.place
  }

  /** Where an unfinished session's output from `from` on stands: places in order, the first at or before it. Undefined when it is no longer held. */
  checkpoints(number: number, from: number): Checkpoint[] | undefined {
    return this.#sessions.get(number)?.checkpoints.from(from, (segment) => this.#ends.has(segment))
  }

  /** Ends one session's recording from the other side: the shelf refuses it. */
  fail(number: number, cause: Failure): void {
    const live = this.#sessions.get(number)
    if (live === undefined) return
    live.tap.failSoon(cause)
  }

  failAll(cause: Failure): void {
    for (const live of this.#sessions.values()) live.tap.failSoon(cause)
  }

  /** For `JournalTap`. */
  get isFull(): boolean {
    if (this.#used > this.#limits.turnBytes / 2 || this.#files.unsyncedBytes > this.#limits.unsyncedBytes) return true
    return this.#isDraining && this.#spoolShare() > 0.5
  }

  /** For `JournalTap`: copies the event; throws nothing. */
  accept(tap: JournalTap, event: SessionEvent, accepted: () => void): void {
    const live = this.#sessions.get(tap.number)
    if (live === undefined) return
    const payload = eventPayload(event)
    const refusal = this.#refusal(live, payload.length)
    if (refusal !== undefined) return tap.failSoon(refusal)
    for (let from = 0; from < payload.length || from === 0; from += maxPayloadBytes) {
      const part = payload.length > maxPayloadBytes ? payload.subarray(from, from + maxPayloadBytes) : payload
      if (part.length === 0 && event.kind === 'output') break
      live.lastMs = event.atMs > live.lastMs ? event.atMs : live.lastMs + stepMs
      this.#add(live, { kind: event.kind, session: live.number, atMs: live.lastMs, offset: live.offset, payload: part })
      if (event.kind === 'output') live.offset += part.length
      if (tap.hasFailed) return
    }
    this.#entries.push({ tap, accepted })
    this.#settleSoon()
  }

  /** For `JournalTap`. */
  failSoon(tap: JournalTap, cause: Failure): void {
    this.#failing.push({ tap, cause })
    this.#settleSoon()
  }

  /** For `JournalTap`. */
  abandon(tap: JournalTap): void {
    const live = this.#sessions.get(tap.number)
    if (live === undefined) return
    this.#writeTurn()
    this.#listener.advanced(this.#files.place)
    this.#listener.abandoned(live.number, this.#files.place, live.lastMs + stepMs, tap.failure?.message ?? '')
  }

  /** Writes what waits, makes it durable and closes the current segment. */
  async close(): Promise<void> {
    this.#settle()
    this.#closed = true
    this.#files.retire()
    this.#syncTimer?.cancel()
    while (this.#isSyncing) await new Promise((resolve) => setImmediate(resolve))
    await this.#files.sync()
  }

  #refusal(live: Live, bytes: number): Failure | undefined {
    const after = this.#spoolShare() + (bytes + recordHeaderBytes) / this.#limits.spoolBytes
    if (after > 1) return new Failure('disk_full', 'The recording cannot be written: the spool is full.')
    // One flood must not end everybody: the last tenth is for the others.
    if (after > 0.9 && live.offset - live.acknowledgedOffset > this.#limits.spoolBytes / 4)
      return new Failure('disk_full', 'The recording cannot be written: the spool is nearly full, and most of it is this session.')
    return undefined
  }

  #spoolShare(): number {
    return (this.#files.totalBytes + this.#used + this.#otherBytes()) / this.#limits.spoolBytes
  }

  #add(live: Live, record: JournalRecord): void {
    if (this.#used + recordHeaderBytes + record.payload.length > this.#turn.length) this.#writeTurn()
    if (!this.#touched.has(live.number)) {
      live.turnFrom = this.#used
      live.turnOffset = record.offset
    }
    this.#used = writeRecord(this.#turn, this.#used, record)
    this.#touched.set(record.session, this.#used)
  }

  /** One write for all sessions. Callbacks follow in `#settle`. */
  #writeTurn(): void {
    if (this.#used === 0) {
      this.#written.push(...this.#entries)
      this.#entries = []
      return
    }
    const bytes = this.#turn.subarray(0, this.#used)
    const touched = this.#touched
    this.#touched = new Map()
    this.#used = 0
    const entries = this.#entries
    this.#entries = []
    try {
      this.#append(bytes)
    } catch (cause) {
      this.failAll(asFailure(cause))
      return
    }
    const { segment, at } = this.#files.place
    const begun = at - bytes.length
    const ends = this.#ends.get(segment) ?? new Map<number, number>()
    this.#ends.set(segment, ends)
    for (const [number, end] of touched) {
      const live = this.#sessions.get(number)
      if (live === undefined) continue
      live.lastPlace = { segment, at: begun + end }
      live.pin ??= segment
      ends.set(number, live.offset)
      live.checkpoints.passed(live.turnOffset, segment, begun + live.turnFrom)
    }
    this.#written.push(...entries)
    this.#hasAdvanced = true
  }

  /** Writes whole records; the openings of unfinished sessions begin each segment. */
  #append(bytes: Uint8Array): void {
    if (this.#files.isOpen && this.#files.place.at >= this.#limits.segmentBytes) {
      this.#files.retire()
      this.#cut()
    }
    if (!this.#files.isOpen) this.#files.begin(Buffer.concat([...this.#sessions.values()].map((live) => live.opening)))
    this.#files.append(bytes)
    this.#syncSoon()
  }

  #settleSoon(): void {
    if (this.#settles) return
    this.#settles = true
    setImmediate(() => this.#settle())
  }

  #settle(): void {
    this.#settles = false
    this.#writeTurn()
    const written = this.#written
    this.#written = []
    if (this.#hasAdvanced) {
      this.#hasAdvanced = false
      this.#listener.advanced(this.#files.place)
    }
    for (const { tap, accepted } of written) if (!tap.isTold) accepted()
    const failing = this.#failing
    this.#failing = []
    for (const { tap, cause } of failing) {
      this.abandon(tap)
      tap.tell(cause)
    }
    this.#giveRoom()
  }

  /** For `JournalTap`: it was told to wait. */
  waits(tap: JournalTap): void {
    this.#waiting.add(tap)
  }

  #giveRoom(): void {
    if (this.#waiting.size === 0 || this.isFull) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const tap of waiting) if (!tap.isClosed) tap.onRoom?.()
  }

  #syncSoon(): void {
    if (this.#syncTimer !== undefined || this.#isSyncing || this.#closed) return
    this.#syncTimer = this.#clock.after(this.#limits.syncAfterMs, () => {
      this.#syncTimer = undefined
      void this.#sync()
    })
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true
    try {
      await this.#files.sync()
    } catch (cause) {
      // The kernel may have dropped what it could not write: what follows must not stand behind a hole.
      this.#files.retire()
      this.failAll(asFailure(cause))
    } finally {
      this.#isSyncing = false
    }
    if (this.#files.unsyncedBytes > 0) this.#syncSoon()
    this.#giveRoom()
  }

  #cut(): void {
    const current = this.#files.isOpen ? this.#files.place.segment : Infinity
    let needed = current
    for (const live of this.#sessions.values()) needed = Math.min(needed, live.pin ?? Infinity)
    const free = this.#files.numbers.filter((number) => number < needed)
    if (free.length === 0) return this.#giveRoom()
    const offsets = new Map<number, number>()
    for (const live of this.#sessions.values()) if (!live.tap.isClosed) offsets.set(live.number, live.offset)
    const kept = keepTail(free, this.#ends, offsets, this.#limits)
    for (const number of free) {
      if (kept.has(number)) continue
      this.#files.remove(number)
      this.#ends.delete(number)
    }
    this.#giveRoom()
  }
}

function asFailure(cause: unknown): Failure {
  if (isFailure(cause)) return cause
  const code = (cause as { code?: unknown }).code
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new Failure('disk_full', 'The recording cannot be written: the disk is full.', { cause })
    : new Failure('recording_failed', 'The recording cannot be written: the disk reports an error.', { cause })
}
