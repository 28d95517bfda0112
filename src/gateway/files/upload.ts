// One file on its way into a host, whole or not at all: written beside its place, compared there, and put into it in one step.
import type { Verified } from '#domain/session-act.ts'
import { Failure } from '#domain/failure.ts'
import type { FileDone } from '#wire/files.ts'
import { type Attributes, kindOf } from '../sftp/attributes.ts'
import type { Handle, SftpClient } from '../sftp/sftp-client.ts'
import { shownPath, statusOf } from '../sftp/sftp-failure.ts'
import { StatusCode } from '../sftp/sftp-wire.ts'
import { assertPlain } from './download.ts'
import { FileHash } from './file-hash.ts'
import type { HostDigest } from './host-digest.ts'
import { folderOf } from './host-path.ts'
import { lstatOf, openPart } from './part-file.ts'
import { verify } from './verify.ts'
import { WriteSpan } from './write-span.ts'

const permissions = 0o777
/** A file system that has no more than that is full. */
const fullBytes = 1024 * 1024

/** `path`: canonical, as it was judged. `mtime`: ms since the epoch. */
export type UploadAsked = { path: string; bytes: number; mtime?: number | undefined; overwrite: boolean }
export type UploadHost = {
  client: SftpClient
  digest: HostDigest
  /** Puts it into its place. */
  move: (from: string, to: string, overwrite: boolean, signal: AbortSignal) => Promise<void>
}

export class Upload {
  /** Where it will stand, canonical. */
  readonly path: string
  /** Settles when it is finished, suspended or given up: its part is free. */
  readonly whenOver: Promise<void>
  readonly #host: UploadHost
  readonly #asked: UploadAsked
  readonly #part: string
  readonly #handle: Handle
  readonly #span: WriteSpan
  readonly #hash: FileHash
  readonly #mode: number | undefined
  readonly #signal: AbortSignal
  readonly #over = Promise.withResolvers<void>()
  /** Everything in its turn. */
  #turn: Promise<unknown> = Promise.resolve()
  #state: 'open' | 'finishing' | 'over' = 'open'

  private constructor(
    host: UploadHost,
    asked: UploadAsked,
    opened: { part: string; handle: Handle; hash: FileHash; mode: number | undefined },
    signal: AbortSignal,
  ) {
    this.#host = host
    this.#asked = asked
    this.path = asked.path
    this.#part = opened.part
    this.#handle = opened.handle
    this.#hash = opened.hash
    this.#mode = opened.mode
    this.#signal = signal
    this.#span = new WriteSpan(host.client, opened.handle, opened.hash.offset, signal)
    this.whenOver = this.#over.promise
  }

  /** Goes on where the same file was interrupted. Throws `Failure`: `file_exists`, `file_refused` (no plain file), `host_disk_full`, and as `SftpClient`. */
  static async start(host: UploadHost, asked: UploadAsked, part: string, signal: AbortSignal): Promise<Upload> {
    const { client } = host
    const { path, bytes, overwrite } = asked
    const there = await lstatOf(client, path, signal)
    assertMayReplace(path, there, overwrite)
    const folder = folderOf(path)
    const hash = new FileHash(bytes)
    const mode = there?.mode === undefined ? undefined : there.mode & permissions
    try {
      const lying = (await lstatOf(client, part, signal))?.size ?? 0
      const space = await client.space(folder, signal)
      if (space && space.freeBytes < bytes - lying) throw diskFull(folder)
      const handle = await openPart(client, part, hash, mode, signal)
      // A folder that was swapped for a link after it was judged.
      if (!(await client.realPath(folder, signal)).equals(Buffer.from(folder))) {
        client.drop(handle)
        await client.remove(part, signal).catch(() => undefined)
        throw new Failure('file_changed', `“${shownPath(folder)}” is not what it was.`)
      }
      return new Upload(host, asked, { part, handle, hash, mode }, signal)
    } catch (cause) {
      throw await whyNot(client, folder, cause, signal)
    }
  }

  /** Where the next byte belongs. */
  get offset(): number {
    return this.#hash.offset
  }

  /** Resolves when there is room for the next; the bytes are the caller's again. Throws `Failure`: `bad_request` beyond the announced size, `host_disk_full`, and as `SftpClient`; then it is of no use. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#inTurn(async () => {
      this.#assertOpen()
      if (this.offset + bytes.length > this.#asked.bytes)
        throw new Failure('bad_request', `The file was announced with ${this.#asked.bytes} bytes, and more of it came.`)
      this.#hash.update(bytes)
      await this.#careful(() => this.#span.write(bytes))
    })
  }

  /**
   * Compared with what the host has, and put into its place. Throws `Failure`: `offset_wrong` when bytes are missing (it stays open), `file_digest_differs` (it is removed), `file_exists`,
   * `host_disk_full`, and as `SftpClient`.
   */
  async finish(): Promise<FileDone> {
    return await this.#inTurn(async () => {
      this.#assertOpen()
      const { offset } = this
      if (offset !== this.#asked.bytes) throw new Failure('offset_wrong', `The next byte is the one at ${offset}.`, { detail: { offset } })
      this.#state = 'finishing'
      try {
        return await this.#careful(() => this.#finish())
      } catch (cause) {
        await this.#remove()
        throw cause
      } finally {
        this.#end()
      }
    })
  }

  /** What came is written, and stays to be gone on with. */
  async suspend(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state !== 'open') return
      this.#state = 'over'
      try {
        await this.#span.flush()
        await this.#host.client.closeHandle(this.#handle, this.#signal)
      } catch {
        // What is there is there: whoever goes on looks for themselves.
        this.#host.client.drop(this.#handle)
      } finally {
        this.#end()
      }
    })
  }

  /** What was written is removed. */
  async abort(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state !== 'open') return
      this.#state = 'over'
      this.#host.client.drop(this.#handle)
      await this.#remove()
      this.#end()
    })
  }

  async #finish(): Promise<FileDone> {
    const { client } = this.#host
    const { bytes, mtime } = this.#asked
    const signal = this.#signal
    await this.#span.flush()
    if (this.#mode !== undefined) await client.fsetstat(this.#handle, { mode: this.#mode }, signal)
    if (client.announces('fsync@openssh.com', '1')) await client.sync(this.#handle, signal)
    // After the last byte, which would change it.
    if (mtime !== undefined) await client.fsetstat(this.#handle, { times: timesOf(mtime) }, signal).catch(ignoreStatus)
    await client.closeHandle(this.#handle, signal)
    const verified: Verified = await verify(this.#host, this.#part, this.#hash, signal)
    if (verified === 'differs') throw new Failure('file_digest_differs', 'What the host has is not what was sent. It was removed: send it again.')
    await this.#host.move(this.#part, this.path, this.#asked.overwrite, signal)
    return { path: this.path, bytes, sha256: this.#hash.sha256(), verified }
  }

  async #careful<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (cause) {
      throw await whyNot(this.#host.client, folderOf(this.path), cause, this.#signal)
    }
  }

  /** Also when the signal has ended the rest; nobody can be told when it fails. */
  async #remove(): Promise<void> {
    const { client } = this.#host
    client.drop(this.#handle)
    await client.remove(this.#part, client.gone).catch(() => undefined)
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw new Failure('transfer_not_found', 'This upload is over.')
  }

  #end(): void {
    this.#state = 'over'
    this.#over.resolve()
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return await mine
  }
}

function assertMayReplace(path: string, there: Attributes | undefined, overwrite: boolean): void {
  if (!there) return
  if (kindOf(there) === 'folder') throw new Failure('file_exists', `“${shownPath(path)}” is a folder.`)
  assertPlain(path, there)
  if (!overwrite) throw new Failure('file_exists', `“${shownPath(path)}” is there already.`)
}

function timesOf(mtime: number): { access: number; change: number } {
  const seconds = (ms: number) => Math.min(2 ** 32 - 1, Math.floor(ms / 1000))
  return { access: seconds(Date.now()), change: seconds(mtime) }
}
function ignoreStatus(cause: unknown): void {
  if (statusOf(cause) === undefined) throw cause
}

const diskFull = (folder: string): Failure => new Failure('host_disk_full', `The host has no room for it at “${shownPath(folder)}”.`)

/** OpenSSH calls a full disk and one that is read only a failure: the file system tells which. */
async function whyNot(client: SftpClient, folder: string, cause: unknown, signal: AbortSignal): Promise<unknown> {
  if (statusOf(cause) !== StatusCode.failure) return cause
  const space = await client.space(folder, signal).catch(() => undefined)
  if (space?.isReadOnly) return new Failure('file_denied', `The file system of the host is read only at “${shownPath(folder)}”.`, { cause })
  if (space && space.freeBytes < fullBytes) return diskFull(folder)
  return cause
}
