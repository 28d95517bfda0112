// The files that a person gave to `rz`, sent as the gateway asks for them: it says in TRANSFER which one, and from where.
import { askFilesJson } from '#client/files/file-request.ts'
import { zmodemUrl } from '#client/files/file-addresses.ts'
import { Patience, usualTransferPace } from '#client/files/patience.ts'
import { sendChunks } from '#client/files/send-chunks.ts'
import { asFailure } from '#client/failure-answer.ts'
import type { Failure } from '#domain/failure.ts'
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
  fetch?: typeof fetch
}

export class RzSender {
  readonly files: readonly File[]
  readonly #parts: RzSenderParts
  readonly #stop = new AbortController()
  readonly #patience: Patience
  #sent = new Set<number>()

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
      if (is !== 'running' || !file || this.#sent.has(index)) continue
      this.#sent.add(index)
      void this.#send(index, file, from ?? 0)
    }
  }

  /** The network may be back. */
  hurry(): void {
    this.#patience.hurry()
  }
  stop(): void {
    this.#stop.abort()
  }

  async #send(index: number, file: File, from: number): Promise<void> {
    const { origin, session, id, fetch: ask } = this.#parts
    const path = zmodemUrl(session, id, index)
    try {
      await sendChunks({
        file,
        from: Math.min(from, file.size),
        put: (offset, bytes, signal) => askFilesJson({ origin, fetch: ask }, UploadOffset, { method: 'PUT', path: `${path}?offset=${offset}`, bytes, signal }),
        requestMs: usualTransferPace.requestMs,
        patience: this.#patience,
        signal: this.#stop.signal,
        onMoved: () => this.#parts.waiting(undefined),
      })
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.stop()
      this.#parts.failed(asFailure(error))
    }
  }
}
