// Looking at folders and files: open to whoever may upload or download at all.
import type { ServerResponse } from 'node:http'
import { Failure } from '#domain/failure.ts'
import type { FileStat, ListLine } from '#wire/files.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'
import type { FilesSession } from '../files/files-session.ts'
import { failureOf } from './answers.ts'
import { whileReadBy, written } from './flow.ts'

/** Lines of JSON as the host tells its entries, no faster than they are read. A failure before the first is an answer of its own, later one it is a line. */
export async function answerList(session: FilesSession, path: string, response: ServerResponse, secure: boolean): Promise<void> {
  session.judgeLook()
  const { files } = session
  const folder = await files.real(path)
  const signal = whileReadBy(response, session.signal)
  let hasBegun = false
  const say = async (line: ListLine) => {
    if (!hasBegun) {
      hasBegun = true
      response.writeHead(200, { ...securityHeaders('data', secure), 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
      await written(response, `${JSON.stringify({ folder })}\n`)
    }
    await written(response, `${JSON.stringify(line)}\n`)
  }
  try {
    const { total, isTruncated } = await files.list(folder, (entries) => say({ entries }), signal)
    await say({ end: { total, isTruncated } })
    response.end()
  } catch (cause) {
    if (!hasBegun || signal.aborted) throw cause
    const { code, message } = failureOf(cause)
    await say({ error: { code, message } })
    response.end()
  }
}

export function statOf(session: FilesSession, path: string): Promise<FileStat> {
  session.judgeLook()
  return session.files.stat(path)
}

/** The one `path` of a query, at most 4,096 characters. Throws `Failure('bad_request')`. */
export function pathOf(query: URLSearchParams): string {
  const paths = query.getAll('path')
  if (paths.length !== 1) throw new Failure('bad_request', 'Name one path: ?path=…')
  return plainPath(paths[0] ?? '')
}

/** No host has a path with a zero in it, nor one that is half a character. */
export function plainPath(path: string): string {
  if (path === '' || path.length > 4096) throw new Failure('bad_request', 'A path has 1 to 4,096 characters.')
  if (path.includes('\0') || !path.isWellFormed()) throw new Failure('file_name_unsafe', 'This path has characters that no path can have.')
  return path
}
