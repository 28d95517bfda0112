// One file on its way in or out of a files session: how far it is, and how it ended, said once.
import { Failure } from '#domain/failure.ts'
import type { FileDirection } from '#domain/file-rule.ts'
import type { SessionAct, Verified } from '#domain/session-act.ts'
import type { Clock } from '#session/clock.ts'
import type { FileTransfer } from '#wire/files.ts'

type FileAct = Extract<SessionAct, { act: 'file' }>
/** What a transfer tells when it is over; the session adds its way. */
export type TransferAct = Omit<FileAct, 'act' | 'way'>

const maxWords = 300

export class Transfer {
  readonly id: string
  readonly direction: FileDirection
  readonly path: string
  readonly #clock: Clock
  readonly #told: (act: TransferAct) => void
  readonly #at: number
  readonly #startedMs: number
  bytes: number | undefined
  #moved: number
  #state: FileTransfer['state'] = 'running'
  #sha256: string | undefined
  #verified: Verified | undefined
  #failure: Failure | undefined

  /** `told` is called once, when it is over. `path`: as the host resolved it. */
  constructor(
    facts: { id: string; direction: FileDirection; path: string; bytes: number | undefined; from: number },
    clock: Clock,
    told: (act: TransferAct) => void,
  ) {
    this.id = facts.id
    this.direction = facts.direction
    this.path = facts.path
    this.bytes = facts.bytes
    this.#moved = facts.from
    this.#clock = clock
    this.#told = told
    this.#at = clock.wallMs()
    this.#startedMs = clock.nowMs()
  }

  get moved(): number {
    return this.#moved
  }
  get isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed'
  }

  /** Absolute: so much of it is there. */
  moveTo(moved: number): void {
    this.#moved = moved
  }
  /** Not over: it may go on. */
  is(state: 'running' | 'checking' | 'suspended'): void {
    if (!this.isOver) this.#state = state
  }

  done({ bytes, sha256, verified }: { bytes: number; sha256?: string | undefined; verified: Verified }): void {
    if (this.isOver) return
    this.#state = 'done'
    this.#moved = bytes
    this.#sha256 = sha256
    this.#verified = verified
    this.#tell('done', bytes)
  }

  failed(failure: Failure): void {
    if (this.isOver) return
    this.#state = 'failed'
    this.#failure = failure
    if (failure.code === 'file_digest_differs') this.#verified = 'differs'
    this.#tell('failed', this.#moved)
  }

  /** As a page is told of it. */
  get view(): FileTransfer {
    const failure = this.#failure
    return {
      id: this.id,
      direction: this.direction,
      path: this.path,
      ...(this.bytes === undefined ? {} : { bytes: this.bytes }),
      moved: this.#moved,
      state: this.#state,
      ...(this.#sha256 === undefined ? {} : { sha256: this.#sha256 }),
      ...(this.#verified === undefined ? {} : { verified: this.#verified }),
      ...(failure ? { failure: failure.code, text: failure.message } : {}),
    }
  }

  #tell(outcome: FileAct['outcome'], bytes: number): void {
    this.#told({
      at: this.#at,
      deed: this.direction,
      path: this.path.slice(0, 4096),
      bytes,
      ...(this.#sha256 === undefined ? {} : { sha256: this.#sha256 }),
      ...(this.#verified === undefined ? {} : { verified: this.#verified }),
      ms: Math.max(0, Math.round(this.#clock.nowMs() - this.#startedMs)),
      outcome,
      ...(this.#failure ? { failure: this.#failure.message.slice(0, maxWords) } : {}),
    })
  }
}

/** The newest 100, running ones always among them. */
export class TransferList {
  readonly #items: Transfer[] = []

  get running(): number {
    return this.#items.filter(({ isOver }) => !isOver).length
  }
  add(transfer: Transfer): void {
    this.#items.push(transfer)
    if (this.#items.length <= mostKept) return
    const oldest = this.#items.findIndex(({ isOver }) => isOver)
    this.#items.splice(Math.max(0, oldest), 1)
  }
  /** Newest first. */
  views(): FileTransfer[] {
    return this.#items.map(({ view }) => view).toReversed()
  }
  /** The session is over: what runs has failed with it. */
  endAll(failure: Failure): void {
    for (const transfer of this.#items) transfer.failed(failure)
  }
}
const mostKept = 100
