// Finding hosts: filtered, searched, sorted and paged, alike on both engines, and quick with 5,000 of them.
import type { AssetView, assetColumns } from '#wire/api/assets.ts'
import type { Viewer } from '../access/sight.ts'
import type { Store } from '../store/open-store.ts'
import type { Row, Where } from '../store/row-types.ts'
import { viewAssets } from './asset-rows.ts'
import { countingKey, readSort, sortRows } from './counting-order.ts'
import { hasWords, lowered, seenAssets } from './seen-assets.ts'

export type AssetColumn = (typeof assetColumns)[number]
export type AssetFilters = {
  q?: string | undefined
  /** Tags that all must be there, separated by commas. */
  tag?: string | undefined
  favourite?: boolean | undefined
  recent?: boolean | undefined
  key?: 'trusted' | 'unknown' | 'changed' | undefined
  reach?: 'reachable' | 'unreachable' | 'unknown' | undefined
  credential?: string | undefined
}
export type AssetsQuery = AssetFilters & {
  sort?: AssetColumn | `-${AssetColumn}` | undefined
  /** From 1. */
  page: number
  /** 1 to 200. */
  size: number
}
type Engine = Store['engine']

/**
 * One page, as the viewer sees it. Each word of `q` is found in name, address, tags or an account's name, taken literally, without regard to ASCII case. Names and addresses are sorted
 * as people count: `web2` before `web10`, whatever the case; what has no value comes last. `of` counts all that they see.
 */
export async function listAssets(store: Store, query: AssetsQuery, viewer: Viewer): Promise<{ items: AssetView[]; total: number; of: number }> {
  const { ids, of } = await sortedIds(store, query, viewer)
  const from = (query.page - 1) * query.size
  const rows = await rowsOf(store, ids.slice(from, from + query.size))
  return { items: await viewAssets(store.db, rows, viewer), total: ids.length, of }
}

/** All that match, page by page, as they stood when it began; what is deleted meanwhile is left out. For exports. */
export async function* eachAsset(store: Store, query: Omit<AssetsQuery, 'page' | 'size'>, viewer: Viewer, pageSize = 200): AsyncGenerator<AssetView> {
  const { ids } = await sortedIds(store, query, viewer)
  for (let from = 0; from < ids.length; from += pageSize) yield* await viewAssets(store.db, await rowsOf(store, ids.slice(from, from + pageSize)), viewer)
}

async function rowsOf(store: Store, ids: readonly string[]): Promise<Row<'assets'>[]> {
  if (ids.length === 0) return []
  const found = await store.db.selectFrom('assets').selectAll().where('id', 'in', ids).execute()
  const rows = new Map(found.map((row) => [row.id, row]))
  return ids.flatMap((id) => rows.get(id) ?? [])
}

type Asked = Omit<AssetsQuery, 'page' | 'size'>

/** Who sees every account of every host can be answered by the database; for all others their hosts are looked through here. */
async function sortedIds(store: Store, query: Asked, { operator, sight }: Viewer): Promise<{ ids: string[]; of: number }> {
  if (sight === 'all') return { ids: await idsOf(store, query, operator), of: await countAll(store) }
  const own = forMember(query)
  if (!own) return { ids: [], of: sight.isWhole ? await countAll(store) : (await seenAssets(store.db, sight, false)).length }
  if (sight.isWhole) return { ids: await idsOf(store, own, operator), of: await countAll(store) }
  const words = wordsOf(own.q)
  const seen = await seenAssets(store.db, sight, words.length > 0)
  const matching = new Set(seen.filter((row) => hasWords(row, words)).map(({ id }) => id))
  const ids = matching.size === 0 ? [] : await idsOf(store, { ...own, q: undefined }, operator)
  return { ids: ids.filter((id) => matching.has(id)), of: seen.length }
}

/** Filters agree with what a member is told: no host has a key that they know of, or a shared credential, or was used by others. */
function forMember({ key, credential, sort, ...query }: Asked): Asked | undefined {
  if (credential !== undefined || (key !== undefined && key !== 'unknown')) return undefined
  return { ...query, sort: sort === 'lastUsedAt' ? 'myLastUsedAt' : sort === '-lastUsedAt' ? '-myLastUsedAt' : sort }
}

async function countAll(store: Store): Promise<number> {
  const { count } = await store.db
    .selectFrom('assets')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Of 5,000 hosts this reads five thousand short rows, which takes less time than asking the database for a page of them in an order that it does not know. */
async function idsOf(store: Store, { sort = 'name', ...filters }: Asked, person: string): Promise<string[]> {
  const [column, direction] = readSort<AssetColumn>(sort)
  const matching = store.db.selectFrom('assets').where((eb) => eb.and(conditions(eb, store.engine, filters, person)))
  const rows =
    column === 'myLastUsedAt'
      ? await matching
          .leftJoin('assetUses', (join) => join.onRef('assetUses.assetId', '=', 'assets.id').on('assetUses.operatorId', '=', person))
          .select(['assets.id', 'assets.name', 'assetUses.usedAt as value'])
          .execute()
      : await matching.select(['id', 'name', `${column === 'reach' ? 'reachState' : column} as value`]).execute()
  const keyed = rows.map(({ id, name, value }) => ({ id, value: typeof value === 'string' ? countingKey(value) : value, name: countingKey(name) }))
  return sortRows(keyed, direction).map(({ id }) => id)
}

function conditions(eb: Where<'assets'>, engine: Engine, filters: AssetFilters, person: string) {
  const { favourite, recent, key, reach, credential } = filters
  const find = (text: 'tags' | ReturnType<typeof eb.fn<string>>, word: string) =>
    eb(eb.fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', [text, eb.val(word)]), '>', 0)
  const lowered = (column: 'name' | 'address' | 'tags') => eb.fn<string>('lower', [column])
  const withAccount = (word: string) =>
    eb
      .selectFrom('accounts')
      .select('accounts.assetId')
      .where(({ fn, val, eb: of }) => of(fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', [fn<string>('lower', ['accounts.username']), val(word)]), '>', 0))
  const own = (table: 'favourites' | 'assetUses') =>
    eb.exists(eb.selectFrom(table).select('assetId').whereRef('assetId', '=', 'assets.id').where('operatorId', '=', person))
  return [
    ...wordsOf(filters.q).map((word) =>
      eb.or([
        find(lowered('name'), word),
        find(lowered('address'), word),
        eb('assets.id', 'in', withAccount(word)),
        ...(isMark(word) ? [] : [find(lowered('tags'), inJson(word))]),
      ]),
    ),
    ...namedTags(filters.tag).map((tag) => eb.or(['[', ','].map((before) => find('tags', before + JSON.stringify(tag))))),
    ...(favourite === undefined ? [] : [favourite ? own('favourites') : eb.not(own('favourites'))]),
    ...(recent === undefined ? [] : [recent ? own('assetUses') : eb.not(own('assetUses'))]),
    ...(key === undefined ? [] : keyIs(eb, key)),
    ...(reach === undefined ? [] : [reach === 'unknown' ? eb('reachState', 'is', null) : eb('reachState', '=', reach)]),
    // Not `exists`: for each host SQLite would go through all accounts that have the credential.
    ...(credential === undefined ? [] : [eb('assets.id', 'in', eb.selectFrom('accounts').select('accounts.assetId').where('credentialId', '=', credential))]),
  ]
}

/** `changed` before all: a host whose key has changed is in that state until somebody decides, whatever is trusted. */
function keyIs(eb: Where<'assets'>, key: 'trusted' | 'unknown' | 'changed') {
  const isChanged = eb.exists(eb.selectFrom('keyChanges').select('keyChanges.id').whereRef('keyChanges.assetId', '=', 'assets.id'))
  if (key === 'changed') return [isChanged]
  const place = eb(eb.val('asset:'), '||', eb.ref('assets.id'))
  const isTrusted = eb.exists(eb.selectFrom('hostKeys').select('fingerprint').where('place', '=', place))
  return [eb.not(isChanged), key === 'trusted' ? isTrusted : eb.not(isTrusted)]
}

/** More than 8 words narrow nothing. `lower` lowers ASCII letters alone on both engines, so that is done here too. */
/** What is looked for: at most 8 words. */
export const wordsOf = (q: string | undefined) => (q ?? '').normalize('NFC').split(/\s+/).filter(Boolean).slice(0, 8).map(lowered)

/** Tags are stored as a JSON array. What stands around them is no tag, and a word of it would find every host. */
const isMark = (word: string) => ['[', ']', ',', '[]'].includes(word)
const inJson = (word: string) => JSON.stringify(word).slice(1, -1)

const namedTags = (tag: string | undefined) =>
  (tag ?? '')
    .normalize('NFC')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
