// What a session does, gathered and told to control in order: none is lost while the link is away, and who does more than can be told stands still until it is.
import { maxActsTold, type SessionAct } from '#domain/session-act.ts'
import type { Clock } from '#session/clock.ts'
import type { ActSink } from '#session/passage-ends.ts'
import { maxLinkTextBytes } from '#wire/link.ts'

/** Acts that come together are told together. */
const gatherMs = 200
/** More than this wait for control: the session does nothing more until some were taken. */
const mostWaiting = 500
/** Of one report, as text. Paths are the client's: a hundred long ones would not fit into a message of the link. One act is far below. */
const mostBytes = maxLinkTextBytes / 2

export class Acts implements ActSink {
  onRoom: (() => void) | undefined
  readonly #send: (from: number, acts: SessionAct[]) => Promise<void>
  readonly #clock: Clock
  #waiting: SessionAct[] = []
  #told = 0
  /** Handed to `send` and not taken yet. */
  #underWay = 0
  #timer: { cancel(): void } | undefined
  #isOver = false

  /** `send` resolves when control has them, over as many links as it takes; `from` counts them from 0. Called in order, at most 100 acts at once. When it rejects they are not told again. */
  constructor(send: (from: number, acts: SessionAct[]) => Promise<void>, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#waiting.length + this.#underWay > mostWaiting
  }

  add(act: SessionAct): void {
    this.#waiting.push(act)
    if (this.#isOver) this.flush()
    else this.#timer ??= this.#clock.after(gatherMs, () => this.#tell())
  }

  /** All that waits is handed over at once: the session is over. */
  flush(): void {
    this.#isOver = true
    this.#timer?.cancel()
    while (this.#waiting.length > 0) this.#next()
  }

  /** One report at a time; while it is under way more gather. */
  #tell(): void {
    this.#timer = undefined
    if (this.#underWay === 0 && this.#waiting.length > 0) this.#next()
  }

  #next(): void {
    const acts = this.#waiting.splice(0, fitting(this.#waiting))
    const from = this.#told
    this.#told += acts.length
    this.#underWay += acts.length
    const settled = () => {
      const wasFull = this.isFull
      this.#underWay -= acts.length
      if (wasFull && !this.isFull) this.onRoom?.()
      if (!this.#isOver) this.#tell()
    }
    // Whoever sends has said in the log why control refuses them.
    void this.#send(from, acts).then(settled, settled)
  }
}

/** How many of the first go into one report: at least one. */
function fitting(acts: readonly SessionAct[]): number {
  let bytes = 0
  let count = 0
  for (const act of acts) {
    bytes += Buffer.byteLength(JSON.stringify(act)) + 1
    if (count >= maxActsTold || (bytes > mostBytes && count > 0)) break
    count += 1
  }
  return count
}
