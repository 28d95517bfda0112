// The hosts that somebody who is no administrator sees, and what is told of them.
import type { AccountView, AssetView } from '#wire/api/assets.ts'
import type { Reach, Viewer } from '../access/sight.ts'
import type { Store, Trx } from '../store/open-store.ts'

export type SeenRow = { id: string; name: string; address: string; tags: string[]; usernames: readonly string[] }

/** All that they see, each with the accounts that they may use; reads the short rows of all hosts, so 5,000 cost what a list of them costs. */
export async function seenAssets(db: Store['db'], reach: Reach, needsAccounts: boolean): Promise<SeenRow[]> {
  const rows = await db.selectFrom('assets').select(['id', 'name', 'address', 'tags']).execute()
  const hosts = rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) as string[] })).filter((host) => reach.sees(host, []))
  if (!needsAccounts && !reach.namesAccounts) return hosts.map((host) => ({ ...host, usernames: [] }))
  const accounts = Map.groupBy(await db.selectFrom('accounts').select(['assetId', 'username']).execute(), ({ assetId }) => assetId)
  return hosts.flatMap((host) => {
    const all = accounts.get(host.id)?.map(({ username }) => username) ?? []
    return reach.sees(host, all) ? [{ ...host, usernames: all.filter((username) => reach.seesAccount(host, username)) }] : []
  })
}

/** Whether they see this one. */
export async function seesAsset(db: Store['db'] | Trx, { sight }: Viewer, id: string): Promise<boolean> {
  const row = await db.selectFrom('assets').select(['id', 'tags']).where('id', '=', id).executeTakeFirst()
  if (!row || sight === 'all') return row !== undefined
  const accounts = await db.selectFrom('accounts').select('username').where('assetId', '=', id).execute()
  return sight.sees(
    { id, tags: JSON.parse(row.tags) as string[] },
    accounts.map(({ username }) => username),
  )
}

/** Each word stands in name, address, one of the tags or an account, without regard to ASCII case: what the database finds for who sees all. */
export function hasWords(row: SeenRow, words: readonly string[]): boolean {
  const texts = [row.name, row.address, ...row.tags, ...row.usernames].map(lowered)
  return words.every((word) => texts.some((text) => text.includes(word)))
}
/** Both engines lower ASCII letters alone, so we do too. */
export const lowered = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Without what is the administrator's business: keys and how they are judged, the way, shared credentials, when others were there, accounts of others. */
export function viewForMember(view: AssetView, reach: Reach): AssetView {
  const { via: _via, legacyUntil: _legacyUntil, lastUsedAt: _lastUsedAt, mine, ...rest } = view
  const accounts = view.accounts.filter(({ username }) => reach.seesAccount(view, username)).map(withoutCredential)
  const { account, ...use } = mine ?? { lastUsedAt: undefined }
  return {
    ...rest,
    accounts,
    hostKeys: [],
    hostKeyPolicy: 'strict',
    changedKeys: 0,
    ...(use.lastUsedAt === undefined
      ? {}
      : { mine: { lastUsedAt: use.lastUsedAt, ...(account !== undefined && accounts.some(({ id }) => id === account) ? { account } : {}) } }),
  }
}

const withoutCredential = (account: AccountView): AccountView => (account.auth.kind === 'credential' ? { ...account, auth: account.auth.auth } : account)
