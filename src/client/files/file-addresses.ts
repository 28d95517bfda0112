// Where a browser's own download goes: addresses for `<a download>`, relative to the page's origin.
import { filesPath, zmodemPath } from '#wire/files.ts'

const query = (paths: readonly string[]) => paths.map((path) => `path=${encodeURIComponent(path)}`).join('&')

/** One file, as an attachment; ranges and resuming are the browser's. */
export const contentUrl = (session: string, path: string): string => `${filesPath}/${encodeURIComponent(session)}/content?${query([path])}`
/** Folders and files as one stored zip. */
export const archiveUrl = (session: string, paths: readonly string[]): string => `${filesPath}/${encodeURIComponent(session)}/archive?${query(paths)}`
/** `next`: the file that `sz` offers; the first request is the person's consent. `zip`: all of them. A number: where a file for `rz` goes. */
export const zmodemUrl = (session: string, transfer: string, what: 'next' | 'zip' | number): string =>
  zmodemPath(encodeURIComponent(session), encodeURIComponent(transfer), what)
