// What goes down: the browser's own download, streamed to the disk by the browser itself. How it went only the gateway knows, so it is asked while something runs.
import { archiveUrl, contentUrl } from '#client/files/file-addresses.ts'
import { listTransfers, statFile } from '#client/files/host-folder.ts'
import type { FilesAt } from '#client/files/host-folder.ts'
import type { FileEntry, FileTransfer } from '#wire/files.ts'
import { isFolder } from './file-order.ts'
import type { FilesStore } from './files-store.ts'
import { joinPath } from './places.ts'

/** Servers and what stands before them take addresses up to 8 kB. */
const longestAddress = 7500
const askEveryMs = 700
/** A download that has just been clicked is not there yet. */
const quietRounds = 8

export class Downloads {
  readonly #store: FilesStore
  #timer: ReturnType<typeof setTimeout> | undefined
  #quiet = 0
  #isOver = false
  #hidden = new Set<string>()

  constructor(store: FilesStore) {
    this.#store = store
  }

  /** One file as it is, several or folders as one zip. `tooMany`: their names do not fit into one address. Rejects when the host does not have them any more. */
  async begin(entries: readonly FileEntry[]): Promise<'begun' | 'tooMany'> {
    const [first] = entries
    if (!first) return 'begun'
    const { folder } = this.#store
    const paths = entries.map(({ name }) => joinPath(folder, name))
    // The browser's download cannot ask for a new session, and would save the refusal as the file.
    const at = await this.#store.session.ask(async (session) => {
      await statFile(session, joinPath(folder, first.name))
      return session
    })
    const address = entries.length === 1 && !isFolder(first) ? contentUrl(at.session, paths[0] ?? '') : archiveUrl(at.session, paths)
    if (address.length > longestAddress) return 'tooMany'
    const link = document.createElement('a')
    link.href = address
    // The name is the gateway's to say, which makes it safe.
    link.download = ''
    document.body.append(link)
    link.click()
    link.remove()
    this.#watch()
    return 'begun'
  }

  /** Takes away what is over. */
  clear(): void {
    for (const { id, state } of this.#store.state.downloads) if (state !== 'running' && state !== 'checking') this.#hidden.add(id)
    this.#take(this.#store.state.downloads)
  }
  dispose(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #watch(): void {
    this.#quiet = 0
    if (this.#timer !== undefined || this.#isOver) return
    const look = async () => {
      let isQuiet = true
      try {
        const at = await this.#store.session.at()
        isQuiet = await this.#look(at)
      } catch {
        // Nobody answers now: asked again, and after a while no more.
      }
      this.#quiet = isQuiet ? this.#quiet + 1 : 0
      this.#timer = this.#isOver || this.#quiet >= quietRounds ? undefined : setTimeout(() => void look(), askEveryMs)
    }
    this.#timer = setTimeout(() => void look(), 300)
  }

  /** Whether nothing runs. */
  async #look(at: FilesAt): Promise<boolean> {
    const { items } = await listTransfers(at)
    this.#take(items.filter(({ direction }) => direction === 'download'))
    return !items.some(({ direction, state }) => direction === 'download' && (state === 'running' || state === 'checking'))
  }
  #take(items: readonly FileTransfer[]): void {
    // Of a session before this one nothing more is told: what was seen stays.
    const told = new Set(items.map(({ id }) => id))
    const before = this.#store.state.downloads.filter(({ id, state }) => !told.has(id) && state !== 'running' && state !== 'checking')
    this.#store.set({ downloads: [...items, ...before].filter(({ id }) => !this.#hidden.has(id)).slice(0, 200) })
  }
}
