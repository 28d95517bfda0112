// One file on its way out of a host: read ahead of whoever takes it, hashed as it passes, and compared with what the host has when it is over.
import { createHash } from 'node:crypto'
import type { Verified } from '#domain/session-act.ts'
import { Failure } from '#domain/failure.ts'
import { type Attributes, kindOf } from '../sftp/attributes.ts'
import type { Handle, SftpClient } from '../sftp/sftp-client.ts'
import { shownPath } from '../sftp/sftp-failure.ts'
import { OpenFlag } from '../sftp/sftp-wire.ts'
import { FileHash, type HashShelf } from './file-hash.ts'
import type { HostDigest } from './host-digest.ts'
import { readSpan } from './read-span.ts'
import { verify } from './verify.ts'

/** `from`, `to`: the first and the last byte, of a range; without, the whole file. `verify` false: nothing is compared at the end (many small files in one archive). */
export type DownloadAsked = { from?: number; to?: number; verify?: boolean }
/** `sha256`: of the whole file, when all of it passed. `verified`: `none` when it did not, `differs` when the host has something else. */
export type DownloadDone = { bytes: number; sha256?: string; verified: Verified }
export type DownloadHost = { client: SftpClient; digest: HostDigest; shelf: HashShelf }

export class Download {
  /** Canonical. */
  readonly path: string
  /** Of the whole file. */
  readonly bytes: number
  /** Seconds since the epoch. */
  readonly mtime: number | undefined
  /** Of this path, size and time: an entity tag of HTTP, with its quotes. */
  readonly etag: string
  /** Settles after the last piece was taken and compared. Rejects with `Failure('file_changed')` when the file became shorter or was written over; of one that grew, what stood at the beginning is given. Also with what broke the reading. */
  readonly whenDone: Promise<DownloadDone>
  readonly #host: DownloadHost
  readonly #handle: Handle
  readonly #range: { from: number; end: number }
  readonly #verifies: boolean
  readonly #signal: AbortSignal
  readonly #settle = Promise.withResolvers<DownloadDone>()
  #isReading = false
  #isOver = false

  private constructor(host: DownloadHost, handle: Handle, facts: { path: string; attributes: Attributes }, asked: DownloadAsked, signal: AbortSignal) {
    const { size = 0, mtime } = facts.attributes
    this.#host = host
    this.#handle = handle
    this.#signal = signal
    this.path = facts.path
    this.bytes = size
    this.mtime = mtime
    this.etag = `"${createHash('sha256')
      .update(JSON.stringify([facts.path, size, mtime ?? 0]))
      .digest('hex')
      .slice(0, 32)}"`
    this.#range = { from: asked.from ?? 0, end: Math.min(size, (asked.to ?? size - 1) + 1) }
    this.#verifies = asked.verify ?? true
    this.whenDone = this.#settle.promise
    // Whoever wants to know asks; nobody has to.
    this.whenDone.catch(() => undefined)
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** `path`: canonical, as it was judged. Only plain files: anything else may never end, or wait for ever. Throws `Failure`: `file_refused`, `file_changed`, `range_not_satisfiable`, and as `SftpClient`. */
  static async open(host: DownloadHost, path: string, asked: DownloadAsked, signal: AbortSignal): Promise<Download> {
    const { client } = host
    assertPlain(path, await client.lstat(path, signal))
    const handle = await client.open(path, OpenFlag.read, {}, signal)
    try {
      // What was swapped for a link after it was judged is not read.
      const [attributes, real] = await Promise.all([client.fstat(handle, signal), client.realPath(path, signal)])
      assertPlain(path, attributes)
      if (!real.equals(Buffer.from(path))) throw changed(path)
      const size = attributes.size ?? 0
      if ((asked.from ?? 0) > size || (asked.to ?? size) < (asked.from ?? 0))
        throw new Failure('range_not_satisfiable', `The file has ${size} bytes.`, { detail: { bytes: size } })
      return new Download(host, handle, { path, attributes }, asked, signal)
    } catch (cause) {
      client.drop(handle)
      throw cause
    }
  }

  /** Once. Pieces are the taker's own; some 4 MiB are asked for ahead. Who stops taking ends it. Throws as `SftpClient`, and `Failure('file_changed')`. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isReading || this.#isOver) throw new Failure('conflict', 'This download was read already.')
    this.#isReading = true
    const { client } = this.#host
    const { from, end } = this.#range
    let hash: FileHash | undefined
    try {
      hash = await this.#hashFor(from)
      for await (const bytes of readSpan(client, this.#handle, from, end, this.#signal)) {
        hash?.update(bytes)
        yield bytes
      }
      this.#end(await this.#check(hash))
    } catch (cause) {
      this.#end(cause)
      throw cause
    } finally {
      if (hash && hash.offset < this.bytes) this.#host.shelf.put(this.#key, hash)
      // Only when it was not ended otherwise.
      this.#end(new Failure('client_left', 'The download was stopped before all of it was taken.'))
    }
  }

  /** A piece that nobody needs any more (it was sent, say): what comes next is put into its memory. Once for each; whoever does not say so loses nothing but time. */
  giveBack(piece: Uint8Array): void {
    this.#host.client.giveBack(piece)
  }

  get #key(): string {
    return `${this.path}\0${this.etag}`
  }

  /** From the beginning a new one; else that of an earlier range of the same file, with what lies between read again. */
  async #hashFor(from: number): Promise<FileHash | undefined> {
    if (from === 0) return new FileHash(this.bytes)
    const mark = this.#host.shelf.get(this.#key)?.markBefore(from)
    if (!mark) return undefined
    const hash = new FileHash(this.bytes, mark)
    if (from - mark.offset > rereadBytes) return undefined
    for await (const bytes of readSpan(this.#host.client, this.#handle, mark.offset, from, this.#signal)) {
      hash.update(bytes)
      this.giveBack(bytes)
    }
    return hash
  }

  async #check(hash: FileHash | undefined): Promise<DownloadDone> {
    const { client, shelf } = this.#host
    const { from, end } = this.#range
    const hasGrown = await this.#hasGrown()
    // Files of the kernel say that they are empty.
    if (this.bytes === 0 && (await client.read(this.#handle, 0, 1, this.#signal))) throw changed(this.path)
    const bytes = end - from
    if (!hash || hash.offset !== this.bytes) return { bytes, verified: 'none' }
    shelf.drop(this.#key)
    const sha256 = hash.sha256()
    // A log that goes on: what stood there at the beginning was read, and nothing on the host says its digest any more.
    if (hasGrown || !this.#verifies) return { bytes, sha256, verified: 'none' }
    const verified = await verify(this.#host, this.path, hash, this.#signal)
    return { bytes, sha256, verified: verified === 'differs' && (await this.#hasGrown()) ? 'none' : verified }
  }

  /** Throws `Failure('file_changed')` for one that became shorter, or was written to without becoming longer. */
  async #hasGrown(): Promise<boolean> {
    const now = await this.#host.client.fstat(this.#handle, this.#signal)
    if (now.size !== undefined && now.size > this.bytes && this.bytes > 0) return true
    if (now.size !== this.bytes || now.mtime !== this.mtime) throw changed(this.path)
    return false
  }

  readonly #onAbort = () => {
    if (!this.#isReading) this.#end(this.#signal.reason)
  }

  #end(outcome: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#host.client.drop(this.#handle)
    if (isDone(outcome)) this.#settle.resolve(outcome)
    else this.#settle.reject(outcome)
  }
}

/** More than the marks of a hash are apart. */
const rereadBytes = 8 * 1024 * 1024

const isDone = (outcome: unknown): outcome is DownloadDone => typeof outcome === 'object' && outcome !== null && 'verified' in outcome
const changed = (path: string): Failure => new Failure('file_changed', `“${shownPath(path)}” was changed while it was read.`)

export function assertPlain(path: string, attributes: Attributes): void {
  const kind = kindOf(attributes)
  if (kind === 'file') return
  const words = kind === 'folder' ? 'is a folder' : 'is no plain file, and may have no end'
  throw new Failure('file_refused', `“${shownPath(path)}” ${words}.`)
}
