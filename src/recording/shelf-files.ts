// Paths of a shelf on a disk. The only place that makes one from an id, after checking it; links are never followed.
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, realpath, rename, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'

export type RecordingPaths = { folder: string; cast: string; index: string; head: string; screens: string }

const errno = (cause: unknown) => (cause as NodeJS.ErrnoException).code

/** Undefined when there is no such file. Throws `Failure('recording_incomplete')` when a link stands in its place. */
export async function openFile(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags | constants.O_NOFOLLOW, 0o600)
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return undefined
    if (errno(cause) === 'ELOOP') throw new Failure('recording_incomplete', 'A link stands in the place of a file of the recording.')
    throw cause
  }
}

/** A small file whole; undefined when it is not there. Throws `Failure('recording_incomplete')` when it is larger than it may be. */
export async function readWhole(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await openFile(path, constants.O_RDONLY)
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(maxBytes + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    if (bytesRead > maxBytes) throw new Failure('recording_incomplete', 'A file of the recording is larger than it may be.')
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

export class ShelfFiles {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  static async open(root: string): Promise<ShelfFiles> {
    await mkdir(root, { recursive: true, mode: 0o700 })
    return new ShelfFiles(await realpath(root))
  }

  /** Undefined when the id is none or nothing was ever put for it. */
  async find(session: string): Promise<RecordingPaths | undefined> {
    const paths = this.#paths(session)
    return paths !== undefined && (await this.#isPlain(paths.folder)) ? paths : undefined
  }

  /** Makes the folders. Throws `Failure('bad_request')` when the id is none. */
  async make(session: string): Promise<RecordingPaths> {
    const paths = this.#paths(session)
    if (paths === undefined) throw new Failure('bad_request', 'That is no id of a session.')
    await mkdir(paths.folder, { recursive: true, mode: 0o700 })
    if (!(await this.#isPlain(paths.folder))) throw new Failure('recording_incomplete', 'A link stands in the place of a folder of the shelf.')
    return paths
  }

  /** Makes the names of a new recording durable. */
  async syncFolders(session: string): Promise<void> {
    const { folder } = await this.make(session)
    for (const path of [folder, join(folder, '..'), this.#root]) await syncFolder(path)
  }

  /** Written beside, synced, renamed: a head is there whole or not at all. */
  async writeHead(session: string, text: string): Promise<void> {
    const { head, folder } = await this.make(session)
    const beside = `${head}.new`
    const file = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, head)
    await syncFolder(folder)
  }

  /** Deletes what there is and returns its bytes. The head goes first, the frames last: stopped anywhere, the rest is either a recording that retention finds again, or swept. */
  async remove(session: string): Promise<number> {
    const paths = await this.find(session)
    if (paths === undefined) return 0
    let bytes = 0
    for (const path of [paths.head, paths.screens, paths.index, paths.cast]) bytes += await removeFile(path)
    return bytes
  }

  /** Bytes of everything here, after deleting frames that never got an index line and heads that were not finished. Sealed recordings are never touched. */
  async sweep(): Promise<number> {
    let total = 0
    for (const outer of await foldersIn(this.#root)) {
      for (const folder of await foldersIn(outer)) {
        const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name)
        const kept = new Set(files.flatMap((name) => /^(.+)\.(?:index|head\.json)$/.exec(name)?.[1] ?? []))
        for (const name of files) {
          const session = /^(.+)\.(?:cast\.zst|head\.json|head\.json\.new|index|screens)$/.exec(name)?.[1]
          if (session === undefined) continue
          if (!kept.has(session) || name.endsWith('.new')) await removeFile(join(folder, name))
          else total += (await lstat(join(folder, name))).size
        }
      }
    }
    return total
  }

  #paths(session: string): RecordingPaths | undefined {
    const id = SessionId.safeParse(session)
    if (!id.success) return undefined
    const folder = join(this.#root, id.data.slice(3, 5), id.data.slice(5, 7))
    const stem = join(folder, id.data)
    return { folder, cast: `${stem}.cast.zst`, index: `${stem}.index`, head: `${stem}.head.json`, screens: `${stem}.screens` }
  }

  async #isPlain(folder: string): Promise<boolean> {
    try {
      return (await realpath(folder)) === folder
    } catch (cause) {
      if (errno(cause) === 'ENOENT') return false
      throw cause
    }
  }
}

async function foldersIn(path: string): Promise<string[]> {
  return (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
}

async function removeFile(path: string): Promise<number> {
  try {
    const { size } = await lstat(path)
    await unlink(path)
    return size
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return 0
    throw cause
  }
}

async function syncFolder(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
