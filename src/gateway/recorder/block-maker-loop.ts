// The worker's work: reads the journal, makes blocks, keeps the number of blocks that are away bounded. Runs in the worker; testable without one.
import { type DenyRule, matchesRule } from '#domain/command-rule.ts'
import type { SessionEnd } from '#domain/session.ts'
import { BlockMaker, resumeAtStart, type Block, type ResumePoint } from '#recording/block-maker.ts'
import { readEvent, readOpening } from '#recording/journal-event.ts'
import { JournalReader } from '#recording/journal-reader.ts'
import { isBefore, type JournalRecord, type Place } from '#recording/journal-record.ts'
import { CommandReader } from '../commands/command-reader.ts'
import { blockAgeMs, maxBlocksAway, type FromWorker, type ToWorker, type WorkerData } from './worker-messages.ts'

const denyWithinMs = 3000

export class BlockMakerLoop {
  readonly #reader: JournalReader
  readonly #post: (message: FromWorker) => void
  readonly #nowMs: () => number
  readonly #resume: Map<number, ResumePoint>
  /** Numbers rise: an opening with a smaller one is repeated from an earlier segment. */
  #knownUpTo: number
  /** Records of other sessions are passed over. */
  readonly #makers = new Map<number, BlockMaker>()
  #until: Place
  #away = 0
  #deny: readonly DenyRule[] = []
  #abandoned: Extract<ToWorker, { type: 'abandoned' }>[] = []

  constructor(data: WorkerData, post: (message: FromWorker) => void, nowMs: () => number) {
    this.#reader = new JournalReader(data.folder, data.firstSegment)
    this.#until = { segment: data.firstSegment, at: 0 }
    this.#resume = new Map(data.resume)
    this.#knownUpTo = data.knownUpTo
    this.#post = post
    this.#nowMs = nowMs
  }

  /** Call `work` afterwards. */
  told(message: ToWorker): void {
    switch (message.type) {
      case 'advanced':
        if (isBefore(this.#until, message.place)) this.#until = message.place
        return
      case 'abandoned':
        this.#abandoned.push(message)
        return
      case 'room':
        this.#away -= message.blocks
        return
      case 'forget':
        this.#makers.delete(message.number)
        this.#resume.delete(message.number)
        return
      case 'deny':
        this.#deny = message.rules
        return
      default:
        message satisfies never
    }
  }

  /** Reads and makes for a while. True when there is more that can be done now. */
  work(): boolean {
    if (this.#away >= maxBlocksAway) return false
    const isDone = this.#reader.read(this.#until, (record, segment) => {
      this.#take(record, segment)
      return this.#away < maxBlocksAway
    })
    if (isDone) this.#endAbandoned()
    return !isDone && this.#away < maxBlocksAway
  }

  /** Ends blocks that are old. */
  look(): void {
    const nowMs = this.#nowMs()
    for (const [number, maker] of this.#makers) {
      if (this.#away >= maxBlocksAway) return
      if (maker.pendingSince !== undefined && maker.pendingSince <= nowMs - blockAgeMs)
        this.#send(number, maker.cut(this.#reader.place.segment, nowMs, nowMs - blockAgeMs))
    }
  }

  close(): void {
    this.#reader.close()
  }

  #take(record: JournalRecord, segment: number): void {
    const number = record.session
    const maker = this.#makers.get(number)
    if (record.kind === 'opening') {
      if (maker === undefined) this.#begin(number, record.payload)
      return
    }
    const event = readEvent(record)
    if (maker === undefined || event === undefined) return
    this.#send(number, maker.push(event, segment, this.#nowMs()))
    if (event.kind === 'end') this.#finish(number, maker, false)
  }

  #begin(number: number, payload: Uint8Array): void {
    const point = this.#resume.get(number) ?? (number > this.#knownUpTo ? resumeAtStart : undefined)
    this.#resume.delete(number)
    this.#knownUpTo = Math.max(this.#knownUpTo, number)
    const opening = point === undefined ? undefined : readOpening(payload)
    if (point !== undefined && opening !== undefined)
      this.#makers.set(
        number,
        new BlockMaker(opening, point, this.#nowMs(), new CommandReader(opening.size, (text, atMs) => this.#judge(number, text, opening.startedAt + atMs))),
      )
  }

  /** The name of the rule that denies it. Only of what has just begun: a Ctrl-C that comes later would hit something else. */
  #judge(number: number, text: string, at: number): string | undefined {
    const rule = this.#deny.find((each) => matchesRule(each, text))
    if (rule === undefined || Math.abs(Date.now() - at) > denyWithinMs) return undefined
    this.#post({ type: 'denied', number, rule: rule.name })
    return rule.name
  }

  #endAbandoned(): void {
    const waiting = this.#abandoned
    this.#abandoned = []
    for (const message of waiting) {
      if (this.#away >= maxBlocksAway || isBefore(this.#until, message.place)) {
        this.#abandoned.push(message)
        continue
      }
      const maker = this.#makers.get(message.number)
      if (maker === undefined) continue
      const { atMs, end } = message
      this.#send(message.number, maker.push(endEvent(atMs, end), this.#reader.place.segment, this.#nowMs()))
      this.#finish(message.number, maker, true)
    }
  }

  #finish(number: number, maker: BlockMaker, incomplete: boolean): void {
    this.#send(number, maker.cut(this.#reader.place.segment, this.#nowMs(), Infinity))
    this.#makers.delete(number)
    const { session, blocks, head, seconds, castBytes } = maker
    this.#post({ type: 'sealed', number, session, blocks, head, seconds, castBytes, incomplete })
  }

  #send(number: number, blocks: Block[]): void {
    for (const { header, frame, isAll, fromSegment } of blocks) {
      this.#away += 1
      const castBytes = this.#makers.get(number)?.castBytes ?? 0
      this.#post({ type: 'block', number, header, frame, isAll, place: this.#reader.place, fromSegment, castBytes })
    }
  }
}

const endEvent = (atMs: number, end: SessionEnd) => ({ kind: 'end', atMs, offset: 0, end }) as const
