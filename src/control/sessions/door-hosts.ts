// The hosts that somebody may use now through the SSH door, for its menu: last used first, then by name, quickly also with ten thousand.
import { type Asker, decideSome, isRefusal, missingOf } from '#domain/access.ts'
import { type Grant, type GrantAction, grantActions } from '#domain/grant.ts'
import { AssetId, type GatewayId } from '#domain/id.ts'
import type { DoorHost } from '#wire/door.ts'
import type { Ask } from '#wire/link.ts'
import { grantsOf } from '../access/grant-rows.ts'
import { Reach } from '../access/sight.ts'
import { countingKey } from '../assets/counting-order.ts'
import { wordsOf } from '../assets/list-assets.ts'
import { hasWords } from '../assets/seen-assets.ts'
import type { Store } from '../store/open-store.ts'
import { doorAsker } from './door-asker.ts'

export type DoorHostsParts = { store: Store; now(): number }
type Host = { id: string; name: string; address: string; tags: string[]; usernames: string[]; usedAt: number | null }

/** Throws `unauthenticated`. `total`: all that match. */
export async function doorHosts(
  parts: DoorHostsParts,
  gateway: GatewayId,
  ask: Extract<Ask, { ask: 'door-hosts' }>,
): Promise<{ items: DoorHost[]; total: number }> {
  const { store } = parts
  const now = parts.now()
  const operator = await store.transaction((trx) => doorAsker(trx, gateway, ask.signIn, now))
  return hostsFor(store, { operator, source: ask.source, q: ask.q, size: ask.size }, now)
}

/** The same for somebody who is known to be signed in. */
async function hostsFor(
  { db }: Pick<Store, 'db'>,
  { operator, source, q, size }: { operator: Asker; source: string; q: string; size: number },
  now: number,
): Promise<{ items: DoorHost[]; total: number }> {
  const grants = await grantsOf(db, operator)
  const opening = openingsBy(grants, { operator, source }, now)
  if (opening.length === 0) return { items: [], total: 0 }
  const words = wordsOf(q)
  const matching = (await allHosts(db, operator.id))
    .map((host) => ({ ...host, usernames: host.usernames.filter((username) => opening.some((opens) => opens(host, username))) }))
    .filter((host) => host.usernames.length > 0 && (words.length === 0 || hasWords(host, words)))
  const items = inOrder(matching)
    .slice(0, size)
    .flatMap((host) => {
      // Of what is shown each account is decided about, as the admission will.
      const asset = { id: AssetId.parse(host.id), tags: host.tags }
      const mayUse = (account: string) => !isRefusal(decideSome({ operator, asset, account, door: 'ssh', source }, grantActions, grants, now))
      const accounts = host.usernames.filter(mayUse).sort(plain)
      const { id, name, address, tags, usedAt } = host
      return accounts.length === 0 ? [] : [{ asset: id, name, address, tags, accounts, ...(usedAt === null ? {} : { lastUsedAt: usedAt }) }]
    })
  return { items, total: matching.length }
}

type Opens = (host: Pick<Host, 'id' | 'tags'>, username: string) => boolean

/** For each action, what the grants that hold now open: the names of a grant are looked up rather than gone through for every host. */
function openingsBy(grants: readonly Grant[], { operator, source }: { operator: Asker; source: string }, now: number): Opens[] {
  const about = (action: GrantAction) => ({ operator, action, door: 'ssh', source }) as const
  const opensBy = (action: GrantAction): Opens | undefined => {
    const holding = grants.filter((grant) => missingOf(grant, about(action), now).every((missing) => missing === 'asset' || missing === 'account'))
    if (holding.length === 0) return undefined
    const open = new Reach(holding, now)
    const asking = operator.secondFactor ? [] : holding.filter(({ terms }) => terms.secondFactor)
    const shut = asking.length === 0 ? undefined : new Reach(asking, now)
    return (host, username) => open.seesAccount(host, username) && shut?.seesAccount(host, username) !== true
  }
  return grantActions.flatMap((action) => opensBy(action) ?? [])
}

async function allHosts(db: Store['db'], person: string): Promise<Host[]> {
  const [rows, accounts, uses] = await Promise.all([
    db.selectFrom('assets').select(['id', 'name', 'address', 'tags']).execute(),
    db.selectFrom('accounts').select(['assetId', 'username']).execute(),
    db.selectFrom('assetUses').select(['assetId', 'usedAt']).where('operatorId', '=', person).execute(),
  ])
  const usernames = Map.groupBy(accounts, ({ assetId }) => assetId)
  const usedAt = new Map(uses.map((use) => [use.assetId, use.usedAt]))
  return rows.flatMap(({ tags, ...row }) => {
    const own = usernames.get(row.id)?.map(({ username }) => username)
    return own ? [{ ...row, tags: JSON.parse(tags) as string[], usernames: own, usedAt: usedAt.get(row.id) ?? null }] : []
  })
}

function inOrder(hosts: readonly Host[]): Host[] {
  return hosts
    .map((host) => ({ host, usedAt: host.usedAt ?? 0, key: countingKey(host.name) }))
    .sort((left, right) => right.usedAt - left.usedAt || plain(left.key, right.key) || plain(left.host.id, right.host.id))
    .map(({ host }) => host)
}

const plain = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)
