// What a person does with the files of one host, over a connection of their own. Paths come as pages send them; what rules judge is what the host resolves them to.
import { Failure } from '#domain/failure.ts'
import type { FileEntry, FileStat } from '#wire/files.ts'
import type { HostConnection } from '../far/host-connection.ts'
import { kindOf } from '../sftp/attributes.ts'
import { SftpClient } from '../sftp/sftp-client.ts'
import { shownPath, statusOf } from '../sftp/sftp-failure.ts'
import { StatusCode } from '../sftp/sftp-wire.ts'
import { fileEntry } from './file-entry.ts'
import { folderOf, hostPath, nameOf, newPath, textOf, within } from './host-path.ts'
import { Download, type DownloadAsked } from './download.ts'
import { HashShelf } from './file-hash.ts'
import { HostDigest } from './host-digest.ts'
import { leadsTo, type Listed, listFolder } from './listing.ts'
import { lstatOf, partPath } from './part-file.ts'
import { removeTree, type Removed } from './remove-tree.ts'
import { Upload, type UploadAsked } from './upload.ts'

const permissions = 0o7777

/** Every method throws `Failure`: `file_name_unsafe`, `file_not_found`, `file_denied`, `file_exists`, `host_file_error`, what ended the connection, or the signal's reason. */
export class HostFiles {
  /** The account's own folder, canonical. */
  readonly home: string
  readonly #client: SftpClient
  readonly #digest: HostDigest
  readonly #shelf = new HashShelf()
  /** By the name of their part. */
  readonly #uploads = new Map<string, Upload>()
  readonly #starting = new Map<string, Promise<void>>()

  private constructor(connection: HostConnection, client: SftpClient, home: string) {
    this.#client = client
    this.#digest = new HostDigest(connection)
    this.home = home
  }

  /** Throws `Failure('channel_refused')` when the host has no SFTP for this account. The connection stays the caller's. */
  static async open(connection: HostConnection, signal: AbortSignal): Promise<HostFiles> {
    const client = await SftpClient.open(connection, signal)
    try {
      return new HostFiles(connection, client, absolute(await client.realPath('.', signal)))
    } catch (cause) {
      client.close()
      throw cause
    }
  }

  /** Aborted when nothing more can be done; the reason is why. */
  get gone(): AbortSignal {
    return this.#client.gone
  }

  /** What is there in truth, every link followed; of a name that is not there yet, where it would be. */
  async real(path: string, signal: AbortSignal = this.gone): Promise<string> {
    const whole = hostPath(path, this.home)
    try {
      return absolute(await this.#client.realPath(whole, signal))
    } catch (cause) {
      // OpenSSH resolves what is not there; other servers do not.
      if (statusOf(cause) !== StatusCode.noSuchFile || whole === '/') throw cause
      return within(absolute(await this.#client.realPath(folderOf(whole), signal)), nameOf(whole))
    }
  }

  /** Its folder in truth and its own name, not followed: what a rename or a removal is about. */
  async place(path: string, signal: AbortSignal = this.gone): Promise<string> {
    const whole = hostPath(path, this.home)
    if (whole === '/') return whole
    return within(absolute(await this.#client.realPath(folderOf(whole), signal)), nameOf(whole))
  }

  /** Each batch is taken before more is asked of the host. At most `maxEntries`. */
  async list(path: string, batch: (entries: FileEntry[]) => Promise<void> | void, signal: AbortSignal): Promise<Listed & { folder: string }> {
    const folder = await this.real(path, signal)
    return { folder, ...(await listFolder(this.#client, folder, batch, signal)) }
  }

  /** A link is told as a link, with what it leads to; `path` is then the end of it. */
  async stat(path: string, signal: AbortSignal = this.gone): Promise<FileStat> {
    const place = await this.place(path, signal)
    const attributes = await this.#client.lstat(place, signal)
    const name = Buffer.from(nameOf(place) || '/')
    const entry = fileEntry(name, attributes)
    if (entry.kind !== 'link') return { path: place, entry: { ...entry, isUsable: true } }
    return { path: await this.real(path, signal), entry: { ...entry, ...(await leadsTo(this.#client, folderOf(place), { name }, signal)) } }
  }

  async makeFolder(path: string, signal: AbortSignal = this.gone): Promise<void> {
    newPath(path, this.home)
    const place = await this.place(path, signal)
    try {
      await this.#client.makeFolder(place, signal)
    } catch (cause) {
      throw await this.#unless(place, cause, signal)
    }
  }

  /** Over a file that is there only with `overwrite`; never over a folder. */
  async rename(from: string, to: string, overwrite: boolean, signal: AbortSignal = this.gone): Promise<void> {
    newPath(to, this.home)
    const [source, target] = [await this.place(from, signal), await this.place(to, signal)]
    await this.moveTo(source, target, overwrite, signal)
  }

  /** The same with places that are known. */
  async moveTo(source: string, target: string, overwrite: boolean, signal: AbortSignal): Promise<void> {
    const there = await lstatOf(this.#client, target, signal)
    if (there && (!overwrite || kindOf(there) === 'folder')) throw exists(target)
    try {
      if (there && this.#client.announces('posix-rename@openssh.com', '1')) return await this.#client.replace(source, target, signal)
      if (there) await this.#client.remove(target, signal)
      await this.#client.rename(source, target, signal)
    } catch (cause) {
      if (!overwrite) throw await this.#unless(target, cause, signal)
      throw cause
    }
  }

  /** Links are removed and never followed. A folder only with `recursive`; `progress` hears how many are gone. Throws `too_many_files` beyond what one removal may take. */
  async remove(path: string, options: { recursive: boolean; signal?: AbortSignal; progress?: (removed: number) => void }): Promise<Removed> {
    const signal = options.signal ?? this.gone
    const place = await this.place(path, signal)
    if (place === '/' || place === this.home) throw new Failure('file_denied', 'This folder is not removed.')
    if (kindOf(await this.#client.lstat(place, signal)) !== 'folder') {
      await this.#client.remove(place, signal)
      return { removed: 1 }
    }
    if (!options.recursive) throw new Failure('conflict', `“${shownPath(place)}” is a folder: it is removed only with all that is in it.`)
    return await removeTree(this.#client, place, signal, options.progress)
  }

  /** Permission bits, of what a link leads to. */
  async setMode(path: string, mode: number, signal: AbortSignal = this.gone): Promise<void> {
    await this.#client.setstat(await this.real(path, signal), { mode: mode & permissions }, signal)
  }

  /** `path`: canonical (`real`), as it was judged; opened only when it still is that. See `Download`. */
  async download(path: string, asked: DownloadAsked, signal: AbortSignal): Promise<Download> {
    return await Download.open({ client: this.#client, digest: this.#digest, shelf: this.#shelf }, hostPath(path, this.home), asked, signal)
  }

  /**
   * `permitted` is told where the file will stand in truth, links followed, and throws when it may not. The same file that is under way is suspended first. See `Upload`; throws
   * `Failure('file_name_unsafe')` for names that do not show themselves too.
   */
  async startUpload({ permitted, ...asked }: UploadAsked & { permitted: (real: string) => void }, signal: AbortSignal): Promise<Upload> {
    newPath(asked.path, this.home)
    const path = await this.real(asked.path, signal)
    permitted(path)
    const part = partPath({ ...asked, path })
    // One after the other: two that find the same part free would both write into it.
    const started = (this.#starting.get(part) ?? Promise.resolve()).then(() => this.#begin({ ...asked, path }, part, signal))
    const settled = started.then(
      () => undefined,
      () => undefined,
    )
    this.#starting.set(part, settled)
    void settled.then(() => this.#starting.get(part) === settled && this.#starting.delete(part))
    return await started
  }

  /** Ends everything that is under way. The connection stays. Idempotent. */
  close(): void {
    this.#client.close()
  }

  async #begin(asked: UploadAsked, part: string, signal: AbortSignal): Promise<Upload> {
    await this.#uploads.get(part)?.suspend()
    const host = { client: this.#client, digest: this.#digest, move: this.moveTo.bind(this) }
    const upload = await Upload.start(host, asked, part, signal)
    this.#uploads.set(part, upload)
    void upload.whenOver.then(() => this.#uploads.get(part) === upload && this.#uploads.delete(part))
    return upload
  }

  /** What a host calls a failure is mostly that something has this name. */
  async #unless(path: string, cause: unknown, signal: AbortSignal): Promise<unknown> {
    return statusOf(cause) === StatusCode.failure && (await lstatOf(this.#client, path, signal)) ? exists(path) : cause
  }
}

const exists = (path: string): Failure => new Failure('file_exists', `“${shownPath(path)}” is there already.`)

function absolute(bytes: Buffer): string {
  const path = textOf(bytes)
  if (path === undefined) throw new Failure('file_name_unsafe', 'The way there has a name that is no UTF-8.')
  if (!path.startsWith('/') || path.includes('\0')) throw new Failure('host_protocol_error', 'The host resolves a path to none.')
  return path
}
