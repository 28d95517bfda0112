// Who may ask for files: a browser by its cookie, a program by its token. Read from every request; compared with that of the session in constant time.
import type { IncomingMessage } from 'node:http'
import { Failure } from '#domain/failure.ts'
import { csrfHeader } from '#wire/api.ts'
import { apiTokenPrefix, readBearer } from '#wire/api-token.ts'
import { readCookie } from '#wire/sign-in-cookie.ts'

/** What the request shows: the cookie, or the token of who has none. Throws `Failure`: `unauthenticated` without either, `csrf_header_missing` for a change that a foreign page could have sent. */
export function shownBy(request: IncomingMessage, secure: boolean): string {
  const cookie = readCookie(request.headers.cookie, secure)
  const bearer = readBearer(request.headers.authorization)
  const token = bearer?.startsWith(apiTokenPrefix) ? bearer : undefined
  const shown = cookie ?? token
  if (shown === undefined) throw new Failure('unauthenticated', 'Sign in, or send an API token: Authorization: Bearer spt_….')
  const isChange = request.method !== 'GET' && request.method !== 'HEAD'
  // Only a page of ours can set it; whoever sends a token is no page at all.
  if (isChange && cookie !== undefined && request.headers[csrfHeader.toLowerCase()] !== '1')
    throw new Failure('csrf_header_missing', `Changes carry the header ${csrfHeader}: 1.`)
  return shown
}
