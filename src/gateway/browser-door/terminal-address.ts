// What the address of a terminal names: `/terminal` a new session, `/terminal/<session>` one that lives.
import { SessionId } from '#domain/id.ts'
import { terminalPath } from '#wire/api.ts'

export type TerminalAddress = { session: SessionId | undefined }

/** `url` as it stands in the request line; a query is ignored. Undefined when it is no terminal's. */
export function readTerminalAddress(url: string | undefined): TerminalAddress | undefined {
  const path = (url ?? '').split('?', 1)[0] ?? ''
  if (path === terminalPath) return { session: undefined }
  if (!path.startsWith(`${terminalPath}/`)) return undefined
  const session = SessionId.safeParse(path.slice(terminalPath.length + 1))
  return session.success ? { session: session.data } : undefined
}
