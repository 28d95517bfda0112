// Folders and files as one stored zip, written as they come: links are not followed, each file is judged by itself, and what was left out is said in the archive.
import type { ServerResponse } from 'node:http'
import { Failure, isFailure } from '#domain/failure.ts'
import type { FileEntry } from '#wire/files.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'
import { attachmentHeaders, safeFileName } from '../files/file-names.ts'
import type { FilesSession } from '../files/files-session.ts'
import { StoredZip } from '../files/stored-zip.ts'
import type { Transfer } from '../files/transfer.ts'
import { failureOf } from './answers.ts'
import { whileReadBy, written } from './flow.ts'
import { LeftOut } from './left-out.ts'
import { UniqueNames } from './unique-names.ts'

const mostPaths = 1000
/** Of one archive. What is beyond is left out, and said. */
const mostFiles = 100_000
const deepest = 64
/** Comparing costs a command on the host for each file: of smaller ones only the digest is kept. */
const verifiedFrom = 1024 * 1024

type Folder = { real: string; name: string; depth: number; mtime: number }

export async function answerArchive(session: FilesSession, paths: readonly string[], response: ServerResponse, secure: boolean): Promise<void> {
  if (paths.length === 0 || paths.length > mostPaths) throw new Failure('bad_request', `Name 1 to ${mostPaths} paths: ?path=…&path=…`)
  session.judgeLook()
  await session.roomForActs()
  const tops = await Promise.all(paths.slice(0, 1).map((path) => session.files.stat(path)))
  const signal = whileReadBy(response, session.signal)
  const title = paths.length === 1 ? (safeFileName(tops[0]?.path ?? '') ?? 'files') : 'files'
  const whole = session.startTransfer({ direction: 'download', path: tops[0]?.path ?? '', bytes: undefined }, 'untold')
  try {
    await new Archive(session, response, whole, signal).write(paths, () =>
      response.writeHead(200, { ...securityHeaders('data', secure), ...attachmentHeaders(`${title}.zip`) }),
    )
    response.end()
  } catch (cause) {
    whole.failed(failureOf(cause))
    throw cause
  }
}

class Archive {
  readonly #session: FilesSession
  readonly #response: ServerResponse
  readonly #whole: Transfer
  readonly #signal: AbortSignal
  readonly #leftOut = new LeftOut()
  #waiting: Uint8Array[] = []
  readonly #zip = new StoredZip((bytes) => void this.#waiting.push(bytes))
  #files = 0

  constructor(session: FilesSession, response: ServerResponse, whole: Transfer, signal: AbortSignal) {
    this.#session = session
    this.#response = response
    this.#whole = whole
    this.#signal = signal
  }

  async write(paths: readonly string[], begin: () => void): Promise<void> {
    begin()
    const names = new UniqueNames()
    const folders: Folder[] = []
    for (const path of paths) {
      const found = await this.#session.files.stat(path).catch((cause: unknown) => this.#leave(path, failureOf(cause).message))
      if (!found) continue
      const { path: real, entry } = found
      const name = names.take(safeFileName(entry.name) ?? safeFileName(real) ?? 'files')
      if (entry.kind === 'folder') folders.push({ real, name, depth: 1, mtime: entry.mtime ?? 0 })
      else await this.#entry(real, name, entry)
    }
    // Depth first: what waits is what is beside the way down, not a whole level.
    for (let folder = folders.shift(); folder; folder = folders.shift()) folders.unshift(...(await this.#folder(folder)))
    await this.#sayLeftOut(names)
    this.#zip.finish()
    await this.#flush()
    this.#whole.done({ bytes: this.#zip.bytes, verified: 'none' })
  }

  async #folder({ real, name, depth, mtime }: Folder): Promise<Folder[]> {
    const entries: FileEntry[] = []
    try {
      const { isTruncated } = await this.#session.files.list(real, (batch) => void entries.push(...batch), this.#signal)
      if (isTruncated) this.#leave(real, 'The folder has more entries than are read.')
    } catch (cause) {
      this.#signal.throwIfAborted()
      this.#leave(real, failureOf(cause).message)
      return []
    }
    this.#zip.folder(name, mtime)
    await this.#flush()
    const names = new UniqueNames()
    const below: Folder[] = []
    for (const entry of entries) {
      const path = real === '/' ? `/${entry.name}` : `${real}/${entry.name}`
      const own = entry.isUsable ? safeFileName(entry.name) : undefined
      if (own === undefined) this.#leave(path, 'Its name cannot be used.')
      else if (entry.kind !== 'folder') await this.#entry(path, `${name}/${names.take(own)}`, entry)
      else if (depth >= deepest) this.#leave(path, 'It lies too deep.')
      else below.push({ real: path, name: `${name}/${names.take(own)}`, depth: depth + 1, mtime: entry.mtime ?? 0 })
    }
    return below
  }

  async #entry(real: string, name: string, entry: FileEntry): Promise<void> {
    if (entry.kind === 'link') return void this.#leave(real, 'It is a link.')
    if (entry.kind !== 'file') return void this.#leave(real, 'It is no file.')
    if (this.#files >= mostFiles || this.#zip.isFull) return void this.#leave(real, `An archive has at most ${mostFiles} files.`)
    await this.#session.roomForActs()
    this.#signal.throwIfAborted()
    try {
      this.#session.judge('download', real, entry.bytes)
    } catch (cause) {
      if (!isFailure(cause)) throw cause
      return void this.#leave(real, cause.message)
    }
    const one = this.#session.transferOf({ direction: 'download', path: real, bytes: entry.bytes })
    let hasBegun = false
    try {
      const download = await this.#session.files.download(real, { verify: (entry.bytes ?? 0) >= verifiedFrom }, this.#signal)
      if (download.path !== real) throw new Failure('file_changed', 'It became a link.')
      this.#session.judge('download', download.path, download.bytes)
      hasBegun = true
      this.#files += 1
      this.#zip.begin(name, entry.mtime ?? 0)
      let sent = 0
      for await (const piece of download.read()) {
        sent += piece.length
        one.moveTo(sent)
        this.#session.carried('download', piece.length)
        this.#zip.data(piece)
        await this.#flush()
      }
      const { sha256, verified } = await download.whenDone
      if (verified === 'differs') throw new Failure('file_digest_differs', 'What came is not what the host says the file is.')
      this.#zip.end()
      await this.#flush()
      one.done({ bytes: sent, sha256, verified })
    } catch (cause) {
      this.#signal.throwIfAborted()
      one.failed(failureOf(cause))
      // Half a file under its name would pass for the whole one.
      if (hasBegun) throw cause
      this.#leave(real, failureOf(cause).message)
    }
  }

  #leave(path: string, why: string): undefined {
    this.#leftOut.add(path, why)
  }

  async #sayLeftOut(names: UniqueNames): Promise<void> {
    const text = this.#leftOut.text()
    if (text === undefined) return
    this.#zip.begin(names.take('LEFT-OUT.txt'), Math.floor(Date.now() / 1000))
    this.#zip.data(Buffer.from(text))
    this.#zip.end()
    await this.#flush()
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) await written(this.#response, bytes)
    this.#whole.moveTo(this.#zip.bytes)
  }
}
