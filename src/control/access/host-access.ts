// Which accounts of a host somebody may use now. What they may not is as if it were not there.
import { decide, isRefusal, type Asker, type Permit, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { Grant, GrantAction } from '#domain/grant.ts'
import { opensAt } from '#domain/weekly-hours.ts'
import type { Trx } from '../store/open-store.ts'
import { assetAsked, grantsOf } from './grant-rows.ts'
import { Reach } from './sight.ts'

export type AskedHost = { operator: Asker; asset: string; action: GrantAction; source: string; door?: Question['door'] }
export type OpenAccount = { id: string; username: string; permit: Permit }

/**
 * The accounts that the operator may use, each with its permit, and whether the host has any at all. Undefined when the host is absent, or none of its accounts is theirs: both are to look the same.
 * Throws `second_factor_needed` when every account that a grant names waits for one, `access_not_now` when their grants cover it at other hours or from elsewhere, `forbidden` when they permit
 * other acts alone: who sees the host in their list is told why it does not open.
 */
export async function openAccounts(trx: Trx, asked: AskedHost, nowMs: number): Promise<{ accounts: OpenAccount[]; hasAccounts: boolean } | undefined> {
  const { operator, action, source, door = 'web' } = asked
  const asset = await assetAsked(trx, asked.asset)
  if (!asset) return undefined
  const grants = await grantsOf(trx, operator)
  const question: Question = { operator, action, asset, source, door }
  const rows = await trx.selectFrom('accounts').select(['id', 'username']).where('assetId', '=', asset.id).orderBy('createdAt').orderBy('id').execute()
  // A host without accounts is theirs when a grant covers the host.
  if (rows.length === 0 && !isRefusal(decide(question, grants, nowMs))) return { accounts: [], hasAccounts: false }
  const accounts: OpenAccount[] = []
  let needsSecondFactor = false
  for (const row of rows) {
    const answer = decide({ ...question, account: row.username }, grants, nowMs)
    if (!isRefusal(answer)) accounts.push({ ...row, permit: answer })
    else if (answer.code === 'second_factor_needed') needsSecondFactor = true
  }
  if (accounts.length > 0) return { accounts, hasAccounts: true }
  if (needsSecondFactor) throw secondFactorNeeded()
  refuseWhatIsSeen(
    question,
    grants,
    rows.map(({ username }) => username),
    nowMs,
  )
  return undefined
}

/** `question` has been refused for every account of the host. */
function refuseWhatIsSeen({ asset, action }: Question, grants: readonly Grant[], usernames: readonly string[], nowMs: number): void {
  if (!asset || !new Reach(grants, nowMs).sees(asset, usernames)) return
  const ofAction = grants.filter(({ terms }) => terms.actions.some((each) => each === action))
  if (!new Reach(ofAction, nowMs).sees(asset, usernames)) throw new Failure('forbidden', 'You were granted other things on this host, and not this.')
  const openings = ofAction
    .filter((grant) => new Reach([grant], nowMs).sees(asset, usernames))
    .flatMap(({ terms: { hours } }) => (hours ? (opensAt(hours, nowMs) ?? []) : []))
    .filter((at) => at > nowMs)
  const next = openings.length === 0 ? undefined : new Date(Math.min(...openings)).toISOString()
  throw new Failure(
    'access_not_now',
    next === undefined ? 'You may use this host from other networks only.' : `You may use this host at other hours, the next time from ${next} on.`,
    next === undefined ? {} : { detail: { opensAt: next } },
  )
}

export const secondFactorNeeded = () =>
  new Failure('second_factor_needed', 'This host asks for a second factor. Set one up under My account if you have none, then sign in again with it.')

/** Throws `reason_required` when a grant asks why and nobody said. */
export function refuseWithoutReason(permit: Permit, reason: string | undefined): void {
  if (permit.duties.reason && (reason ?? '').trim() === '')
    throw new Failure('reason_required', 'Say why you need this session: it is kept with it.', { field: 'reason' })
}
