// One session's events into blocks. It knows what is already on the shelf and skips it, so that it can go on anywhere.
import type { BlockHeader } from '#wire/link.ts'
import type { ToldCommand } from '#wire/told-command.ts'
import { SessionId } from '#domain/id.ts'
import type { SessionEvent, SessionOpening } from '#session/event.ts'
import { BlockText } from './block-text.ts'
import { afterShown, castHeader, CastWriter, type CastLine } from './cast.ts'
import { ToldQueue } from './told-queue.ts'
import { chainDigest, chainStart } from './chain.ts'
import { compressFrame, maxBlockBytes } from './zstd-frames.ts'

export type Block = {
  header: BlockHeader
  frame: Buffer
  /** True when everything pushed before is in this or an earlier block. */
  isAll: boolean
  /** Otherwise the segment where the first thing that is not stands. */
  fromSegment: number
}

/** Where the shelf stands with a session; `nextIndex` 0 for the beginning. */
export type ResumePoint = { nextIndex: number; head: string; atMs: number; offset: number; castBytes: number }
export const resumeAtStart: ResumePoint = { nextIndex: 0, head: chainStart, atMs: 0, offset: 0, castBytes: 0 }

/** Reads commands out of events: `src/gateway/commands/`. */
export interface CommandSource {
  push(event: SessionEvent): void
  /** What was found since the last call; `isLast`: nothing may be held back for what comes. */
  take(isLast: boolean): ToldCommand[]
}

export class BlockMaker {
  readonly session: string
  readonly #session: SessionId
  readonly #opening: SessionOpening
  readonly #writer: CastWriter
  readonly #done: { atMs: number; offset: number }
  #index: number
  #previous: string
  #castBytes: number
  readonly #text = new BlockText()
  readonly #commands: CommandSource | undefined
  readonly #told = new ToldQueue()
  #from: { atMs: number; offset: number }
  #to: { atMs: number; offset: number }
  #lastSeenMs: number
  #pendingSince: number | undefined
  /** Since when, and from which segment on, bytes of an incomplete character are held. */
  #held: { since: number; segment: number } | undefined

  /** `commands`: what goes with the headers of blocks. */
  constructor(opening: SessionOpening, resume: ResumePoint, nowMs: number, commands?: CommandSource) {
    this.#commands = commands
    this.session = this.#session = SessionId.parse(opening.session)
    this.#opening = opening
    this.#index = resume.nextIndex
    this.#previous = resume.head
    this.#castBytes = resume.castBytes
    this.#done = { atMs: resume.atMs, offset: resume.offset }
    this.#from = this.#to = this.#done
    this.#lastSeenMs = resume.atMs
    this.#writer = new CastWriter(this.#done)
    if (resume.nextIndex === 0) {
      this.#text.add(castHeader(opening))
      this.#pendingSince = nowMs
    }
  }

  get blocks(): number {
    return this.#index
  }
  get head(): string {
    return this.#previous
  }
  get castBytes(): number {
    return this.#castBytes
  }
  /** Of the last event seen. */
  get seconds(): number {
    return Math.round(this.#lastSeenMs) / 1000
  }
  get lastSeenMs(): number {
    return this.#lastSeenMs
  }
  /** When the oldest line or held byte that is in no block came, by the clock of the caller. */
  get pendingSince(): number | undefined {
    return this.#pendingSince
  }

  /** Takes the next event of the session, which stands in the given segment; returns the blocks that became full. */
  push(event: SessionEvent, segment: number, nowMs: number): Block[] {
    // Before its lines: a block that ends within this event tells what was run up to its end.
    this.#commands?.push(event)
    this.#takeTold(false)
    const fresh = this.#withoutDone(event)
    this.#lastSeenMs = Math.max(this.#lastSeenMs, event.atMs)
    if (fresh === undefined) return []
    const blocks: Block[] = []
    const fromSegment = this.#held?.segment ?? segment
    let lines = 0
    for (const line of this.#writer.write(fresh)) {
      this.#line(line, fromSegment, nowMs, blocks)
      lines += 1
    }
    if (this.#writer.heldBytes === 0) this.#held = undefined
    else if (this.#held === undefined || (lines > 0 && fresh.kind === 'output')) this.#held = { since: nowMs, segment }
    if (this.#held !== undefined) this.#pendingSince ??= this.#held.since
    if (this.#told.isMuch && this.#text.length > 0) blocks.push(this.#close(this.#text.length, this.#held === undefined, fromSegment))
    return blocks
  }

  /**
   * Ends the block that is being filled. Bytes of a character that have waited since `giveUpBefore` go into it as they are;
   * younger ones stay held. Empty when nothing waits.
   */
  cut(segment: number, nowMs: number, giveUpBefore: number): Block[] {
    const blocks: Block[] = []
    if (this.#held !== undefined && this.#held.since <= giveUpBefore) {
      for (const line of this.#writer.giveUpHeld(this.#lastSeenMs)) this.#line(line, this.#held.segment, nowMs, blocks)
      this.#held = undefined
    }
    if (this.#text.length > 0) blocks.push(this.#close(this.#text.length, this.#held === undefined, this.#held?.segment ?? segment))
    this.#pendingSince = this.#held?.since
    return blocks
  }

  /** Lines and bytes on the shelf are recognised by time and offset: times rise strictly within a session. */
  #withoutDone(event: SessionEvent): SessionEvent | undefined {
    if (event.kind !== 'output') return event.atMs <= this.#done.atMs ? undefined : event
    const skip = this.#done.offset - event.offset
    if (skip <= 0) return event
    if (skip >= event.bytes.length) return undefined
    return { ...event, offset: this.#done.offset, bytes: event.bytes.subarray(skip) }
  }

  #line(line: CastLine, fromSegment: number, nowMs: number, blocks: Block[]): void {
    const before = this.#text.length
    if (before === 0) this.#from = { atMs: line.atMs, offset: this.#to.offset }
    this.#text.add(line.text)
    if (line.shown !== undefined) {
      this.#text.addEscaped(line.shown)
      this.#text.add(afterShown)
    }
    if (this.#text.length > maxBlockBytes && before > 0) {
      blocks.push(this.#close(before, false, fromSegment))
      this.#from = { atMs: line.atMs, offset: this.#to.offset }
    }
    this.#to = { atMs: line.atMs, offset: line.toOffset }
    this.#pendingSince ??= nowMs
  }

  /** What a former process told stands on the shelf's side; how a command ended may not. */
  #takeTold(isLast: boolean): void {
    for (const told of this.#commands?.take(isLast) ?? [])
      if (told.number > 2 * this.#done.offset || (told.text === '' && told.how === 'integration')) this.#told.add(told)
  }

  /** Makes a block of the first `castBytes` bytes of text; what is behind them begins the next. */
  #close(castBytes: number, isAll: boolean, fromSegment: number): Block {
    const frame = this.#text.take(castBytes, compressFrame)
    this.#takeTold(true)
    const commands = this.#told.take()
    const sha256 = chainDigest(this.#previous, frame)
    const header: BlockHeader = {
      session: this.#session,
      index: this.#index,
      previous: this.#previous,
      sha256,
      fromMs: this.#from.atMs,
      toMs: this.#to.atMs,
      fromOffset: this.#from.offset,
      toOffset: this.#to.offset,
      castBytes,
      ...(this.#index === 0 ? { term: this.#opening.term } : {}),
      ...(commands.length === 0 ? {} : { commands }),
    }
    this.#index += 1
    this.#previous = sha256
    this.#castBytes += castBytes
    this.#from = this.#to
    this.#pendingSince = undefined
    return { header, frame, isAll: isAll && this.#told.isEmpty, fromSegment }
  }
}
