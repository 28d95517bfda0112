// What a person says of a new token, and what is asked of the API for it. Pure.
import type { TokenScope } from '#wire/api/second-factor.ts'
import { PersonName } from '#wire/api/people.ts'

export const scopes = ['read', 'connect', 'manage'] as const satisfies readonly TokenScope[]
/** Days; 0: it never ends. */
export const lives = [7, 30, 90, 365, 0] as const
export type TokenDraft = { name: string; scopes: readonly TokenScope[]; days: number }
/** The least that is useful: looking, for a month. */
export const newDraft: TokenDraft = { name: '', scopes: ['read'], days: 30 }
const dayMs = 86_400_000

export type TokenFaults = { name?: 'bad'; scopes?: 'missing' }
export const tokenFaults = ({ name, scopes }: TokenDraft): TokenFaults => ({
  ...(PersonName.safeParse(name).success ? {} : { name: 'bad' as const }),
  ...(scopes.length > 0 ? {} : { scopes: 'missing' as const }),
})

export const tokenInput = ({ name, scopes: chosen, days }: TokenDraft, nowMs: number) => ({
  name: name.trim(),
  scopes: scopes.filter((scope) => chosen.includes(scope)),
  ...(days === 0 ? {} : { expiresAt: new Date(nowMs + days * dayMs).toISOString() }),
})

/** A line for a shell. What is quoted cannot end its quotes: tokens and addresses hold none. */
export const curlLine = (origin: string, token: string): string => `curl -H 'Authorization: Bearer ${token}' '${origin}/api/v1/me'`

/** How near its end a token is. */
export function tokenLife(expiresAt: string | undefined, nowMs: number): 'never' | 'over' | 'soon' | 'good' {
  if (expiresAt === undefined) return 'never'
  const left = Date.parse(expiresAt) - nowMs
  return left <= 0 ? 'over' : left < 7 * dayMs ? 'soon' : 'good'
}
