// The hosts on the way: which host is reached through which account of which other, as `ProxyJump` does.
import { Failure } from '#domain/failure.ts'
import type { Trx } from '../store/open-store.ts'

export type Via = { asset: string; account: string }
/** Hosts on the way to another. Each is one more dial and one more cipher for every byte. */
export const maxOnTheWay = 4
/** Of the hosts that stand against a deletion so many are named. */
const maxNamed = 5

export const viaColumns = (via: Via | null) => ({ viaAssetId: via?.asset ?? null, viaAccountId: via?.account ?? null })
export const viaOf = (row: { viaAssetId: string | null; viaAccountId: string | null }): Via | null =>
  row.viaAssetId === null || row.viaAccountId === null ? null : { asset: row.viaAssetId, account: row.viaAccountId }

/** The loopback of a host that is reached through another is that other's, and no way into Sallyport's own machine. */
export const isLoopbackMeant = (confirmed: boolean, via: Via | null): boolean => confirmed || via !== null

/** What is wrong with the ways, each host pointing at the next on its way: one that comes back to itself, or one over more than four hosts. */
export function faultOfWays(ways: ReadonlyMap<string, string>): 'loop' | 'too-long' | undefined {
  for (const start of ways.keys()) {
    const seen = new Set([start])
    for (let at = ways.get(start); at !== undefined; at = ways.get(at)) {
      if (seen.has(at)) return 'loop'
      seen.add(at)
      if (seen.size > maxOnTheWay + 1) return 'too-long'
    }
  }
  return undefined
}

export const wordsOfFault = (fault: 'loop' | 'too-long'): string =>
  fault === 'loop' ? 'The way would come back to the host itself.' : `There would be more than ${maxOnTheWay} hosts on the way.`

/** Every way that is stored, from host to the next on its way. */
export async function storedWays(trx: Trx): Promise<Map<string, string>> {
  const rows = await trx.selectFrom('assets').select(['id', 'viaAssetId']).where('viaAssetId', 'is not', null).execute()
  return new Map(rows.flatMap(({ id, viaAssetId }) => (viaAssetId === null ? [] : [[id, viaAssetId] as const])))
}

/** Throws `via_invalid` with the field `via` when these hosts cannot be reached so: no such host or account, a loop, or more than four hosts on the way to any. */
export async function refuseBadVia(trx: Trx, assets: readonly string[], via: Via | null): Promise<void> {
  if (via === null) return
  const account = await trx.selectFrom('accounts').select('id').where('id', '=', via.account).where('assetId', '=', via.asset).executeTakeFirst()
  if (!account) throw new Failure('via_invalid', 'The host on the way, or this account of it, is not there (any more).', { field: 'via' })
  const ways = await storedWays(trx)
  for (const asset of assets) ways.set(asset, via.asset)
  const fault = faultOfWays(ways)
  if (fault) throw new Failure('via_invalid', wordsOfFault(fault), { field: 'via' })
}

/** Throws `conflict`, naming them, while hosts beside these are reached through one of these. */
export const refuseWhileOnTheWay = (trx: Trx, assets: readonly string[]): Promise<void> => refuseWhile(trx, 'viaAssetId', assets, assets)

/** The same for one account. */
export const refuseWhileAccountOnTheWay = (trx: Trx, account: string): Promise<void> => refuseWhile(trx, 'viaAccountId', [account], [])

async function refuseWhile(trx: Trx, column: 'viaAssetId' | 'viaAccountId', ids: readonly string[], besides: readonly string[]): Promise<void> {
  const rows = await trx.selectFrom('assets').select(['id', 'name']).where(column, 'in', ids).orderBy('name').execute()
  const going = new Set(besides)
  const left = rows.filter(({ id }) => !going.has(id)).map(({ name }) => name)
  if (left.length > 0)
    throw new Failure('conflict', `Other hosts are reached through it: ${namesOf(left)}. Give them another way first.`, {
      detail: { hosts: left.slice(0, maxNamed), count: left.length },
    })
}

/** The first five, and how many more there are. */
export const namesOf = (names: readonly string[]): string =>
  names.slice(0, maxNamed).join(', ') + (names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '')
