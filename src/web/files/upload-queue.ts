// Files on their way to a host: two at a time, the others wait; names that are taken are asked about, once for all if wanted. Knows no React, no request and no clock of its own.
import type { FileUpload, UploadProgress } from '#client/files/upload-file.ts'
import { asFailure } from '#client/failure-answer.ts'
import type { Failure } from '#domain/failure.ts'
import type { FileDone } from '#wire/files.ts'
import { besideName } from './new-names.ts'
import { Pace } from './pace.ts'
import { joinPath } from './places.ts'

/** More do not go faster over one connection, and each holds a piece in memory. */
export const mostAtOnce = 2
/** What is dropped at once; a tree beyond that is packed first. */
export const mostQueued = 20_000

/** `asking`: the name is taken, and somebody has to say what is to be done. */
export type UploadState = 'queued' | 'running' | 'asking' | 'done' | 'failed' | 'cancelled' | 'skipped'
export type Clash = 'replace' | 'both' | 'skip'
export type UploadItem = {
  readonly id: number
  readonly file: File
  /** Absolute; made when it is not there and `isNewFolder`. */
  readonly folder: string
  readonly isNewFolder: boolean
  /** Under which it will stand there. */
  readonly name: string
  readonly state: UploadState
  readonly phase?: UploadProgress['phase'] | undefined
  readonly nextInMs?: number | undefined
  readonly moved: number
  /** What the host had already from an earlier try. */
  readonly foundBytes?: number | undefined
  readonly overwrite: boolean
  readonly done?: FileDone | undefined
  readonly failure?: Failure | undefined
}
export type NewUpload = Pick<UploadItem, 'file' | 'folder' | 'isNewFolder' | 'name'> & { failure?: Failure | undefined }
export type RunningUpload = Pick<FileUpload, 'whenDone' | 'cancel' | 'hurry' | 'pause' | 'goOn'>

export type UploadQueueParts = {
  /** Begins at once. */
  send(item: UploadItem, onProgress: (progress: UploadProgress) => void): RunningUpload
  /** Makes the folder and those above it that a drop needs; asked once for each. */
  makeFolder(folder: string): Promise<void>
  /** Whether the page knows a file of this name there. */
  isTaken(folder: string, name: string): boolean
  /** Stands on the host, whole. */
  arrived(item: UploadItem, done: FileDone): void
  changed(): void
  now(): number
}

export class UploadQueue {
  readonly #parts: UploadQueueParts
  #items: readonly UploadItem[] = []
  #running = new Map<number, RunningUpload>()
  #folders = new Map<string, Promise<void>>()
  #tried = new Map<number, number>()
  #paces = new Map<number, Pace>()
  #ids = 0
  #forAll: Clash | undefined

  constructor(parts: UploadQueueParts) {
    this.#parts = parts
  }
  get items(): readonly UploadItem[] {
    return this.#items
  }
  /** Whether anything is under way, waits or asks. */
  get isBusy(): boolean {
    return this.#items.some(({ state }) => state === 'queued' || state === 'running' || state === 'asking')
  }
  paceOf(id: number): Pace | undefined {
    return this.#paces.get(id)
  }

  /** With `failure` it stands there as failed from the beginning: what rules deny is said where the others are. Those beyond the most are not taken: how many were is returned. */
  add(wanted: readonly NewUpload[]): number {
    // What is over makes room.
    if (this.#items.length + wanted.length > mostQueued) this.clear()
    // A new drop is a new question.
    if (!this.isBusy) this.#forAll = undefined
    const taken = wanted.slice(0, Math.max(0, mostQueued - this.#items.length))
    this.#items = [
      ...this.#items,
      ...taken.map((one) => ({ ...one, id: ++this.#ids, state: one.failure ? ('failed' as const) : ('queued' as const), moved: 0, overwrite: false })),
    ]
    this.#next()
    return taken.length
  }

  /** What to do with a name that is taken; `all`: with every other one of this drop too. */
  settle(id: number, clash: Clash, all: boolean): void {
    if (all) this.#forAll = clash
    for (const item of this.#items) if (item.state === 'asking' && (item.id === id || all)) this.#resolve(item, clash)
    this.#next()
  }

  cancel(id: number): void {
    const item = this.#find(id)
    if (!item || item.state === 'done' || item.state === 'skipped') return
    void this.#running.get(id)?.cancel()
    this.#end(id, { state: 'cancelled' })
  }
  cancelAll(): void {
    for (const { id, state } of this.#items) if (state === 'queued' || state === 'asking' || state === 'running') this.cancel(id)
  }
  /** From where the host has it. */
  retry(id: number): void {
    const item = this.#find(id)
    if (!item || (item.state !== 'failed' && item.state !== 'cancelled')) return
    // A folder that could not be made is tried again too.
    this.#folders.delete(item.folder)
    this.#change(id, { state: 'queued', failure: undefined, phase: undefined, moved: 0, foundBytes: undefined })
    this.#next()
  }
  retryFailed(): void {
    for (const item of this.#items) if (mayRetry(item)) this.retry(item.id)
  }
  pause(id: number): void {
    this.#running.get(id)?.pause()
  }
  goOn(id: number): void {
    this.#running.get(id)?.goOn()
  }
  /** The network may be back. */
  hurry(): void {
    for (const running of this.#running.values()) running.hurry()
  }
  /** Takes away what is over. */
  clear(): void {
    this.#items = this.#items.filter(({ state }) => state === 'queued' || state === 'running' || state === 'asking')
    this.#parts.changed()
  }

  #find(id: number): UploadItem | undefined {
    return this.#items.find((item) => item.id === id)
  }
  #change(id: number, change: Partial<UploadItem>): void {
    this.#items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item))
    this.#parts.changed()
  }
  #end(id: number, change: Partial<UploadItem>): void {
    this.#running.delete(id)
    this.#paces.delete(id)
    this.#change(id, { ...change, phase: undefined, nextInMs: undefined })
    this.#next()
  }

  #next(): void {
    while (this.#running.size < mostAtOnce) {
      const item = this.#items.find(({ state }) => state === 'queued')
      if (!item) break
      this.#begin(item)
    }
    this.#parts.changed()
  }

  #begin(item: UploadItem): void {
    const { id } = item
    this.#paces.set(id, new Pace())
    this.#items = this.#items.map((one) => (one.id === id ? { ...one, state: 'running', phase: 'starting' } : one))
    // Cancelled while its folder is made: nothing has begun yet that could be.
    let isCancelled = false
    this.#running.set(id, {
      whenDone: new Promise(() => undefined),
      cancel: async () => {
        isCancelled = true
      },
      hurry: () => undefined,
      pause: () => undefined,
      goOn: () => undefined,
    })
    void this.#send(item, () => isCancelled).then(
      (done) => {
        if (!done || this.#find(id)?.state !== 'running') return
        const now = this.#find(id) ?? item
        this.#end(id, { state: 'done', done, moved: item.file.size })
        this.#parts.arrived(now, done)
      },
      (error: unknown) => this.#failed(id, asFailure(error)),
    )
  }

  async #send(item: UploadItem, isCancelled: () => boolean): Promise<FileDone | undefined> {
    if (item.isNewFolder) {
      let made = this.#folders.get(item.folder)
      if (!made) this.#folders.set(item.folder, (made = this.#parts.makeFolder(item.folder)))
      await made
    }
    if (isCancelled()) return undefined
    const running = this.#parts.send(item, (progress) => this.#progressed(item.id, progress))
    this.#running.set(item.id, running)
    return running.whenDone
  }

  #progressed(id: number, { phase, moved, nextInMs }: UploadProgress): void {
    const item = this.#find(id)
    if (!item || item.state !== 'running') return
    this.#paces.get(id)?.moved(moved, this.#parts.now())
    const isFirst = phase === 'sending' && item.foundBytes === undefined
    this.#change(id, { phase, moved, nextInMs, ...(isFirst ? { foundBytes: moved } : {}) })
  }

  #failed(id: number, failure: Failure): void {
    const item = this.#find(id)
    if (!item || item.state !== 'running') return
    if (failure.code !== 'file_exists') return this.#end(id, { state: 'failed', failure })
    this.#running.delete(id)
    // The host knows more names than the page: whoever wants both gets the next number.
    const clash = this.#forAll ?? (this.#tried.has(id) ? 'both' : undefined)
    if (clash) this.#resolve(item, clash)
    else this.#change(id, { state: 'asking', phase: undefined, failure })
    this.#next()
  }

  #resolve(item: UploadItem, clash: Clash): void {
    if (clash === 'skip') return this.#change(item.id, { state: 'skipped', failure: undefined })
    if (clash === 'replace') return this.#change(item.id, { state: 'queued', overwrite: true, failure: undefined })
    const from = this.#tried.get(item.id) ?? 2
    const own = item.file.name
    const name = besideName(own, (one) => this.#parts.isTaken(item.folder, one), from)
    // A host that says of every number that it is taken is not asked for ever.
    if (from > 100) return this.#change(item.id, { state: 'failed' })
    this.#tried.set(item.id, Number(/\((\d+)\)[^(]*$/.exec(name)?.[1] ?? from) + 1)
    this.#change(item.id, { state: 'queued', name, failure: undefined })
  }
}

/** What rules deny, and a name that cannot be, stay so. */
export const mayRetry = ({ state, failure }: UploadItem): boolean =>
  state === 'failed' && failure?.code !== 'file_refused' && failure?.code !== 'file_name_unsafe'

export const targetOf = ({ folder, name }: Pick<UploadItem, 'folder' | 'name'>): string => joinPath(folder, name)

export type QueueSum = { count: number; over: number; failed: number; asking: number; bytes: number; moved: number }
export function sumOf(items: readonly UploadItem[]): QueueSum {
  const sum: QueueSum = { count: 0, over: 0, failed: 0, asking: 0, bytes: 0, moved: 0 }
  for (const { state, file, moved } of items) {
    if (state === 'cancelled' || state === 'skipped') continue
    sum.count += 1
    if (state === 'failed') sum.failed += 1
    else {
      sum.bytes += file.size
      sum.moved += state === 'done' ? file.size : moved
    }
    if (state === 'done') sum.over += 1
    if (state === 'asking') sum.asking += 1
  }
  return sum
}
