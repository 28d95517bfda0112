// The HTTP API, one contract for the server, the typed client and `/api/openapi.json`. Paths are below `/api/v1`; each resource has its file in `api/`.
import { access, grants, groups } from './api/access.ts'
import { assets, checks, keyChanges } from './api/assets.ts'
import { audit, commandRules, commands } from './api/audit.ts'
import { credentials } from './api/credentials.ts'
import { approvals, door, operatorKeys, sessionActs } from './api/door.ts'
import { operators } from './api/operators.ts'
import { account, claim, me, signIn, signOut } from './api/people.ts'
import { secondFactor, tokens } from './api/second-factor.ts'
import { gateways, sessions } from './api/sessions.ts'
import { disk, search, settings } from './api/settings.ts'
import { tickets } from './api/tickets.ts'
import { transfers } from './api/transfers.ts'

export const contract = {
  claim,
  signIn,
  signOut,
  me,
  account,
  secondFactor,
  tokens,
  operatorKeys,
  approvals,
  door,
  operators,
  groups,
  grants,
  access,
  assets,
  keyChanges,
  checks,
  credentials,
  tickets,
  sessions,
  sessionActs,
  transfers,
  commands,
  commandRules,
  audit,
  gateways,
  settings,
  search,
  disk,
} as const

/** `GET /sessions/{id}/recording?format=v3|v2|txt` streams with ranges and stands outside the contract of JSON calls. */
export const recordingPath = (session: string, format: 'v3' | 'v2' | 'txt') => `/api/v1/sessions/${encodeURIComponent(session)}/recording?format=${format}`
/** The same query as of the list, without `page` and `size`: every row that matches, at most 100,000, as CSV (RFC 4180) with a heading. Outside the contract too. */
export const csvPath = (list: 'sessions' | 'assets' | 'audit' | 'commands' | 'transfers') => `/api/v1/csv/${list}`
/** Of a new session; of one that lives it is `/terminal/<session>`. */
export const terminalPath = '/terminal'
/** Every change a browser asks for carries this header; a foreign page cannot set it without a preflight that is never answered. */
export const csrfHeader = 'X-Sallyport'
