// Brings blocks and seals to control: in the order of each session, again and again until they are taken or refused for good.
import { isFailure } from '#domain/failure.ts'
import type { BlockHeader, Report } from '#wire/link.ts'
import type { Clock } from '#session/clock.ts'
import { pause, pauseMs } from './retry.ts'
import type { ForShelf } from './worker-messages.ts'

export type SealedReport = Extract<Report, { report: 'sealed' }>
export type Send = {
  /** Resolves when control has put it on the shelf; rejects with the `Failure` of control, or with anything while the link is down. */
  block: (header: BlockHeader, frame: Uint8Array) => Promise<void>
  sealed: (report: SealedReport) => Promise<void>
}

/** These do not become better by waiting. */
const final: ReadonlySet<string> = new Set(['conflict', 'forbidden', 'recording_not_found', 'session_not_found', 'bad_request', 'too_large'])
/** A session that alone makes no way for so long is given up. */
const stuckMs = 60_000

/** Of one session: while control waits for its disk the next ones come, and are put together. */
const maxUnderWay = 16

/** No answer for so long: the shelf counts as out of reach. */
const slowMs = 5000

export type SenderEvents = {
  taken: (message: Extract<ForShelf, { type: 'block' }>) => void
  sealed: (number: number) => void
  /** What still waits of the session will not be sent. */
  refused: (number: number, cause: unknown, unsent: readonly ForShelf[]) => void
  /** Whether the last try reached the shelf. */
  reaches: (isReached: boolean) => void
}

/** `wasOldest`: nothing of the session was on its way before it when the answer came. */
type Outcome = { isTaken: true } | { isTaken: false; cause: unknown; wasOldest: boolean }
type Line = {
  queue: ForShelf[]
  runs: boolean
  underWay: Map<ForShelf, Promise<Outcome>>
  /** One has failed: nothing is sent until it is decided what follows. */
  holds: boolean
  failingSince: number | undefined
}

export class BlockSender {
  readonly #send: Send
  readonly #clock: Clock
  readonly #events: SenderEvents
  /** Bounded by the worker: at most `maxBlocksAway` blocks, and one seal per session. */
  readonly #lines = new Map<number, Line>()
  readonly #closing = new AbortController()
  #lastTakenAt = 0

  constructor(send: Send, clock: Clock, events: SenderEvents) {
    this.#send = send
    this.#clock = clock
    this.#events = events
  }

  add(message: ForShelf): void {
    const line = this.#lines.get(message.number) ?? {
      queue: [],
      runs: false,
      underWay: new Map<ForShelf, Promise<Outcome>>(),
      holds: false,
      failingSince: undefined,
    }
    this.#lines.set(message.number, line)
    line.queue.push(message)
    if (!line.runs) void this.#run(message.number, line)
    else if (!line.holds) this.#fill(line)
  }

  close(): void {
    this.#closing.abort()
  }

  /** Several blocks are on their way at once. Control takes them in order, so only what it says of the oldest counts: behind one that failed all others are a gap. */
  async #run(number: number, line: Line): Promise<void> {
    line.runs = true
    for (let tries = 0; !this.#closing.signal.aborted;) {
      const oldest = line.queue[0]
      if (oldest === undefined) break
      this.#fill(line)
      const slow = this.#clock.after(slowMs, () => this.#events.reaches(false))
      const outcome = await line.underWay.get(oldest)
      slow.cancel()
      line.underWay.delete(oldest)
      if (outcome === undefined || this.#closing.signal.aborted) break
      if (!outcome.isTaken) {
        if (!outcome.wasOldest) continue
        line.holds = true
        await Promise.all(line.underWay.values())
        line.underWay.clear()
        if (this.#closing.signal.aborted) break
        if (this.#isFinal(line, outcome.cause)) {
          this.#lines.delete(number)
          this.#events.refused(number, outcome.cause, line.queue)
          return
        }
        this.#events.reaches(false)
        await pause(this.#clock, pauseMs(tries), this.#closing.signal)
        tries += 1
        line.holds = false
        continue
      }
      tries = 0
      line.queue.shift()
      line.failingSince = undefined
      this.#lastTakenAt = this.#clock.nowMs()
      this.#events.reaches(true)
      if (oldest.type === 'block') this.#events.taken(oldest)
      else this.#events.sealed(number)
    }
    line.runs = false
    if (line.queue.length === 0) this.#lines.delete(number)
  }

  /** Sends what may be sent and is not on its way. */
  #fill(line: Line): void {
    for (const message of line.queue.slice(0, maxUnderWay)) {
      // A seal is told of when all blocks before it are taken.
      if (message.type === 'sealed' && message !== line.queue[0]) return
      if (!line.underWay.has(message)) line.underWay.set(message, this.#deliver(line, message))
    }
  }

  /** Never rejects. */
  async #deliver(line: Line, message: ForShelf): Promise<Outcome> {
    try {
      if (message.type === 'block') await this.#send.block(message.header, message.frame)
      else await this.#send.sealed(reportOf(message))
      return { isTaken: true }
    } catch (cause) {
      return { isTaken: false, cause, wasOldest: line.queue[0] === message }
    }
  }

  #isFinal(line: Line, cause: unknown): boolean {
    if (isFailure(cause) && final.has(cause.code)) return true
    const now = this.#clock.nowMs()
    line.failingSince ??= now
    return now - line.failingSince > stuckMs && this.#lastTakenAt > line.failingSince
  }
}

function reportOf(message: Extract<ForShelf, { type: 'sealed' }>): SealedReport {
  const { blocks, head, seconds, castBytes, incomplete } = message
  return { report: 'sealed', session: message.session as SealedReport['session'], blocks, head, seconds, castBytes, incomplete }
}
