// Which accounts of a host somebody may use now. What they may not is as if it were not there.
import { decide, isRefusal, type Asker, type Permit, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { GrantAction } from '#domain/grant.ts'
import type { Trx } from '../store/open-store.ts'
import { assetAsked, grantsOf } from './grant-rows.ts'

export type AskedHost = { operator: Asker; asset: string; action: GrantAction; source: string; door?: Question['door'] }
export type OpenAccount = { id: string; username: string; permit: Permit }

/**
 * The accounts that the operator may use, each with its permit, and whether the host has any at all. Undefined when the host is absent, or none of its accounts is theirs: both are to look the same.
 * Throws `second_factor_needed` when every account that a grant names waits for one.
 */
export async function openAccounts(trx: Trx, asked: AskedHost, nowMs: number): Promise<{ accounts: OpenAccount[]; hasAccounts: boolean } | undefined> {
  const { operator, action, source, door = 'web' } = asked
  const asset = await assetAsked(trx, asked.asset)
  if (!asset) return undefined
  const grants = await grantsOf(trx, operator)
  const question: Question = { operator, action, asset, source, door }
  const rows = await trx.selectFrom('accounts').select(['id', 'username']).where('assetId', '=', asset.id).orderBy('createdAt').orderBy('id').execute()
  // A host without accounts is theirs when a grant covers the host.
  if (rows.length === 0) return isRefusal(decide(question, grants, nowMs)) ? undefined : { accounts: [], hasAccounts: false }
  const accounts: OpenAccount[] = []
  let needsSecondFactor = false
  for (const row of rows) {
    const answer = decide({ ...question, account: row.username }, grants, nowMs)
    if (!isRefusal(answer)) accounts.push({ ...row, permit: answer })
    else if (answer.code === 'second_factor_needed') needsSecondFactor = true
  }
  if (accounts.length > 0) return { accounts, hasAccounts: true }
  if (needsSecondFactor) throw secondFactorNeeded()
  return undefined
}

export const secondFactorNeeded = () =>
  new Failure('second_factor_needed', 'This host asks for a second factor. Set one up under My account if you have none, then sign in again with it.')

/** Throws `reason_required` when a grant asks why and nobody said. */
export function refuseWithoutReason(permit: Permit, reason: string | undefined): void {
  if (permit.duties.reason && (reason ?? '').trim() === '')
    throw new Failure('reason_required', 'Say why you need this session: it is kept with it.', { field: 'reason' })
}
