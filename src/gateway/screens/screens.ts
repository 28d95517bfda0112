// The main thread's end of the screens: whoever wants to see again what a live session showed asks here; a worker that reads the journal answers.
import { Worker } from 'node:worker_threads'
import type { Clock } from '#session/clock.ts'
import type { SessionOpening } from '#session/event.ts'
import type { OutputHistory } from '#session/history.ts'
import type { Screen, ScreenSource } from '#session/screens.ts'
import { Failure } from '#domain/failure.ts'
import type { Checkpoint } from '#recording/checkpoints.ts'
import { segmentNumbers } from '#recording/journal-reader.ts'
import type { Place } from '#recording/journal-record.ts'
import type { Log } from '../recorder/block-stream.ts'
import type { JournalFollower } from '../recorder/recorder.ts'
import { maxHistoryBytes } from './history-reader.ts'
import type { FromWorker, ToWorker, WorkerData } from './screens-messages.ts'

/** What is read: the journal of this run. */
export type JournalView = {
  readonly folder: string
  readonly place: Place
  checkpoints(number: number, from: number): Checkpoint[] | undefined
}

const maxRestarts = 5
const restartWindowMs = 600_000
/** Asks that wait for the worker; one more is answered as if the journal no longer held the bytes. */
const maxHistoryAsks = 256

export class Screens implements OutputHistory, ScreenSource, JournalFollower {
  readonly #journal: JournalView
  readonly #clock: Clock
  readonly #log: Log
  /** Live sessions by the number that the journal gave them. */
  readonly #numbers = new Map<string, number>()
  readonly #sessions = new Map<number, string>()
  readonly #histories = new Map<number, (bytes: Uint8Array | undefined) => void>()
  #worker: Worker | undefined
  #lastId = 0
  #restarts: number[] = []
  #closed = false

  constructor(options: { journal: JournalView; clock: Clock; log: Log }) {
    this.#journal = options.journal
    this.#clock = options.clock
    this.#log = options.log
    this.#start()
  }

  opened(number: number, opening: SessionOpening): void {
    this.#numbers.set(opening.session, number)
    this.#sessions.set(number, opening.session)
  }

  advanced(_place: Place): void {}

  screen(_session: string, _atLeast: number, signal: AbortSignal): Promise<Screen> {
    signal.throwIfAborted()
    return Promise.reject(new Failure('screen_unavailable', 'The screen of this session cannot be made at present.'))
  }

  /** The session's recording is sealed or given up. */
  finished(number: number): void {
    const session = this.#sessions.get(number)
    this.#sessions.delete(number)
    if (session !== undefined) this.#numbers.delete(session)
  }

  async read(session: string, from: number, to: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    signal.throwIfAborted()
    if (to === from) return new Uint8Array(0)
    const number = this.#numbers.get(session)
    const checkpoints = number === undefined ? undefined : this.#journal.checkpoints(number, from)
    if (number === undefined || checkpoints === undefined || to < from || to - from > maxHistoryBytes || this.#histories.size >= maxHistoryAsks)
      return undefined
    if (this.#worker === undefined) return undefined
    const id = ++this.#lastId
    return await new Promise((resolve, reject) => {
      const finish = () => {
        this.#histories.delete(id)
        signal.removeEventListener('abort', aborted)
      }
      const aborted = () => {
        finish()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', aborted, { once: true })
      this.#histories.set(id, (bytes) => {
        finish()
        resolve(bytes)
      })
      this.#tell({ type: 'history', id, ask: { number, from, to, checkpoints, until: this.#journal.place } })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#giveUp()
    await this.#worker?.terminate()
  }

  #start(): void {
    const data: WorkerData = { folder: this.#journal.folder, firstSegment: segmentNumbers(this.#journal.folder)[0] ?? 1 }
    const entry = new URL(import.meta.url.endsWith('.ts') ? './screens-worker.ts' : './screens-worker.js', import.meta.url)
    const worker = new Worker(entry, { workerData: data, env: {}, name: 'screens' })
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#histories.get(message.id)?.(message.bytes))
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => this.#died(worker, cause))
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#closed || worker !== this.#worker) return
    const now = this.#clock.nowMs()
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now]
    this.#log.error({ err: cause, restarts: this.#restarts.length }, 'the worker that makes screens has died')
    this.#giveUp()
    this.#worker = undefined
    if (this.#restarts.length <= maxRestarts) this.#start()
  }

  /** What was asked of a worker that is gone is answered by nobody. */
  #giveUp(): void {
    for (const settle of this.#histories.values()) settle(undefined)
  }

  #tell(message: ToWorker): void {
    if (!this.#closed) this.#worker?.postMessage(message)
  }
}
