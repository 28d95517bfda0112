// The main thread's end of the screens: whoever wants to see again what a live session showed asks here; a worker that reads the journal answers.
import { Worker } from 'node:worker_threads'
import { Failure } from '#domain/failure.ts'
import type { Clock } from '#session/clock.ts'
import type { SessionOpening } from '#session/event.ts'
import type { OutputHistory } from '#session/history.ts'
import type { Screen, ScreenSource } from '#session/screens.ts'
import type { Checkpoint } from '#recording/checkpoints.ts'
import { segmentNumbers } from '#recording/journal-reader.ts'
import type { Place } from '#recording/journal-record.ts'
import type { Log } from '../recorder/block-stream.ts'
import type { JournalFollower } from '../recorder/recorder.ts'
import { maxHistoryBytes } from './history-reader.ts'
import type { FromWorker, MadeKeyframe, ToWorker, WorkerData } from './screens-messages.ts'
import type { ShelfBlock } from './shelf-block.ts'
import { WaitingAsks } from './waiting-asks.ts'

/** What is read: the journal of this run. */
export type JournalView = {
  readonly folder: string
  readonly place: Place
  checkpoints(number: number, from: number): Checkpoint[] | undefined
}

export type ScreensOptions = {
  journal: JournalView
  clock: Clock
  log: Log
  /** The block of a session's recording that holds this output offset, from the shelf; rejects when there is none or control cannot be asked. */
  /** Takes a screen for seeking, or drops it. */
  keyframe?: (keyframe: MadeKeyframe) => void
  shelfBlock: (session: string, atOffset: number) => Promise<ShelfBlock>
}

const maxRestarts = 5
const restartWindowMs = 600_000
/** One message for many turns of the event loop, since each wakes a thread. Whoever asks says at the same time how far the journal is. */
const tellAfterMs = 250
const maxAsks = 1000
const lateAfterMs = 500
const tailBytes = 1024 * 1024

export class Screens implements OutputHistory, ScreenSource, JournalFollower {
  readonly #options: ScreensOptions
  /** Live sessions by the number that the journal gave them. */
  readonly #numbers = new Map<string, number>()
  readonly #sessions = new Map<number, string>()
  readonly #histories = new WaitingAsks<Uint8Array | undefined>(maxAsks)
  readonly #screens = new WaitingAsks<Screen>(maxAsks)
  #worker: Worker | undefined
  #tellTimer: { cancel(): void } | undefined
  #restTimer: { cancel(): void } | undefined
  #knownUpTo = 0
  #restarts: number[] = []
  #cpuMs = 0
  #formerCpuMs = 0
  #closed = false

  constructor(options: ScreensOptions) {
    this.#options = options
    this.#start()
  }

  /** CPU time that screens have taken, in ms; a second late. */
  get cpuMs(): number {
    return this.#formerCpuMs + this.#cpuMs
  }

  opened(number: number, opening: SessionOpening): void {
    this.#numbers.set(opening.session, number)
    this.#sessions.set(number, opening.session)
    this.#knownUpTo = Math.max(this.#knownUpTo, number)
  }

  advanced(): void {
    this.#tellTimer ??= this.#options.clock.after(tellAfterMs, () => {
      this.#tellTimer = undefined
      this.#tell({ type: 'advanced', place: this.#options.journal.place })
    })
  }

  /** The session's recording is sealed or given up. */
  finished(number: number): void {
    const session = this.#sessions.get(number)
    this.#sessions.delete(number)
    if (session !== undefined) this.#numbers.delete(session)
    this.#tell({ type: 'forget', number })
  }

  async read(session: string, from: number, to: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    signal.throwIfAborted()
    if (to === from) return new Uint8Array(0)
    const number = this.#numbers.get(session)
    const { journal } = this.#options
    const checkpoints = number === undefined ? undefined : journal.checkpoints(number, from)
    if (number === undefined || checkpoints === undefined || to < from || to - from > maxHistoryBytes) return undefined
    if (this.#worker === undefined || this.#histories.isFull) return undefined
    return await this.#histories.ask(signal, (id) => this.#tell({ type: 'history', id, ask: { number, from, to, checkpoints, until: journal.place } }))
  }

  async screen(session: string, atLeast: number, signal: AbortSignal, late?: () => void): Promise<Screen> {
    signal.throwIfAborted()
    const number = this.#numbers.get(session)
    if (number === undefined || this.#worker === undefined || this.#screens.isFull) throw unavailable()
    const timer = late === undefined ? undefined : this.#options.clock.after(lateAfterMs, late)
    const ask = (id: number) => {
      const { journal } = this.#options
      this.#tell({ type: 'screen', id, number, atLeast, place: journal.place, tail: this.#tail(number, atLeast) })
    }
    try {
      return await this.#screens.ask(signal, ask, (id) => this.#tell({ type: 'cancel', id, number }))
    } finally {
      timer?.cancel()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#tellTimer?.cancel()
    this.#restTimer?.cancel()
    this.#giveUp()
    await this.#worker?.terminate()
  }

  #start(): void {
    const { folder } = this.#options.journal
    const alive = [...this.#sessions.keys()]
    const data: WorkerData = { folder, firstSegment: segmentNumbers(folder)[0] ?? 1, alive, knownUpTo: this.#knownUpTo }
    const entry = new URL(import.meta.url.endsWith('.ts') ? './screens-worker.ts' : './screens-worker.js', import.meta.url)
    const worker = new Worker(entry, { workerData: data, env: {}, name: 'screens', resourceLimits: { maxOldGenerationSizeMb: 512 } })
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#heard(message))
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => this.#died(worker, cause))
    this.advanced()
  }

  #heard(message: FromWorker): void {
    switch (message.type) {
      case 'history':
        return this.#histories.settle(message.id, message.bytes)
      case 'screen': {
        const { id, offset, cols, rows, text } = message
        return this.#screens.settle(id, { offset, cols, rows, text })
      }
      case 'no-screen':
        return this.#screens.fail(message.id, unavailable())
      case 'keyframe':
        return this.#options.keyframe?.(message)
      case 'want-block':
        void this.#bringBlock(message.number, message.session, message.atOffset)
        return
      case 'used':
        this.#cpuMs = message.cpuMs
        return
      default:
        message satisfies never
    }
  }

  async #bringBlock(number: number, session: string, atOffset: number): Promise<void> {
    let block: ShelfBlock | undefined
    try {
      block = await this.#options.shelfBlock(session, atOffset)
    } catch (cause) {
      this.#options.log.warn({ err: cause, session }, 'a block for a screen cannot be read back')
    }
    this.#tell({ type: 'block', number, block, tail: this.#tail(number, Infinity) })
  }

  /** Where the last MiB before an offset begins. */
  #tail(number: number, before: number): Checkpoint | undefined {
    const { journal } = this.#options
    const all = journal.checkpoints(number, Math.min(before, Number.MAX_SAFE_INTEGER)) ?? []
    const newest = all[0]?.offset
    return newest === undefined ? undefined : journal.checkpoints(number, Math.max(newest - tailBytes, 0))?.[0]
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#closed || worker !== this.#worker) return
    const now = this.#options.clock.nowMs()
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now]
    this.#options.log.error({ err: cause, restarts: this.#restarts.length }, 'the worker that makes screens has died')
    this.#formerCpuMs += this.#cpuMs
    this.#cpuMs = 0
    this.#worker = undefined
    this.#giveUp()
    if (this.#restarts.length <= maxRestarts) return this.#start()
    // Whoever can make it die must not take screens away from everybody for good.
    this.#restTimer = this.#options.clock.after(restartWindowMs, () => this.#start())
  }

  /** What was asked of a worker that is gone is answered by nobody: whoever asked may ask again. */
  #giveUp(): void {
    this.#histories.settleAll(undefined)
    this.#screens.failAll(unavailable())
  }

  #tell(message: ToWorker): void {
    if (!this.#closed) this.#worker?.postMessage(message)
  }
}

const unavailable = () => new Failure('screen_unavailable', 'The screen of this session cannot be made at present.')
