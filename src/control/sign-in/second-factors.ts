// The second factor as it is kept: a sealed secret, and the time step of the last code that was taken. Everything here is one step of a caller's transaction.
import { Secret } from '#domain/secret.ts'
import type { TotpSetup } from '#wire/api/second-factor.ts'
import type { Trx } from '../store/open-store.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import type { Random } from './opaque-token.ts'
import { renewRecoveryCodes, takeRecoveryCode } from './recovery-codes.ts'
import { makeSecret, stepOf, uriOf } from './totp.ts'

/** A secret whose first code does not come within an hour is void. */
export const setupMs = 3_600_000
const placeOf = (operatorId: string): SealedPlace => ({ table: 'secondFactors', row: operatorId, column: 'sealed' })

export type Factors = { readonly vault: Vault; readonly random: Random; readonly machine: string }
export type TakenCode = 'totp' | 'recovery'

/** When the second factor was set up, ms since the epoch; undefined when there is none. */
export async function factorSince(from: Pick<Trx, 'selectFrom'>, operatorId: string): Promise<number | undefined> {
  const row = await from.selectFrom('secondFactors').select('confirmedAt').where('operatorId', '=', operatorId).executeTakeFirst()
  return row?.confirmedAt ?? undefined
}

/** A new secret that opens nothing until a code of it was shown. Another that waits is void: whoever saw it must not hold what the person sets up. Not for someone who has a second factor. */
export async function beginSetup(trx: Trx, factors: Factors, who: { id: string; username: string }, now: number): Promise<TotpSetup> {
  const secret = makeSecret(factors.random)
  const row = { sealed: factors.vault.seal(placeOf(who.id), new Secret(secret)), createdAt: now, confirmedAt: null, lastStep: 0 }
  await trx
    .insertInto('secondFactors')
    .values({ operatorId: who.id, ...row })
    .onConflict((conflict) => conflict.column('operatorId').doUpdateSet(row))
    .execute()
  return { secret, uri: uriOf(secret, { username: who.username, machine: factors.machine }) }
}

/** Sets up what `beginSetup` made when the code is of it, and returns the recovery codes; undefined when it is not, or nothing waits. */
export async function confirmSetup(trx: Trx, factors: Factors, operatorId: string, typed: string, now: number): Promise<string[] | undefined> {
  const row = await trx.selectFrom('secondFactors').selectAll().where('operatorId', '=', operatorId).where('confirmedAt', 'is', null).executeTakeFirst()
  if (!row || now - row.createdAt >= setupMs || !(await takeTotp(trx, factors, row, typed, now))) return undefined
  await trx.updateTable('secondFactors').set({ confirmedAt: now }).where('operatorId', '=', operatorId).execute()
  return renewRecoveryCodes(trx, operatorId, factors.random)
}

/** Takes a code of the authenticator or a recovery code, so that it opens nothing a second time; undefined when it is neither, or was taken. Of two at once one is taken. */
export async function takeCode(trx: Trx, factors: Factors, operatorId: string, typed: string, now: number): Promise<TakenCode | undefined> {
  const row = await trx.selectFrom('secondFactors').selectAll().where('operatorId', '=', operatorId).where('confirmedAt', 'is not', null).executeTakeFirst()
  if (!row) return undefined
  if (await takeTotp(trx, factors, row, typed, now)) return 'totp'
  return (await takeRecoveryCode(trx, operatorId, typed, now)) ? 'recovery' : undefined
}

async function takeTotp(trx: Trx, { vault }: Factors, row: { operatorId: string; sealed: string }, typed: string, now: number): Promise<boolean> {
  const step = stepOf(vault.unseal(placeOf(row.operatorId), row.sealed).revealText(), typed.replaceAll(' ', ''), now)
  if (step === undefined) return false
  // A code that was seen over a shoulder or on the wire is worth nothing: neither it nor an earlier one is taken again (RFC 6238 section 5.2).
  const taken = await trx
    .updateTable('secondFactors')
    .set({ lastStep: step })
    .where('operatorId', '=', row.operatorId)
    .where('lastStep', '<', step)
    .returning('operatorId')
    .executeTakeFirst()
  return taken !== undefined
}
