// From one run's journal to the shelf: the worker that makes blocks (started again when it dies) and the sender.
import { Worker } from 'node:worker_threads'
import type { DenyRule } from '#domain/command-rule.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from '#session/clock.ts'
import { resumeAtStart, type ResumePoint } from '#recording/block-maker.ts'
import { segmentNumbers } from '#recording/journal-reader.ts'
import type { Place } from '#recording/journal-record.ts'
import { BlockSender, type Send } from './block-sender.ts'
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts'

export type Log = { info(fields: object, text: string): void; warn(fields: object, text: string): void; error(fields: object, text: string): void }

export type StreamEvents = {
  taken: (message: Extract<FromWorker, { type: 'block' }>) => void
  /** Sealed on the shelf. */
  finished: (number: number) => void
  /** The shelf does not take the session; it is forgotten here. */
  refused: (number: number, cause: unknown) => void
  reaches: (isReached: boolean) => void
  /** A rule of this name denies a command that has just begun. */
  denied?: (number: number, rule: string) => void
  /** The worker died too often; nothing more is made. */
  broken: (cause: unknown) => void
}

const maxRestarts = 5
const restartWindowMs = 600_000
/** The worker hears of new records this much later: one message for many turns, since each wakes a thread. */
const tellAfterMs = 50

export class BlockStream {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #events: StreamEvents
  readonly #sender: BlockSender
  #worker: Worker | undefined
  /** Sessions that the worker is at, and where it goes on with them when it is started again. */
  readonly #points: Map<number, ResumePoint>
  readonly #abandoned = new Map<number, Extract<ToWorker, { type: 'abandoned' }>>()
  /** Blocks of the present worker that are not taken. */
  #away = new Set<FromWorker>()
  /** Blocks that were taken and the present worker has not heard of. */
  #room = { blocks: 0 }
  #place: Place
  #told: Place | undefined
  #tellTimer: { cancel(): void } | undefined
  #knownUpTo: number
  #restarts: number[] = []
  #closed = false
  #deny: readonly DenyRule[] = []

  constructor(options: { folder: string; send: Send; clock: Clock; log: Log; events: StreamEvents; resume?: Map<number, ResumePoint>; knownUpTo?: number }) {
    this.#folder = options.folder
    this.#clock = options.clock
    this.#log = options.log
    this.#events = options.events
    this.#points = options.resume ?? new Map<number, ResumePoint>()
    this.#knownUpTo = options.knownUpTo ?? 0
    this.#place = { segment: 1, at: 0 }
    this.#sender = new BlockSender(options.send, options.clock, {
      taken: (message) => {
        this.#giveRoom(message)
        options.events.taken(message)
      },
      sealed: options.events.finished,
      reaches: options.events.reaches,
      refused: (number, cause, unsent) => {
        this.#points.delete(number)
        this.#abandoned.delete(number)
        this.#tell({ type: 'forget', number })
        for (const message of unsent) this.#giveRoom(message)
        options.events.refused(number, cause)
      },
    })
    this.#start()
  }

  opened(number: number): void {
    this.#points.set(number, resumeAtStart)
  }

  advanced(place: Place): void {
    this.#place = place
    this.#tellTimer ??= this.#clock.after(tellAfterMs, () => this.#tellPlace())
  }

  abandoned(number: number, place: Place, atMs: number, end: SessionEnd): void {
    if (!this.#points.has(number)) return
    const message: ToWorker = { type: 'abandoned', number, place, atMs, end }
    this.#abandoned.set(number, message)
    this.#tellPlace()
    this.#tell(message)
  }

  /** In force from the next command on. */
  deny(rules: readonly DenyRule[]): void {
    this.#deny = rules
    this.#tell({ type: 'deny', rules })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#tellTimer?.cancel()
    this.#sender.close()
    await this.#worker?.terminate()
  }

  #start(): void {
    const firstSegment = segmentNumbers(this.#folder)[0] ?? this.#place.segment
    const data: WorkerData = { folder: this.#folder, firstSegment, resume: [...this.#points], knownUpTo: this.#knownUpTo }
    const entry = new URL(import.meta.url.endsWith('.ts') ? './block-worker.ts' : './block-worker.js', import.meta.url)
    const worker = new Worker(entry, { workerData: data, env: {}, name: 'recorder' })
    this.#worker = worker
    this.#away = new Set()
    this.#room = { blocks: 0 }
    worker.on('message', (messages: FromWorker[]) => {
      for (const message of messages) this.#heard(message)
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => this.#died(worker, cause))
    this.#told = undefined
    if (this.#deny.length > 0) this.#tell({ type: 'deny', rules: this.#deny })
    this.#tellPlace()
    for (const message of this.#abandoned.values()) this.#tell(message)
  }

  #heard(message: FromWorker): void {
    if (message.type === 'denied') return this.#events.denied?.(message.number, message.rule)
    // A session that was refused meanwhile has no point: what the worker still made of it is dropped.
    if (!this.#points.has(message.number)) {
      this.#away.add(message)
      this.#giveRoom(message)
      return
    }
    if (message.type === 'block') {
      const { index, sha256, toMs, toOffset } = message.header
      this.#points.set(message.number, { nextIndex: index + 1, head: sha256, atMs: toMs, offset: toOffset, castBytes: message.castBytes })
      this.#away.add(message)
    } else {
      this.#points.delete(message.number)
      this.#abandoned.delete(message.number)
    }
    this.#sender.add(message)
  }

  /** Blocks are taken many at once, and each message wakes the worker. */
  #giveRoom(message: FromWorker): void {
    if (!this.#away.delete(message) || message.type !== 'block') return
    const room = this.#room
    room.blocks += 1
    if (room.blocks > 1) return
    setImmediate(() => {
      // Of a worker that has died meanwhile nothing is away any more.
      if (room === this.#room) this.#tell({ type: 'room', blocks: room.blocks })
      room.blocks = 0
    })
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#closed || worker !== this.#worker) return
    const now = this.#clock.nowMs()
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now]
    this.#log.error({ err: cause, restarts: this.#restarts.length }, 'the worker that makes blocks has died')
    if (this.#restarts.length > maxRestarts) {
      this.#worker = undefined
      this.#events.broken(cause)
      return
    }
    this.#start()
  }

  #tellPlace(): void {
    this.#tellTimer?.cancel()
    this.#tellTimer = undefined
    const { segment, at } = this.#place
    if (this.#told?.segment === segment && this.#told.at === at) return
    this.#told = this.#place
    this.#tell({ type: 'advanced', place: this.#place })
  }

  #tell(message: ToWorker): void {
    if (!this.#closed) this.#worker?.postMessage(message)
  }
}
