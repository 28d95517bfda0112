// What the ids in the ledger are called now. What is gone has no name any more; its row often tells it in its details.
import type { Store } from '../store/open-store.ts'

type Db = Store['db']

/** Names of operators by their ids: all of them, since they are few. */
export async function operatorNames(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('operators').select(['id', 'username', 'name']).execute()
  return new Map(rows.map(({ id, username, name }) => [id, name === '' ? username : name]))
}

/** Names of whatever these ids are of. */
export async function objectNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const of = (prefix: string) => [...new Set(ids.filter((id) => id.startsWith(`${prefix}_`)))]
  const names = new Map<string, string>()
  const named = [
    ['as', 'assets'],
    ['cr', 'credentials'],
    ['gr', 'groups'],
    ['gt', 'grants'],
    ['tk', 'tokens'],
    ['ru', 'commandRules'],
    ['gw', 'gateways'],
  ] as const
  for (const [prefix, table] of named) {
    const wanted = of(prefix)
    if (wanted.length === 0) continue
    for (const { id, name } of await db.selectFrom(table).select(['id', 'name']).where('id', 'in', wanted).execute()) names.set(id, name)
  }
  const [people, accounts, sessions] = [of('op'), of('ac'), of('se')]
  if (people.length > 0)
    for (const { id, name, username } of await db.selectFrom('operators').select(['id', 'name', 'username']).where('id', 'in', people).execute())
      names.set(id, name === '' ? username : name)
  if (accounts.length > 0) {
    const query = db.selectFrom('accounts').innerJoin('assets', 'assets.id', 'accounts.assetId').select(['accounts.id', 'accounts.username', 'assets.name'])
    for (const { id, username, name } of await query.where('accounts.id', 'in', accounts).execute()) names.set(id, `${username}@${name}`)
  }
  if (sessions.length > 0)
    for (const row of await db.selectFrom('sessions').select(['id', 'account', 'assetName']).where('id', 'in', sessions).execute())
      names.set(row.id, `${row.account}@${row.assetName}`)
  return names
}
