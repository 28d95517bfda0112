// Reports and blocks that control has not yet acknowledged, in order. They survive a lost link and are sent again after it.
import { Failure } from '#domain/failure.ts'
import { type BlockHeader, encodeBlock, type FailureAnswer, type Report } from '#wire/link.ts'

/** Without control no session begins, so only the sessions that were live can report; past this a report fails and is made again from the journal at the next start. */
const maxReports = 10_000
/** Blocks wait in the journal, which is on disk; here only what is under way. */
const maxBlocks = 32
/** Sent and not yet taken: a beat never stands behind more than this in the socket's buffer. */
const maxUnderWayBytes = 2 * 1024 * 1024

type Entry = { id: number; message: string | Uint8Array; bytes: number; sent: boolean; settle: (failure: FailureAnswer | undefined) => void }

export class Outbox {
  readonly #entries = new Map<number, Entry>()
  readonly #nextId: () => number
  readonly #waiting: (() => void)[] = []
  #blocks = 0
  #reports = 0
  #underWay = 0
  #send: ((message: string | Uint8Array) => void) | undefined

  constructor(nextId: () => number) {
    this.#nextId = nextId
  }

  get size(): number {
    return this.#entries.size
  }

  /** Resolves when control has committed it. Rejects with the `Failure` that control answered; a lost link only delays it. */
  report(body: Report): Promise<void> {
    if (this.#reports >= maxReports) return Promise.reject(new Failure('internal', 'too many reports wait for control'))
    const id = this.#nextId()
    this.#reports += 1
    return this.#add(id, JSON.stringify({ type: 'report', id, body })).finally(() => (this.#reports -= 1))
  }

  /** Like `report`; waits for room first when 16 blocks are under way. */
  async block(header: BlockHeader, frame: Uint8Array): Promise<void> {
    // A place that becomes free is handed to whoever has waited longest: no block overtakes one before it.
    if (this.#blocks >= maxBlocks) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#blocks += 1
    try {
      const id = this.#nextId()
      await this.#add(id, encodeBlock(id, header, frame))
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#blocks -= 1
    }
  }

  taken(id: number, failure: FailureAnswer | undefined): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    if (entry.sent) this.#underWay -= entry.bytes
    entry.settle(failure)
    this.#pump()
  }

  /** A link is up: everything unacknowledged goes out again, oldest first. */
  attach(send: (message: string | Uint8Array) => void): void {
    this.#send = send
    this.#pump()
  }

  detach(): void {
    this.#send = undefined
    this.#underWay = 0
    for (const entry of this.#entries.values()) entry.sent = false
  }

  /** For good: everything that waits rejects with `control_unreachable`, and stays in the journal. */
  close(): void {
    this.detach()
    const waiting = [...this.#entries.values()]
    this.#entries.clear()
    for (const entry of waiting) entry.settle({ code: 'control_unreachable', message: 'the gateway stopped before control acknowledged it' })
  }

  #add(id: number, message: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure: FailureAnswer | undefined) =>
        failure ? reject(new Failure(failure.code, failure.message, failure.detail ? { detail: failure.detail } : {})) : resolve()
      this.#entries.set(id, { id, message, bytes: message.length, sent: false, settle })
      this.#pump()
    })
  }

  #pump(): void {
    if (!this.#send || this.#underWay >= maxUnderWayBytes) return
    for (const entry of this.#entries.values()) {
      if (entry.sent) continue
      if (this.#underWay > 0 && this.#underWay + entry.bytes > maxUnderWayBytes) return
      entry.sent = true
      this.#underWay += entry.bytes
      this.#send(entry.message)
    }
  }
}
