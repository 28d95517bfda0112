// Which accounts of a host somebody may use now. What they may not is as if it were not there.
import { decide, decideSome, isRefusal, type Asker, type Permit, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { Grant, GrantAction } from '#domain/grant.ts'
import { opensAt } from '#domain/weekly-hours.ts'
import type { Trx } from '../store/open-store.ts'
import { assetAsked, grantsOf } from './grant-rows.ts'
import { Reach, type SeenHost } from './sight.ts'

/** `actions`: one of them will do. */
export type AskedHost = { operator: Asker; asset: string; actions: readonly GrantAction[]; source: string; door?: Question['door'] }
/** `may`: those of the actions that are permitted; `permit` is for all of these. */
export type OpenAccount = { id: string; username: string; permit: Permit; may: readonly GrantAction[] }

/** `closed`: accounts that they see and may not use now, each with why. */
export type Openings = { accounts: OpenAccount[]; closed: { id: string; username: string; failure: Failure }[]; hasAccounts: boolean }

/**
 * The accounts that the operator may use, each with its permit, and whether the host has any at all. Undefined when the host is absent, or they see none of its accounts: both are to look the same.
 * Throws when none may be used of those that they see, since who sees a host in a list is told why it does not open: `second_factor_needed`, `access_not_now` for other hours and networks,
 * `not_granted` where their grants permit other acts alone, or where an administrator has none.
 */
export async function openAccounts(trx: Trx, asked: AskedHost, nowMs: number): Promise<Openings | undefined> {
  const { operator, actions, source, door = 'web' } = asked
  const asset = await assetAsked(trx, asked.asset)
  if (!asset) return undefined
  const grants = await grantsOf(trx, operator)
  const question: Omit<Question, 'action'> = { operator, asset, source, door }
  const rows = await trx.selectFrom('accounts').select(['id', 'username']).where('assetId', '=', asset.id).orderBy('createdAt').orderBy('id').execute()
  const open: Openings = { accounts: [], closed: [], hasAccounts: rows.length > 0 }
  // A host without accounts is theirs when a grant covers the host.
  if (rows.length === 0 && !isRefusal(decideSome(question, actions, grants, nowMs))) return open
  for (const row of rows) {
    const answer = decideSome({ ...question, account: row.username }, actions, grants, nowMs)
    if (!isRefusal(answer)) open.accounts.push({ ...row, ...answer })
    else {
      const failure = answer.code === 'second_factor_needed' ? secondFactorNeeded() : whyClosed(actions, asset, row.username, grants, nowMs)
      if (failure) open.closed.push({ ...row, failure })
    }
  }
  if (open.accounts.length > 0) return open
  const failures = rows.length === 0 ? [whyClosed(actions, asset, undefined, grants, nowMs)] : open.closed.map(({ failure }) => failure)
  const [first] = failures.flatMap((failure) => failure ?? []).sort((left, right) => hopeOf(left) - hopeOf(right))
  if (first) throw first
  // Who sees every host is not told that one is not there.
  if (!isRefusal(decide({ operator, action: 'administer', source, door }, [], nowMs))) throw notGranted()
  return undefined
}

/** What can be done about it soonest. */
const hopeOf = ({ code }: Failure): number => ['second_factor_needed', 'access_not_now', 'not_granted'].indexOf(code)

/** Of an account that was refused, or of a host that has none: undefined when they do not see it. */
function whyClosed(
  actions: readonly GrantAction[],
  asset: SeenHost,
  username: string | undefined,
  grants: readonly Grant[],
  nowMs: number,
): Failure | undefined {
  const sees = (some: readonly Grant[]) => {
    const reach = new Reach(some, nowMs)
    return username === undefined ? reach.sees(asset, []) : reach.seesAccount(asset, username)
  }
  if (!sees(grants)) return undefined
  const ofAction = grants.filter(({ terms }) => terms.actions.some((action) => actions.includes(action)))
  if (!sees(ofAction)) return notGranted()
  const openings = ofAction
    .filter((grant) => sees([grant]))
    .flatMap(({ terms: { hours } }) => (hours ? (opensAt(hours, nowMs) ?? []) : []))
    .filter((at) => at > nowMs)
  if (openings.length === 0) return new Failure('access_not_now', 'You may use this host from other networks only.')
  const next = new Date(Math.min(...openings)).toISOString()
  return new Failure('access_not_now', `You may use this host at other hours, the next time from ${next} on.`, { detail: { opensAt: next } })
}

const notGranted = () => new Failure('not_granted', 'No grant lets you do this on this host.')

export const secondFactorNeeded = () =>
  new Failure('second_factor_needed', 'This host asks for a second factor. Set one up under My account if you have none, then sign in again with it.')

/** Throws `reason_required` when a grant asks why and nobody said. */
export function refuseWithoutReason(permit: Permit, reason: string | undefined): void {
  if (permit.duties.reason && (reason ?? '').trim() === '')
    throw new Failure('reason_required', 'Say why you need this session: it is kept with it.', { field: 'reason' })
}
