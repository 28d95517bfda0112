// What an administrator does to somebody's way in: another password, everything ended, the second factor taken away.
import { Failure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { endForbidden } from '../access/enforce.ts'
import { byWhom } from '../assets/parts.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import { endAllOf } from './end-access.ts'
import { getOperator } from './operator-rows.ts'
import type { OperatorParts } from './write-operator.ts'

/**
 * A password for one sign-in, which asks for another. What was opened with the old one ends, tokens too: whoever knew it may have made them. One's own is changed where the present one is
 * asked for. Throws `operator_not_found`, `password_too_weak`, `own_right`.
 */
export async function setPassword(parts: OperatorParts, id: string, password: string, actor: Actor): Promise<OperatorDetail> {
  if (id === actor.operator.id) throw new Failure('own_right', 'Change your own password on the page My account.')
  const { username } = await getOperator(parts.store.db, id)
  const passwordHash = await parts.passwords.hash(new Secret(password), username)
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getOperator(trx, id)
    await trx.updateTable('operators').set({ passwordHash, mustChangePassword: 1 }).where('id', '=', id).execute()
    const ended = await endAllOf(trx, id, { by: actor, text: 'An administrator has set another password for you.', tokens: true }, now)
    const detail = { username: before.username, signIns: ended.signIns, sessions: ended.sessions, tokens: ended.tokens }
    const [was, is] = [{ mustChangePassword: before.mustChangePassword }, { mustChangePassword: true }]
    await record(trx, { code: 'operator.password_set', outcome: 'done', ...byWhom(actor), object: id, before: was, after: is, detail }, now)
    return { view: await getOperator(trx, id), ends: ended.ends }
  })
  parts.pushEnds(ends)
  return view
}

/** Every sign-in and every session, also those that were opened with a token; tokens stay. Throws `operator_not_found`. */
export async function endSessions(parts: OperatorParts, id: string, reason: string, actor: Actor): Promise<{ sessions: number; signIns: number }> {
  const { ends, ...counts } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const { username } = await getOperator(trx, id)
    const { ends: pending, sessions, signIns } = await endAllOf(trx, id, { by: actor, text: reason, tokens: false }, now)
    await record(trx, { code: 'operator.sessions_ended', outcome: 'done', ...byWhom(actor), object: id, detail: { username, reason, sessions, signIns } }, now)
    return { ends: pending, sessions, signIns }
  })
  parts.pushEnds(ends)
  return counts
}

/** The recovery codes go with it, and no sign-in counts as one with a second factor any more. Throws `operator_not_found`, `own_right`. */
export async function removeSecondFactor(parts: OperatorParts, id: string, actor: Actor): Promise<OperatorDetail> {
  if (id === actor.operator.id) throw new Failure('own_right', 'Remove your own second factor on the page My account.')
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const { username, secondFactor } = await getOperator(trx, id)
    await trx.deleteFrom('secondFactors').where('operatorId', '=', id).execute()
    await trx.deleteFrom('recoveryCodes').where('operatorId', '=', id).execute()
    await trx.updateTable('signIns').set({ secondFactorAt: null }).where('operatorId', '=', id).execute()
    const [before, after] = [{ secondFactor }, { secondFactor: false }]
    if (secondFactor)
      await record(trx, { code: 'second_factor.removed', outcome: 'done', ...byWhom(actor), object: id, before, after, detail: { username } }, now)
    const pending = await endForbidden(trx, { operators: [id], by: actor, text: 'Your second factor was removed.' }, now)
    return { view: await getOperator(trx, id), ends: pending }
  })
  parts.pushEnds(ends)
  return view
}
