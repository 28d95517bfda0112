// The hosts that somebody may use by ssh now, each with the accounts, the one that they used last first.
import { type Asker, decide, isRefusal } from '#domain/access.ts'
import { grantActions } from '#domain/grant.ts'
import { askedAsset, grantsOf } from '../access/grant-rows.ts'
import type { Store } from '../store/open-store.ts'

export type UsableHost = { name: string; accounts: readonly string[] }

/** Sorted by name. A second factor that a grant asks for is asked for at the door: its hosts are told. `source`: where the asker is. */
export async function usableHosts(db: Store['db'], asker: Asker, source: string, nowMs: number): Promise<UsableHost[]> {
  const operator: Asker = { ...asker, secondFactor: true }
  const grants = await grantsOf(db, operator)
  if (grants.length === 0) return []
  const assets = await db.selectFrom('assets').select(['id', 'name', 'tags']).execute()
  const rows = await db.selectFrom('accounts').select(['id', 'assetId', 'username']).orderBy('createdAt').orderBy('id').execute()
  const accounts = Map.groupBy(rows, ({ assetId }) => assetId)
  const used = await db.selectFrom('assetUses').select(['assetId', 'accountId']).where('operatorId', '=', operator.id).execute()
  const lastUsed = new Map(used.map(({ assetId, accountId }) => [assetId, accountId]))
  return assets
    .map((row) => {
      const asset = askedAsset(row)
      const isOpen = (account: string) =>
        grantActions.some((action) => !isRefusal(decide({ operator, action, asset, account, door: 'ssh', source }, grants, nowMs)))
      const open = (accounts.get(row.id) ?? []).filter(({ username }) => isOpen(username))
      const last = open.findIndex(({ id }) => id === lastUsed.get(row.id))
      const inOrder = last < 1 ? open : [...open.slice(last, last + 1), ...open.toSpliced(last, 1)]
      return { name: row.name, accounts: inOrder.map(({ username }) => username) }
    })
    .filter((host) => host.accounts.length > 0)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}
