// What the address of a request about files names: `/api/v1/files` a new session, below it one that lives and what is asked of it.
import { SessionId } from '#domain/id.ts'
import { filesPath } from '#wire/files.ts'

export type FilesAddress = {
  /** Undefined: a session is to be opened. */
  session: SessionId | undefined
  /** Of a new session: the terminal beside which it is opened, whose gateway must open it. */
  beside: SessionId | undefined
  /** Below the session, decoded: `['uploads', 'up_…', 'finish']`. */
  names: readonly string[]
  query: URLSearchParams
}

/** `path`: of the request, without its query. */
export const isFilesPath = (path: string): boolean => path === filesPath || path.startsWith(`${filesPath}/`)

/** Nothing of ours is deeper. */
const mostNames = 4

/** `url` as it stands in the request line. Undefined when it is none of ours, or names no session. */
export function readFilesAddress(url: string | undefined): FilesAddress | undefined {
  const [path = '', ...rest] = (url ?? '').split('?')
  const query = new URLSearchParams(rest.join('?'))
  if (path === filesPath) {
    const beside = SessionId.safeParse(query.get('beside'))
    if (query.has('beside') && !beside.success) return undefined
    return { session: undefined, beside: beside.data, names: [], query }
  }
  if (!path.startsWith(`${filesPath}/`)) return undefined
  const [first = '', ...names] = path.slice(filesPath.length + 1).split('/')
  const session = SessionId.safeParse(first)
  if (!session.success || names.length > mostNames || names.some((name) => !/^[\w-]{1,64}$/.test(name))) return undefined
  return { session: session.data, beside: undefined, names, query }
}

/** By which session's gateway it is answered; undefined: by any. */
export const heldBy = ({ session, beside }: FilesAddress): SessionId | undefined => session ?? beside
