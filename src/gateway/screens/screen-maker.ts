// The worker's work: follows the journal, keeps a terminal for each live session, answers who wants to see one. Runs in the worker; testable without one.
import { isFailure } from '#domain/failure.ts'
import type { Checkpoint } from '#recording/checkpoints.ts'
import { readEvent, readOpening } from '#recording/journal-event.ts'
import { JournalReader, segmentNumbers } from '#recording/journal-reader.ts'
import { isBefore, type JournalRecord, recordHeaderBytes, segmentHeaderBytes, type Place } from '#recording/journal-record.ts'
import { compressFrame } from '#recording/zstd-frames.ts'
import { maxKeyframeBytes } from '#wire/link.ts'
import { FollowedSession } from './followed-session.ts'
import type { FromWorker, ToWorker, WorkerData } from './screens-messages.ts'
import { shelfEvents } from './shelf-block.ts'

/** Parsed of one session before it is another's turn. */
const sliceBytes = 64 * 1024
/** Less than this is kept raw until somebody wants to see it. */
const worthParsingBytes = 16 * 1024
/** A session that is further behind is not followed any more, until its screen is wanted. */
export const maxLagBytes = 8 * 1024 * 1024
/** Further behind than this nobody waits for all of it: what lies between is left out. */
export const maxCatchUpBytes = 64 * 1024 * 1024
const maxAwake = 64
const maxKeyframeTextBytes = 512 * 1024
/** 12 bytes a cell, for each of two screens: about 100 MB. */
const maxAwakeCells = 4_000_000
const freezeAfterMs = 60_000
const maxFrozenBytes = 128 * 1024 * 1024

type Demand = { id: number; atLeast: number; tail: Checkpoint | undefined }

export class ScreenMaker {
  readonly #folder: string
  readonly #reader: JournalReader
  readonly #rereader: JournalReader
  readonly #post: (message: FromWorker) => void
  readonly #nowMs: () => number
  readonly #sessions = new Map<number, FollowedSession>()
  readonly #demands = new Map<number, Demand[]>()
  /** Sessions that a former worker knew and that live on. */
  readonly #alive: Set<number>
  #knownUpTo: number
  /** Given up before their opening was read. */
  readonly #forgotten = new Set<number>()
  #until: Place
  /** Sessions in the order of their turns. */
  #turns: number[] = []
  /** A block that was asked of the shelf, by session. */
  readonly #asked = new Set<number>()

  constructor(data: WorkerData, post: (message: FromWorker) => void, nowMs: () => number) {
    this.#folder = data.folder
    this.#reader = new JournalReader(data.folder, data.firstSegment)
    this.#rereader = new JournalReader(data.folder, data.firstSegment)
    this.#until = { segment: data.firstSegment, at: 0 }
    this.#alive = new Set(data.alive)
    this.#knownUpTo = data.knownUpTo
    this.#post = post
    this.#nowMs = nowMs
  }

  get isDemanded(): boolean {
    return this.#demands.size > 0
  }
  get awake(): number {
    return [...this.#sessions.values()].filter((session) => session.isAwake).length
  }
  get sessions(): number {
    return this.#sessions.size
  }

  told(message: Exclude<ToWorker, { type: 'history' }>): void {
    switch (message.type) {
      case 'advanced':
        if (isBefore(this.#until, message.place)) this.#until = message.place
        return
      case 'screen': {
        if (isBefore(this.#until, message.place)) this.#until = message.place
        const demand = { id: message.id, atLeast: message.atLeast, tail: message.tail }
        this.#demands.set(message.number, [...(this.#demands.get(message.number) ?? []), demand])
        return
      }
      case 'cancel': {
        const left = (this.#demands.get(message.number) ?? []).filter((demand) => demand.id !== message.id)
        if (left.length === 0) this.#demands.delete(message.number)
        else this.#demands.set(message.number, left)
        return
      }
      case 'block':
        return this.#takeBlock(message)
      case 'forget':
        if (message.number > this.#knownUpTo) this.#forgotten.add(message.number)
        return this.#drop(message.number)
      default:
        message satisfies never
    }
  }

  /** One slice of work for those who wait; call it again while it says true. */
  workOnDemand(): boolean {
    if (!this.isDemanded) return false
    const isScanned = this.#scan()
    for (const number of [...this.#demands.keys()]) {
      const session = this.#sessions.get(number)
      if (session === undefined) {
        // Opened before `until`, so a scan that came to its end has seen it.
        if (isScanned) this.#refuse(number)
        continue
      }
      this.#serve(session, isScanned)
    }
    return [...this.#demands.keys()].some((number) => !this.#asked.has(number))
  }

  /** One slice of following; true when there is more that can be done now. */
  workInBackground(): boolean {
    if (!this.#scan()) return true
    for (let tries = this.#turns.length; tries > 0; tries -= 1) {
      const number = this.#turns.shift()
      const session = number === undefined ? undefined : this.#sessions.get(number)
      if (number === undefined || session === undefined) continue
      this.#turns.push(number)
      if (
        session.lag > maxLagBytes ||
        session.isHole ||
        (session.pending.bytes < worthParsingBytes && session.behind === undefined && !this.#isKeyframeDue(session))
      )
        continue
      if (session.isFlooding(this.#nowMs())) continue
      this.#parse(session)
      return true
    }
    return false
  }

  /** Called about each second: freezes who is idle. */
  look(): void {
    const now = this.#nowMs()
    for (const session of this.#sessions.values()) if (session.isAwake && now - session.usedAtMs > freezeAfterMs) this.#freeze(session)
  }

  close(): void {
    this.#reader.close()
    this.#rereader.close()
    for (const session of this.#sessions.values()) session.dispose()
  }

  /** About a MiB of the journal; true when all of it was seen. */
  #scan(): boolean {
    return this.#reader.read(this.#until, (record, segment) =>
      this.#seen(record, { segment, at: this.#reader.place.at - recordHeaderBytes - record.payload.length }),
    )
  }

  #seen(record: JournalRecord, place: Place): void {
    const session = this.#sessions.get(record.session)
    if (record.kind === 'opening') {
      if (session === undefined) this.#begin(record)
      return
    }
    if (session === undefined) return
    if (record.kind === 'end') return this.#drop(record.session)
    if (session.behind === undefined && session.hasRoom && this.#take(session, record)) return
    const event = readEvent(record)
    if (event?.kind === 'output') session.seen = Math.max(session.seen, event.offset + event.bytes.length)
    if (event?.kind === 'resize') session.seenSize = event.size
    session.behind ??= place
  }

  #begin(record: JournalRecord): void {
    const isNew = record.session > this.#knownUpTo || this.#alive.delete(record.session)
    this.#knownUpTo = Math.max(this.#knownUpTo, record.session)
    const opening = isNew && !this.#forgotten.delete(record.session) ? readOpening(record.payload) : undefined
    if (opening === undefined) return
    this.#sessions.set(record.session, new FollowedSession(record.session, opening))
    this.#turns.push(record.session)
  }

  /** False when something before it is missing. */
  #take(session: FollowedSession, record: JournalRecord): boolean {
    const event = readEvent(record)
    if (event?.kind === 'output') return session.output(event.offset, event.bytes, event.atMs)
    if (event?.kind !== 'resize') return true
    if (event.offset > session.queued) return false
    session.resize(event.size, event.atMs)
    return true
  }

  #drop(number: number): void {
    this.#sessions.get(number)?.dispose()
    this.#sessions.delete(number)
    this.#turns = this.#turns.filter((other) => other !== number)
    this.#asked.delete(number)
    this.#alive.delete(number)
    this.#refuse(number)
  }

  #refuse(number: number): void {
    for (const demand of this.#demands.get(number) ?? []) this.#post({ type: 'no-screen', id: demand.id })
    this.#demands.delete(number)
  }

  /** A slice of a session that somebody waits for, and the answer when it is there. */
  #serve(session: FollowedSession, isScanned: boolean): void {
    const demands = this.#demands.get(session.number) ?? []
    const wanted = Math.max(...demands.map((demand) => demand.atLeast))
    const tail = demands.findLast((demand) => demand.tail !== undefined)?.tail
    if (tail !== undefined && tail.offset > session.queued && wanted - session.parsed > maxCatchUpBytes) session.jump(tail.offset, tail.place)
    if (session.parsed < wanted || session.pending.pieces > 0) this.#parse(session)
    if (session.isHole && session.pending.pieces === 0) return this.#askShelf(session)
    // All that is at hand is parsed first: nobody waits for it twice.
    const isAll = isScanned && session.pending.pieces === 0 && session.behind === undefined
    if (isAll && session.parsed < wanted) return this.#refuse(session.number)
    if (session.parsed < wanted || (session.pending.pieces > 0 && session.behind === undefined)) return
    const screen = session.screen(this.#nowMs())
    for (const demand of demands) this.#post({ type: 'screen', id: demand.id, ...screen })
    this.#demands.delete(session.number)
  }

  #parse(session: FollowedSession): void {
    if (!session.isAwake) this.#makeRoom(session)
    session.step(sliceBytes, this.#nowMs())
    this.#postKeyframe(session)
    if (session.behind !== undefined && !session.isHole && session.hasRoom) this.#reread(session, session.behind)
  }

  #postKeyframe(session: FollowedSession): void {
    const screen = session.keyframe(this.#nowMs())
    if (screen === undefined || screen.text.length > maxKeyframeTextBytes) return
    const frame = compressFrame(screen.text)
    const { offset, atMs, cols, rows } = screen
    if (frame.length <= maxKeyframeBytes) this.#post({ type: 'keyframe', session: session.id, offset, atMs, cols, rows, frame: Uint8Array.from(frame) })
  }

  /** Reads on from where the session is behind, until its pending output is full or the scan's place is reached. */
  #reread(session: FollowedSession, from: Place): void {
    this.#rereader.seek(from)
    let stopped: Place | undefined
    const isDone = this.#rereader.read(this.#reader.place, (record, segment) => {
      if (record.session !== session.number || record.kind === 'opening') return true
      if (session.hasRoom && this.#take(session, record)) return true
      stopped = { segment, at: this.#rereader.place.at - recordHeaderBytes - record.payload.length }
      session.isHole = session.hasRoom
      return false
    })
    session.behind = stopped ?? (isDone ? undefined : this.#rereader.place)
    this.#rereader.close()
  }

  /** Little output is parsed for it all the same. */
  #isKeyframeDue(session: FollowedSession): boolean {
    return session.pending.pieces > 0 && session.isKeyframeDue(this.#nowMs())
  }

  #makeRoom(session: FollowedSession): void {
    const awake = [...this.#sessions.values()].filter((other) => other.isAwake).toSorted((a, b) => a.usedAtMs - b.usedAtMs)
    let cells = awake.reduce((sum, other) => sum + other.cells, session.cells)
    while (awake.length >= maxAwake || (cells > maxAwakeCells && awake.length > 0)) {
      const oldest = awake.shift()
      if (oldest === undefined) return
      cells -= oldest.cells
      this.#freeze(oldest)
    }
  }

  #freeze(session: FollowedSession): void {
    session.freeze()
    const frozen = [...this.#sessions.values()].reduce((sum, other) => sum + other.frozenBytes, 0)
    if (frozen > maxFrozenBytes) session.forget({ segment: segmentNumbers(this.#folder)[0] ?? this.#reader.place.segment, at: segmentHeaderBytes })
  }

  #askShelf(session: FollowedSession): void {
    if (this.#asked.has(session.number)) return
    this.#asked.add(session.number)
    this.#post({ type: 'want-block', number: session.number, session: session.id, atOffset: session.queued })
  }

  #takeBlock({ number, block, tail }: Extract<ToWorker, { type: 'block' }>): void {
    const session = this.#sessions.get(number)
    if (!this.#asked.delete(number) || session === undefined) return
    try {
      if (block === undefined || block.fromOffset > session.queued || block.toOffset <= session.queued)
        throw new Error('the block does not go on where the journal ends')
      const sinceMs = Math.round(session.queuedMs)
      for (const event of shelfEvents(block)) {
        if ('bytes' in event) session.output(event.offset, event.bytes, 0)
        else if (event.offset >= session.queued && event.atMs >= sinceMs) session.pending.resize(event.size)
      }
      session.queuedMs = Math.max(session.queuedMs, block.toMs)
      session.isHole = false
    } catch (cause) {
      if (!isFailure(cause) && !(cause instanceof Error)) throw cause
      // What is missing is nowhere: the rest is better than nothing, when there is a rest.
      if (tail === undefined || tail.offset <= session.queued) return this.#refuse(number)
      session.jump(tail.offset, tail.place)
    }
  }
}
