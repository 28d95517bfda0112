// The one search over everything: a few of each kind, the likeliest first, fast enough to be asked at every key.
import type { AssetView } from '#wire/api/assets.ts'
import type { OperatorView } from '#wire/api/people.ts'
import type { SessionFacts, SessionsDesk } from '../http/desks.ts'
import type { Reach, Viewer } from '../access/sight.ts'
import { viewAssets } from '../assets/asset-rows.ts'
import { hasWords, lowered, seenAssets } from '../assets/seen-assets.ts'
import type { Store } from '../store/open-store.ts'
import type { AnyWhere, ColumnOf } from '../store/row-types.ts'

/** Of each kind. */
const most = 6
/** Older sessions are found on their own page: here the answer must not grow with the years. */
const newestSessions = 5000
const maxWords = 8

export type SearchQuery = {
  q: string
  /** Whose hosts. */
  viewer: Viewer
  people: boolean
  /** Only the sessions of this operator. */
  ownedBy?: string | undefined
}
export type Found = { hosts: string[]; people: Pick<OperatorView, 'id' | 'username' | 'name'>[]; sessions: string[] }

export const wordsOf = (q: string): string[] => lowered(q.normalize('NFC')).split(/\s+/).filter(Boolean).slice(0, maxWords)

/**
 * Each word must be found somewhere in the row, taken literally, without regard to ASCII case. What is called so comes first, then what begins with the first word.
 * Of sessions, those that live come first, then the newest.
 */
export async function findIds(store: Store, { q, viewer, people, ownedBy }: SearchQuery): Promise<Found> {
  const words = wordsOf(q)
  if (words.length === 0) return { hosts: [], people: [], sessions: [] }
  const [foundHosts, foundPeople, foundSessions] = await Promise.all([
    viewer.sight === 'all' || viewer.sight.isWhole ? findHosts(store, words) : findSeen(store, viewer.sight, words),
    people ? findPeople(store, words) : [],
    findSessions(store, words, ownedBy),
  ])
  return { hosts: foundHosts, people: foundPeople, sessions: foundSessions }
}

/** The views of what was found; what was removed in between is left out. */
export async function viewHosts(store: Store, ids: readonly string[], viewer: Viewer): Promise<AssetView[]> {
  if (ids.length === 0) return []
  const rows = await store.db.selectFrom('assets').selectAll().where('id', 'in', ids).execute()
  const views = await viewAssets(store.db, rows, viewer)
  return present(ids.map((id) => views.find((view) => view.id === id)))
}
export const viewSessions = async (sessions: Pick<SessionsDesk, 'get'>, ids: readonly string[]): Promise<SessionFacts[]> =>
  present(await Promise.all(ids.map((id) => sessions.get(id))))
const present = <Item>(items: readonly (Item | undefined)[]): Item[] => items.filter((item) => item !== undefined)

async function findHosts(store: Store, words: readonly string[]): Promise<string[]> {
  const rows = await store.db
    .selectFrom('assets')
    .select('id')
    .where((eb) =>
      eb.and(
        words.map((word) =>
          eb.or([
            ...(['name', 'address', 'tags'] as const).map((column) => eb(place(eb, store, column, word), '>', 0)),
            eb(
              'id',
              'in',
              eb
                .selectFrom('accounts')
                .select('accounts.assetId')
                .where((of) => of(place(of, store, 'accounts.username', word), '>', 0)),
            ),
          ]),
        ),
      ),
    )
    .orderBy((eb) => rank(eb, store, 'name', words))
    .orderBy('name')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}

/** The same among the hosts that somebody sees. */
async function findSeen(store: Store, reach: Reach, words: readonly string[]): Promise<string[]> {
  const ranked = (await seenAssets(store.db, reach, true))
    .filter((row) => hasWords(row, words))
    .map(({ id, name }) => {
      const called = lowered(name)
      return { id, name, rank: called === words.join(' ') ? 0 : called.startsWith(words[0] ?? '') ? 1 : 2 }
    })
  const plain = (left: string, right: string) => (left === right ? 0 : left < right ? -1 : 1)
  return ranked
    .sort((left, right) => left.rank - right.rank || plain(left.name, right.name) || plain(left.id, right.id))
    .slice(0, most)
    .map(({ id }) => id)
}

function findPeople(store: Store, words: readonly string[]): Promise<Found['people']> {
  return store.db
    .selectFrom('operators')
    .select(['id', 'username', 'name'])
    .where((eb) => eb.and(words.map((word) => eb.or((['username', 'name'] as const).map((column) => eb(place(eb, store, column, word), '>', 0))))))
    .orderBy((eb) => rank(eb, store, 'username', words))
    .orderBy('username')
    .limit(most)
    .execute()
}

async function findSessions(store: Store, words: readonly string[], ownedBy: string | undefined): Promise<string[]> {
  const newest = store.db
    .selectFrom('sessions')
    .select(['id', 'operatorName', 'assetName', 'address', 'account', 'state', 'startedAt'])
    .where((eb) => eb.and(ownedBy === undefined ? [] : [eb('operatorId', '=', ownedBy)]))
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(newestSessions)
    .as('newest')
  const columns = ['operatorName', 'assetName', 'address', 'account'] as const
  const rows = await store.db
    .selectFrom(newest)
    .select('id')
    .where((eb) => eb.and(words.map((word) => eb.or(columns.map((column) => eb(place(eb, store, column, word), '>', 0))))))
    .orderBy((eb) => eb.case().when('state', '=', 'ended').then(eb.lit(1)).else(eb.lit(0)).end())
    .orderBy('startedAt', 'desc')
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}

/** Where the word stands in the column, from 1; 0 when it does not. A search for the place of one text in another has no metacharacters, as LIKE has. */
function place<Shape, Table extends keyof Shape>(eb: AnyWhere<Shape, Table>, store: Store, column: ColumnOf<Shape, Table>, word: string) {
  return eb.fn<number>(store.engine === 'sqlite' ? 'instr' : 'strpos', [eb.fn<string>('lower', [column]), eb.val(word)])
}

/** 0: called so; 1: begins so; 2: neither. */
function rank<Shape, Table extends keyof Shape>(eb: AnyWhere<Shape, Table>, store: Store, column: ColumnOf<Shape, Table>, words: readonly string[]) {
  const is = eb(eb.fn<string>('lower', [column]), '=', words.join(' '))
  const begins = eb(place(eb, store, column, words[0] ?? ''), '=', 1)
  return eb.case().when(is).then(eb.lit(0)).when(begins).then(eb.lit(1)).else(eb.lit(2)).end()
}
