// Uploads of one session: begun, sent piece by piece, finished or given up. A piece goes on to the host as it comes and is never held whole.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Failure, isFailure } from '#domain/failure.ts'
import { type FileDone, maxChunkBytes, type UploadStarted } from '#wire/files.ts'
import type { FilesSession } from '../files/files-session.ts'
import type { Transfer } from '../files/transfer.ts'
import type { Upload } from '../files/upload.ts'
import { failureOf } from './answers.ts'
import { readPieces } from './read-pieces.ts'

export type UploadAsked = { path: string; bytes: number; mtime?: number | undefined; overwrite: boolean }

/** Finished ones are remembered, for who did not hear the answer. */
const mostKept = 100

type Entry = {
  id: string
  asked: UploadAsked
  upload: Upload
  transfer: Transfer
  /** The piece that is coming in. */
  running: { cut: () => void; whenOver: Promise<unknown> } | undefined
  finishing: Promise<FileDone> | undefined
}

export class Uploads {
  readonly #session: FilesSession
  readonly #entries = new Map<string, Entry>()

  constructor(session: FilesSession) {
    this.#session = session
  }

  /** Judged with its size before anything is written. One to the same path that is under way gives way to it. Throws `Failure`. */
  async start(asked: UploadAsked): Promise<UploadStarted> {
    const session = this.#session
    await session.roomForActs()
    for (const entry of this.#entries.values()) {
      if (entry.asked.path !== asked.path || entry.transfer.isOver || entry.finishing) continue
      await this.#cut(entry)
      await entry.upload.suspend()
      entry.transfer.failed(new Failure('conflict', 'The upload was begun again.'))
    }
    session.assertRoomForTransfer()
    const { path, bytes, mtime, overwrite } = asked
    const permitted = (real: string) => session.judge('upload', real, bytes)
    const upload = await session.files.startUpload({ path, bytes, overwrite, permitted, ...(mtime === undefined ? {} : { mtime }) }, session.signal)
    const id = `up_${randomBytes(12).toString('hex')}`
    const transfer = session.startTransfer({ direction: 'upload', path: upload.path, bytes, from: upload.offset })
    transfer.is('suspended')
    this.#entries.set(id, { id, asked, upload, transfer, running: undefined, finishing: undefined })
    this.#forgetOldest()
    return { upload: id, offset: upload.offset }
  }

  /** The body is the next bytes from `offset` on. A newer piece cuts an older one: its sender has lost the line. Throws `Failure('offset_wrong')` with `detail.offset`. */
  async put(id: string, offset: number, request: IncomingMessage): Promise<{ offset: number }> {
    const entry = this.#find(id)
    await this.#cut(entry)
    if (entry.finishing || entry.transfer.isOver) throw new Failure('transfer_not_found', 'This upload is over.')
    const { upload, transfer, asked } = entry
    if (offset !== upload.offset) throw wrongOffset(upload.offset)
    const length = Number(request.headers['content-length'] ?? 0)
    if (length > maxChunkBytes) throw new Failure('too_large', `A piece may have ${maxChunkBytes / 1024 / 1024} MiB.`)
    if (offset + length > asked.bytes) throw tooMany(asked.bytes)
    transfer.is('running')
    const work = this.#receive(entry, request)
    entry.running = { cut: () => request.destroy(), whenOver: work.catch(() => undefined) }
    const { running } = entry
    try {
      await work
      return { offset: upload.offset }
    } catch (cause) {
      // The host's own word, rather than a line that was cut: it does not get better by going on.
      if (isFailure(cause) && isOfHost(cause)) await this.#giveUp(entry, cause)
      throw cause
    } finally {
      transfer.moveTo(upload.offset)
      transfer.is('suspended')
      if (entry.running === running) entry.running = undefined
    }
  }

  async #receive({ upload, transfer, asked }: Entry, request: IncomingMessage): Promise<void> {
    const session = this.#session
    let taken = 0
    for await (const piece of readPieces(request, session.signal)) {
      taken += piece.length
      if (taken > maxChunkBytes) throw new Failure('too_large', `A piece may have ${maxChunkBytes / 1024 / 1024} MiB.`)
      if (upload.offset + piece.length > asked.bytes) throw tooMany(asked.bytes)
      await upload.write(piece)
      session.carried('upload', piece.length)
      transfer.moveTo(upload.offset)
    }
  }

  /** Compared with the host's copy and put in its place. Asked again it answers the same. Throws `Failure`: `offset_wrong` when bytes are missing, `file_digest_differs`, … */
  finish(id: string): Promise<FileDone> {
    const entry = this.#find(id)
    entry.finishing ??= this.#finish(entry)
    return entry.finishing
  }

  async #finish(entry: Entry): Promise<FileDone> {
    const { upload, transfer, asked } = entry
    try {
      // A piece that is still coming is part of it.
      await entry.running?.whenOver
      if (transfer.isOver) throw new Failure('transfer_not_found', 'This upload is over.')
      if (upload.offset !== asked.bytes) throw wrongOffset(upload.offset)
      transfer.is('checking')
      const done = await upload.finish()
      transfer.done(done)
      return done
    } catch (cause) {
      if (isFailure(cause) && cause.code === 'offset_wrong') entry.finishing = undefined
      else transfer.failed(failureOf(cause))
      throw cause
    }
  }

  /** Given up: what was written is removed. */
  async remove(id: string): Promise<void> {
    const entry = this.#find(id)
    if (entry.finishing) {
      await entry.finishing.catch(() => undefined)
      return
    }
    await this.#cut(entry)
    await this.#giveUp(entry, new Failure('file_not_found', 'The upload was given up.'))
  }

  async #giveUp(entry: Entry, failure: Failure): Promise<void> {
    if (entry.transfer.isOver) return
    entry.transfer.failed(failure)
    this.#entries.delete(entry.id)
    await entry.upload.abort()
  }

  async #cut({ running }: Entry): Promise<void> {
    running?.cut()
    await running?.whenOver
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (!entry) throw new Failure('transfer_not_found', 'There is no such upload (any more). Begin it again: what has arrived is still there.')
    return entry
  }

  #forgetOldest(): void {
    if (this.#entries.size <= mostKept) return
    for (const [id, { transfer }] of this.#entries) {
      if (!transfer.isOver) continue
      this.#entries.delete(id)
      return
    }
  }
}

const wrongOffset = (offset: number) => new Failure('offset_wrong', `The next byte is the one at ${offset}.`, { detail: { offset } })
const tooMany = (bytes: number) => new Failure('bad_request', `The file was announced with ${bytes} bytes, and more of it came.`)
const hostCodes = new Set(['host_disk_full', 'host_file_error', 'file_denied', 'file_changed', 'file_digest_differs', 'file_not_found'])
const isOfHost = ({ code }: Failure) => hostCodes.has(code)
