// What somebody has open ends with the change that forbids it: their sign-ins, their API tokens, and the sessions and watches that hang on either.
import type { Actor } from '../http/desks.ts'
import { byWhom } from '../assets/parts.ts'
import { record } from '../audit/ledger.ts'
import { endWithSignIns, type PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Trx } from '../store/open-store.ts'

export type Ended = { ends: PendingEnd[]; sessions: number; signIns: number; tokens: number }

/**
 * Ends every sign-in of the operator, and every session and watch, by whichever door it was opened; with `tokens` their tokens too. In the transaction of the change; `text` is what the
 * person reads. Returns what to push after the commit, and how many of each there were.
 */
export async function endAllOf(trx: Trx, operator: string, how: { by: Actor; text: string; tokens: boolean }, now: number): Promise<Ended> {
  const signIns = await trx.deleteFrom('signIns').where('operatorId', '=', operator).returning('id').execute()
  const tokens = how.tokens ? await trx.deleteFrom('tokens').where('operatorId', '=', operator).returning(['id', 'name']).execute() : []
  for (const { id, name } of tokens)
    await record(trx, { code: 'token.removed', outcome: 'done', ...byWhom(how.by), object: id, before: { name, operator }, detail: { name, operator } }, now)
  const opened = await trx.selectFrom('sessions').select('signInId').distinct().where('operatorId', '=', operator).where('state', '<>', 'ended').execute()
  const watched = await trx.selectFrom('watches').select('signInId').distinct().where('operatorId', '=', operator).where('endedAt', 'is', null).execute()
  const doors = new Set([...signIns, ...tokens].map(({ id }) => id))
  for (const { signInId } of [...opened, ...watched]) if (signInId !== null) doors.add(signInId)
  const { operator: actor, source } = how.by
  const ends = await endWithSignIns(trx, { signIns: [...doors], operator: actor.id, name: actor.name, source, text: how.text }, now)
  return { ends, sessions: ends.filter(({ wish }) => 'session' in wish).length, signIns: signIns.length, tokens: tokens.length }
}
