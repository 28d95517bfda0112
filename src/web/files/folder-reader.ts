// Brings a folder to the page as it comes: the first rows at once, then more at a pace that leaves the page free.
import type { FolderList } from '#client/files/list-folder.ts'
import { listFolder } from '#client/files/list-folder.ts'
import type { FileEntry } from '#wire/files.ts'
import type { FilesSession } from './files-session.ts'

export type FolderNews = {
  /** The host's own name for it. */
  folder(path: string): void
  /** All so far. */
  grown(entries: readonly FileEntry[]): void
}
/** Sorting a hundred thousand rows takes its time: shown no more often than this, and twice as long as it took. */
const leastMs = 150

/** Resolves with all entries. `isFresh` false: nothing is told before the end, so that a list that is there already stays until it can be replaced. */
export async function readFolder(
  session: FilesSession,
  path: string,
  news: FolderNews,
  signal: AbortSignal,
  isFresh: boolean,
): Promise<FolderList & { entries: readonly FileEntry[] }> {
  let entries: FileEntry[] = []
  let nextMs = 0
  const list = await session.ask((at) => {
    // Over a new session it begins anew.
    entries = []
    return listFolder(at, {
      path,
      signal,
      onFolder: (folder) => news.folder(folder),
      onEntries(some) {
        for (const entry of some) entries.push(entry)
        const now = performance.now()
        if (!isFresh || now < nextMs) return
        news.grown([...entries])
        nextMs = performance.now() + Math.max(leastMs, 2 * (performance.now() - now))
      },
    })
  })
  return { ...list, entries }
}
