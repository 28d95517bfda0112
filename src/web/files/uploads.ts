// What goes up to the host from this panel: judged by the rules first, then queued.
import { FileUpload } from '#client/files/upload-file.ts'
import { asFailure } from '#client/failure-answer.ts'
import { makeFolder, statFile } from '#client/files/host-folder.ts'
import type { FilesAt } from '#client/files/host-folder.ts'
import { Failure } from '#domain/failure.ts'
import type { Dropped } from './dropped-files.ts'
import { isFolder } from './file-order.ts'
import { denialOf } from './file-rights.ts'
import type { FilesStore } from './files-store.ts'
import { nameFault } from './new-names.ts'
import { joinPath, parentOf } from './places.ts'
import type { NewUpload, RunningUpload, UploadItem } from './upload-queue.ts'
import { targetOf, UploadQueue } from './upload-queue.ts'

export class Uploads {
  readonly queue: UploadQueue
  readonly #store: FilesStore
  readonly #stop = new AbortController()
  /** Folders that are known to be there or were made. */
  #made = new Map<string, Promise<void>>()

  constructor(store: FilesStore) {
    this.#store = store
    this.queue = new UploadQueue({
      send: (item, onProgress) => this.#send(item, onProgress),
      makeFolder: (folder) => this.#makeFolder(folder),
      isTaken: (folder, name) => folder === store.folder && store.find(name) !== undefined,
      // A file that cannot be looked at is there all the same: the next reading shows it.
      arrived: (item) => void store.changes.see(targetOf(item)).catch(() => undefined),
      changed: () => {
        // The first change is told while this is being made.
        const queue = this.queue as UploadQueue | undefined
        if (queue) store.set({ uploads: queue.items })
      },
      now: () => performance.now(),
    })
    const { signal } = this.#stop
    globalThis.addEventListener('online', () => this.queue.hurry(), { signal })
    globalThis.addEventListener(
      'beforeunload',
      (event) => {
        if (this.queue.isBusy) event.preventDefault()
      },
      { signal },
    )
  }

  /** Into this folder of the host. How many were taken, and how many folders there are besides. */
  async add(dropped: Dropped, folder: string): Promise<number> {
    const { rights } = this.#store
    const under = (path: string) => (path === '' ? folder : joinPath(folder, path))
    const wanted = dropped.files.map(({ file, folder: path }): NewUpload => {
      const target = { file, folder: under(path), isNewFolder: path !== '', name: file.name.normalize('NFC') }
      const denial = denialOf(rights, 'upload', joinPath(target.folder, target.name), file.size)
      const failure = denial
        ? new Failure('file_refused', 'Your grants do not let you move this file.', { detail: { verdict: denial } })
        : nameFault(target.name)
          ? new Failure('file_name_unsafe', 'This name cannot be used.')
          : undefined
      return { ...target, ...(failure ? { failure } : {}) }
    })
    const count = this.queue.add(wanted)
    const holding = new Set(wanted.map((one) => one.folder))
    // Empty ones come with no file.
    for (const path of dropped.folders) if (!holding.has(under(path))) await this.#makeFolder(under(path))
    return count
  }

  dispose(): void {
    this.#stop.abort()
    this.queue.cancelAll()
  }

  #send(
    item: UploadItem,
    onProgress: (progress: Parameters<NonNullable<ConstructorParameters<typeof FileUpload>[1]['onProgress']>>[0]) => void,
  ): RunningUpload {
    let upload: FileUpload | undefined
    let isCancelled = false
    const begin = (at: FilesAt) => {
      upload = new FileUpload(at, { path: targetOf(item), file: item.file, overwrite: item.overwrite, onProgress })
      if (isCancelled) void upload.cancel()
      return upload.whenDone
    }
    return {
      // The session may have ended while the queue stood still.
      whenDone: this.#store.session.ask(begin),
      async cancel() {
        isCancelled = true
        await upload?.cancel()
      },
      hurry: () => upload?.hurry(),
      pause: () => upload?.pause(),
      goOn: () => upload?.goOn(),
    }
  }

  /** Those above it first. One that is there already is as good. */
  #makeFolder(folder: string): Promise<void> {
    const known = this.#made.get(folder)
    if (known) return known
    const making = this.#make(folder)
    this.#made.set(folder, making)
    making.catch(() => this.#made.delete(folder))
    return making
  }
  async #make(folder: string): Promise<void> {
    const { session, changes } = this.#store
    try {
      await session.ask((at) => makeFolder(at, folder))
    } catch (error) {
      const { code } = asFailure(error)
      if (code === 'file_not_found' && parentOf(folder) !== folder) {
        await this.#makeFolder(parentOf(folder))
        await session.ask((at) => makeFolder(at, folder))
      } else {
        // Hosts do not say why they made none: one that is there is as good, anything else of that name is not.
        const there = await session.ask((at) => statFile(at, folder)).catch(() => undefined)
        if (!there || !isFolder(there.entry)) throw error
        return
      }
    }
    if (parentOf(folder) === this.#store.folder) await changes.see(folder)
  }
}
