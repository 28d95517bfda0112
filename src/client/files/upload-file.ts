// One file on its way to a host, through a files session: begun, sent, checked there; paused and gone on with; found again after a lost line.
import { Failure } from '#domain/failure.ts'
import { FileDone, UploadOffset, UploadStarted } from '#wire/files.ts'
import { asFailure } from '../failure-answer.ts'
import { askFiles, askFilesJson } from './file-request.ts'
import type { FilesAt } from './host-folder.ts'
import { below } from './host-folder.ts'
import type { TransferPace } from './patience.ts'
import { Patience, usualTransferPace } from './patience.ts'
import { sendChunks } from './send-chunks.ts'

/** `waiting`: for the line, until the next try. `checking`: all is there, and the host's copy is compared. */
export type UploadPhase = 'starting' | 'sending' | 'waiting' | 'paused' | 'checking'
export type UploadProgress = { phase: UploadPhase; moved: number; bytes: number; nextInMs?: number }
export type UploadOptions = {
  /** Where on the host; relative ones begin at the account's home. */
  path: string
  file: Blob
  /** Ms since the epoch; with it the same file is known again. A `File` brings its own. */
  mtime?: number
  overwrite?: boolean
  /** Stops and leaves what has arrived there, so that the same file goes on from it later; `cancel` removes it. */
  signal?: AbortSignal
  onProgress?: (progress: UploadProgress) => void
  pace?: Partial<TransferPace>
}

/** An upload that the gateway forgot (it was restarted, say) is begun anew so often without progress. */
const mostRestarts = 3
/** The host reads the whole file again where it has no `sha256sum`. */
const checkMs = 30 * 60_000

/** Starts at once. `whenDone` rejects with `Failure`, with an `AbortError` after `cancel`, with the reason of `signal`. */
export class FileUpload {
  readonly whenDone: Promise<FileDone>
  readonly #at: FilesAt
  readonly #options: UploadOptions
  readonly #pace: TransferPace
  readonly #patience: Patience
  readonly #stop = new AbortController()
  /** Of what runs between two pauses. */
  #run = new AbortController()
  #goOn: (() => void) | undefined
  #isPaused = false
  #upload: string | undefined
  #moved = 0
  #restarts = 0

  constructor(at: FilesAt, options: UploadOptions) {
    this.#at = at
    this.#options = options
    this.#pace = { ...usualTransferPace, ...options.pace }
    this.#patience = new Patience(this.#pace, (nextInMs) => this.#tell('waiting', nextInMs))
    const { signal } = options
    const stopped = () => this.#stop.abort(signal?.reason)
    if (signal?.aborted) stopped()
    else signal?.addEventListener('abort', stopped, { once: true, signal: this.#stop.signal })
    this.whenDone = this.#work()
  }

  get isPaused(): boolean {
    return this.#isPaused
  }
  /** What is on its way is cut; the bytes that arrived count. */
  pause(): void {
    if (this.#isPaused || this.#stop.signal.aborted) return
    this.#isPaused = true
    this.#run.abort()
  }
  goOn(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#run = new AbortController()
    this.#patience.moved()
    this.#goOn?.()
  }
  /** The network may be back. */
  hurry(): void {
    this.#patience.hurry()
  }
  /** Given up: the host keeps nothing of it. Resolves when that was said, or could not be; the gateway sweeps then. */
  async cancel(): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#stop.abort(new DOMException('given up', 'AbortError'))
    if (this.#upload === undefined) return
    try {
      await askFiles(this.#at, { method: 'DELETE', path: below(this.#at, `uploads/${encodeURIComponent(this.#upload)}`), signal: AbortSignal.timeout(10_000) })
    } catch {
      // Nobody answers, or it is not known any more: nothing more can be done from here.
    }
  }

  async #work(): Promise<FileDone> {
    const { signal } = this.#stop
    for (;;) {
      signal.throwIfAborted()
      if (this.#isPaused) await this.#paused()
      const run = this.#run.signal
      const running = AbortSignal.any([signal, run])
      try {
        if (this.#upload === undefined) await this.#start(running)
        await this.#send(running)
        return await this.#finish(running)
      } catch (error) {
        await this.#failed(error, run, running)
      }
    }
  }

  /** Resolves when it is to be tried again, or when it was paused. */
  async #failed(error: unknown, run: AbortSignal, running: AbortSignal): Promise<void> {
    this.#stop.signal.throwIfAborted()
    if (run.aborted) return
    const failure = asFailure(error)
    if (failure.code === 'transfer_not_found' && this.#upload !== undefined && this.#restarts++ < mostRestarts) {
      this.#upload = undefined
      return
    }
    try {
      await this.#patience.wait(failure, running)
    } catch (reason) {
      this.#stop.signal.throwIfAborted()
      if (!run.aborted) throw reason
    }
  }

  async #paused(): Promise<void> {
    const { signal } = this.#stop
    this.#tell('paused')
    await new Promise<void>((resolve) => {
      this.#goOn = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    signal.throwIfAborted()
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { path, file, mtime = 'lastModified' in file && typeof file.lastModified === 'number' ? file.lastModified : undefined, overwrite } = this.#options
    this.#tell('starting')
    const json = { path, bytes: file.size, ...(mtime === undefined ? {} : { mtime: Math.max(0, Math.trunc(mtime)) }), overwrite: overwrite ?? false }
    const { upload, offset } = await askFilesJson(this.#at, UploadStarted, { method: 'POST', path: below(this.#at, 'uploads'), json, signal })
    if (offset > file.size) throw new Failure('internal', 'The server holds more of the file than there is.')
    this.#upload = upload
    this.#moved = offset
  }

  async #send(signal: AbortSignal): Promise<void> {
    this.#tell('sending')
    await sendChunks({
      file: this.#options.file,
      from: this.#moved,
      put: (offset, bytes, piece) => askFilesJson(this.#at, UploadOffset, { method: 'PUT', path: `${this.#path}?offset=${offset}`, bytes, signal: piece }),
      requestMs: this.#pace.requestMs,
      patience: this.#patience,
      signal,
      onMoved: (moved) => {
        if (moved > this.#moved) this.#restarts = 0
        this.#moved = moved
        this.#tell('sending')
      },
    })
  }

  async #finish(signal: AbortSignal): Promise<FileDone> {
    this.#tell('checking')
    const limit = AbortSignal.any([signal, AbortSignal.timeout(checkMs)])
    try {
      return await askFilesJson(this.#at, FileDone, { method: 'POST', path: `${this.#path}/finish`, json: {}, signal: limit })
    } catch (error) {
      const stands = error instanceof Failure && error.code === 'offset_wrong' ? error.detail?.['offset'] : undefined
      if (typeof stands !== 'number' || stands >= this.#options.file.size || this.#restarts++ >= mostRestarts) throw error
      // What was sent did not all arrive: the rest is sent again from there.
      this.#moved = Math.max(0, Math.trunc(stands))
      await this.#send(signal)
      return await this.#finish(signal)
    }
  }

  get #path(): string {
    return below(this.#at, `uploads/${encodeURIComponent(this.#upload ?? '')}`)
  }

  #tell(phase: UploadPhase, nextInMs?: number): void {
    this.#options.onProgress?.({ phase, moved: this.#moved, bytes: this.#options.file.size, ...(nextInMs === undefined ? {} : { nextInMs }) })
  }
}
