// The files that a person gave to `rz`, sent as the gateway asks for them: it says in TRANSFER which one, and from where.
import { askFilesJson } from '#client/files/file-request.ts'
import { zmodemUrl } from '#client/files/file-addresses.ts'
import { Patience, usualTransferPace } from '#client/files/patience.ts'
import { sendChunks } from '#client/files/send-chunks.ts'
import { asFailure } from '#client/failure-answer.ts'
import { Failure } from '#domain/failure.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import { UploadOffset } from '#wire/files.ts'
import { isOver } from './transfer-list.ts'

export type RzSenderParts = {
  origin: string
  session: string
  id: string
  files: readonly File[]
  /** The line is gone for so long, until the next try; undefined: bytes arrive. */
  waiting(nextInMs: number | undefined): void
  /** A file cannot be sent: the transfer is to be cancelled. Once. */
  failed(failure: Failure): void
}

export class RzSender {
  readonly files: readonly File[]
  readonly #parts: RzSenderParts
  readonly #stop = new AbortController()
  readonly #patience: Patience
  /** By index; what the host takes no more of is stopped. */
  #sent = new Map<number, AbortController>()

  constructor(parts: RzSenderParts) {
    this.#parts = parts
    this.files = parts.files
    this.#patience = new Patience(usualTransferPace, (nextInMs) => parts.waiting(nextInMs))
  }

  /** Each state of this transfer, in its order. */
  heard(state: TransferState): void {
    if (state.id !== this.#parts.id) return
    if (isOver(state)) return this.stop()
    for (const { index, state: is, from } of state.files) {
      const file = this.files[index]
      const sent = this.#sent.get(index)
      if (is === 'skipped' || is === 'failed') sent?.abort()
      if (is !== 'running' || !file || sent) continue
      const own = new AbortController()
      this.#sent.set(index, own)
      void this.#send(index, file, from ?? 0, own.signal)
    }
  }

  /** The network may be back. */
  hurry(): void {
    this.#patience.hurry()
  }
  stop(): void {
    this.#stop.abort()
  }

  async #send(index: number, file: File, from: number, own: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, own])
    // How long the files before this one took says nothing about it.
    this.#patience.moved()
    try {
      await sendChunks({
        file,
        from: Math.min(from, file.size),
        put: (offset, bytes, piece) => this.#put(index, offset, bytes, piece),
        requestMs: usualTransferPace.requestMs,
        patience: this.#patience,
        signal,
        onMoved: () => this.#parts.waiting(undefined),
      })
    } catch (error) {
      if (signal.aborted) return
      this.stop()
      this.#parts.failed(asFailure(error))
    }
  }

  async #put(index: number, offset: number, bytes: Blob, signal: AbortSignal): Promise<{ offset: number }> {
    const { origin, session, id } = this.#parts
    const path = `${zmodemUrl(session, id, index)}?offset=${offset}`
    try {
      return await askFilesJson({ origin }, UploadOffset, { method: 'PUT', path, bytes, signal })
    } catch (error) {
      const failure = asFailure(error)
      // The gateway has not noticed yet that the line of the piece before is gone, or TRANSFER is about to say what became of the file.
      if (failure.code !== 'conflict') throw failure
      throw new Failure('gateway_unavailable', failure.message, { cause: failure })
    }
  }
}
