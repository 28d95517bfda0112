// What people see and change of themselves: the name that others read, the language of the SSH door, and where they are signed in.
import { Failure } from '#domain/failure.ts'
import type { OperatorView, SignInView } from '#wire/api/people.ts'
import { record } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'
import { shownId } from './opaque-token.ts'
import { signInIdleMs, viewOf } from './sign-ins.ts'

/** Those that hold at `now` (ms since the epoch), the last seen first; at most as many as one operator may have. The one that asks is seen now. */
export async function ownSignIns(store: Store, operatorId: string, current: string, now: number): Promise<SignInView[]> {
  const rows = await store.db
    .selectFrom('signIns')
    .leftJoin('operatorKeys', 'operatorKeys.id', 'signIns.keyId')
    .selectAll('signIns')
    .select('operatorKeys.name as keyName')
    .where('signIns.operatorId', '=', operatorId)
    .where('expiresAt', '>', now)
    .where((row) => row.or([row('door', '=', 'ssh'), row('lastSeenAt', '>', now - signInIdleMs)]))
    .execute()
  return (
    rows
      // An ssh client's is there while its connection is.
      .map((row) => ({ ...row, isCurrent: row.id === current, seenAt: row.id === current || row.door === 'ssh' ? now : row.lastSeenAt }))
      .toSorted((one, other) => Number(other.isCurrent) - Number(one.isCurrent) || other.seenAt - one.seenAt || other.createdAt - one.createdAt)
      .map((row) => ({
        id: shownId(row.id),
        createdAt: new Date(row.createdAt).toISOString(),
        lastSeenAt: new Date(row.seenAt).toISOString(),
        // Whoever is not seen for so long is signed out before.
        expiresAt: new Date(row.door === 'ssh' ? row.expiresAt : Math.min(row.expiresAt, row.seenAt + signInIdleMs)).toISOString(),
        source: row.source,
        agent: row.agent.slice(0, 200),
        door: row.door === 'ssh' ? ('ssh' as const) : ('web' as const),
        ...(row.keyName === null ? {} : { key: row.keyName }),
        current: row.isCurrent,
      }))
  )
}

/** Throws `unauthenticated` when the operator is gone. */
export async function changeOneself(
  store: Store,
  given: { operatorId: string; name?: string | undefined; language?: 'en' | 'zh' | undefined; source: string },
  now: number,
): Promise<OperatorView> {
  const { operatorId, source } = given
  return store.transaction(async (trx) => {
    const row = await trx.selectFrom('operators').selectAll().where('id', '=', operatorId).executeTakeFirst()
    if (!row) throw new Failure('unauthenticated', 'Sign in again.')
    const { name = row.name, language = row.language } = given
    if (row.name === name && row.language === language) return viewOf(row)
    await trx.updateTable('operators').set({ name, language }).where('id', '=', operatorId).execute()
    const detail = { before: { name: row.name, language: row.language }, after: { name, language } }
    await record(trx, { code: 'operator.changed', outcome: 'done', operator: operatorId, object: operatorId, source, detail, ...detail }, now)
    return viewOf({ ...row, name, language })
  })
}
