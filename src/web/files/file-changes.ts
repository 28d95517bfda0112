// What changes the host: new folders, names, permissions, removals. Each shows its outcome in the list at once, without reading the folder again.
import { asFailure } from '#client/failure-answer.ts'
import { listFolder } from '#client/files/list-folder.ts'
import { makeFolder, removeFile, renameFile, setFileMode, statFile } from '#client/files/host-folder.ts'
import type { Failure } from '#domain/failure.ts'
import type { FileEntry } from '#wire/files.ts'
import { only } from './file-selection.ts'
import type { FilesStore } from './files-store.ts'
import { joinPath, nameOf, parentOf } from './places.ts'

/** What is in folders that are to be removed. `isMore`: the counting was ended. */
export type Counted = { files: number; folders: number; bytes: number; isMore: boolean }
const mostCounted = 50_000

export class Changes {
  readonly #store: FilesStore
  constructor(store: FilesStore) {
    this.#store = store
  }

  /** Rejects with what the host says. */
  async makeFolder(name: string): Promise<void> {
    const path = joinPath(this.#store.folder, name)
    await this.#store.session.ask((at) => makeFolder(at, path))
    await this.see(path)
    this.#store.select(only(name))
  }
  async rename(from: string, to: string): Promise<void> {
    const { folder } = this.#store
    const names = { from: joinPath(folder, from), to: joinPath(folder, to) }
    await this.#store.session.ask((at) => renameFile(at, names))
    await this.see(names.to, from)
    this.#store.select(only(to))
  }
  /** Each in its turn; the first that fails ends it, those before it are done. */
  async setMode(modes: readonly { name: string; mode: number }[]): Promise<void> {
    const { folder } = this.#store
    for (const { name, mode } of modes) {
      const path = joinPath(folder, name)
      await this.#store.session.ask((at) => setFileMode(at, { path, mode }))
      await this.see(path)
    }
  }
  /** Resolves with what is still there and why. */
  async remove(entries: readonly FileEntry[], onDone: (count: number) => void): Promise<{ name: string; failure: Failure }[]> {
    const { folder } = this.#store
    const kept: { name: string; failure: Failure }[] = []
    const gone = new Set<string>()
    for (const { name, kind } of entries) {
      try {
        await this.#store.session.ask((at) => removeFile(at, { path: joinPath(folder, name), recursive: kind === 'folder' }))
        gone.add(name)
        onDone(gone.size)
      } catch (error) {
        const failure = asFailure(error)
        if (failure.code === 'file_not_found') gone.add(name)
        else kept.push({ name, failure })
      }
    }
    if (folder === this.#store.folder) this.#store.drop(gone)
    return kept
  }

  /** Looks at one entry again and shows it, when its folder is shown. */
  async see(path: string, instead?: string): Promise<void> {
    const { entry } = await this.#store.session.ask((at) => statFile(at, path))
    if (parentOf(path) === this.#store.folder) this.#store.put({ ...entry, name: nameOf(path) }, instead)
  }

  /** What stands in these folders, counted as it is found; symbolic links are not followed. */
  async count(entries: readonly FileEntry[], onCount: (counted: Counted) => void, signal: AbortSignal): Promise<Counted> {
    const counted: Counted = { files: 0, folders: 0, bytes: 0, isMore: false }
    const waiting = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => joinPath(this.#store.folder, name))
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      const path = folder
      await this.#store.session.ask((at) =>
        listFolder(at, {
          path,
          signal,
          onEntries(some) {
            for (const { name, kind, bytes } of some) {
              if (kind === 'folder') {
                counted.folders += 1
                waiting.push(joinPath(path, name))
              } else {
                counted.files += 1
                counted.bytes += bytes
              }
            }
          },
        }),
      )
      counted.isMore = counted.files + counted.folders >= mostCounted
      onCount({ ...counted })
      if (counted.isMore) break
    }
    return { ...counted }
  }
}
