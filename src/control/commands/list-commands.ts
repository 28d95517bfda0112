// Commands as lists show them, the same on both engines: a page, all of a list for a file, or those of one session.
import type { CommandView } from '#wire/api/audit.ts'
import { searchWords } from '../sessions/search-text.ts'
import type { Store } from '../store/open-store.ts'
import type { Row, Where } from '../store/row-types.ts'

type Column = 'at' | 'operator' | 'asset' | 'account'
export type CommandsQuery = {
  q?: string | undefined
  sort?: Column | `-${Column}` | undefined
  session?: string | undefined
  operator?: string | undefined
  asset?: string | undefined
  verdict?: 'noticed' | 'denied' | undefined
  /** Ms since the epoch. */
  since?: number | undefined
  until?: number | undefined
  /** Only this operator's. */
  ownedBy?: string | undefined
}
const columns = { at: 'at', operator: 'operatorName', asset: 'assetName', account: 'account' } as const
/** Of one session: more are said to be there. */
export const maxOfSession = 1000
const chunkSize = 500

/** Newest first unless sorted. `q`: each word is found in the text, the operator, the host or the account, without regard to case. */
export async function listCommands(
  { db, engine }: Store,
  query: CommandsQuery & { page: number; size: number },
): Promise<{ items: CommandView[]; total: number; of: number }> {
  const count = async (narrowing: CommandsQuery) => {
    const row = await db
      .selectFrom('commands')
      .where((eb) => eb.and(conditions(eb, engine, narrowing)))
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }
  const own = query.ownedBy === undefined ? {} : { ownedBy: query.ownedBy }
  const isNarrowed = conditionCount(query) > conditionCount(own)
  const [of, narrowed, rows] = await Promise.all([
    count(own),
    isNarrowed ? count(query) : undefined,
    ordered(db, engine, query)
      .limit(query.size)
      .offset((query.page - 1) * query.size)
      .execute(),
  ])
  return { items: rows.map((row) => shortened(viewOf(row))), total: narrowed ?? of, of }
}

/** At most `most`, in the order of the list, read as the reader takes them. */
export async function* eachCommand({ db, engine }: Store, query: CommandsQuery, most: number): AsyncGenerator<CommandView[]> {
  for (let from = 0; from < most; from += chunkSize) {
    const rows = await ordered(db, engine, query)
      .limit(Math.min(chunkSize, most - from))
      .offset(from)
      .execute()
    if (rows.length === 0) return
    yield rows.map(viewOf)
  }
}

/** In their order. */
export async function commandsOfSession({ db }: Store, session: string): Promise<{ items: CommandView[]; cut: boolean }> {
  const rows = await db
    .selectFrom('commands')
    .selectAll()
    .where('sessionId', '=', session)
    .orderBy('number')
    .limit(maxOfSession + 1)
    .execute()
  return { items: rows.slice(0, maxOfSession).map(viewOf), cut: rows.length > maxOfSession }
}

function ordered(db: Store['db'], engine: Store['engine'], query: CommandsQuery) {
  const sort = query.sort ?? '-at'
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const column = columns[sort.replace('-', '') as Column]
  return db
    .selectFrom('commands')
    .selectAll()
    .where((eb) => eb.and(conditions(eb, engine, query)))
    .orderBy(column, direction)
    .$if(column !== 'at', (rows) => rows.orderBy('at', 'desc'))
    .orderBy('sessionId', direction)
    .orderBy('number', direction)
}

const conditionCount = (query: CommandsQuery): number =>
  [query.session, query.operator, query.asset, query.verdict, query.since, query.until, query.ownedBy, searchWords(query.q)[0]].filter(
    (value) => value !== undefined,
  ).length

function conditions(eb: Where<'commands'>, engine: Store['engine'], query: CommandsQuery) {
  const { ownedBy, session, operator, asset, verdict, since, until, q } = query
  return [
    ...(ownedBy === undefined ? [] : [eb('operatorId', '=', ownedBy)]),
    ...(session === undefined ? [] : [eb('sessionId', '=', session)]),
    ...(operator === undefined ? [] : [eb.or([eb('operatorId', '=', operator), eb('operatorName', '=', operator)])]),
    ...(asset === undefined ? [] : [eb.or([eb('assetId', '=', asset), eb('assetName', '=', asset)])]),
    ...(verdict === undefined ? [] : [eb('verdict', '=', verdict)]),
    ...(since === undefined ? [] : [eb('at', '>=', since)]),
    ...(until === undefined ? [] : [eb('at', '<', until)]),
    // The place of one text in another: it has no metacharacters, as LIKE has.
    ...searchWords(q).map((word) => eb(eb.fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', ['search', eb.val(word)]), '>', 0)),
  ]
}

/** What an ssh client asks to run may be 64 KiB: a page of a list has its beginning, its session and the file have the whole. */
const maxListedText = 4000
const shortened = (view: CommandView): CommandView =>
  view.text.length <= maxListedText ? view : { ...view, text: `${view.text.slice(0, maxListedText).toWellFormed()}…` }

const viewOf = (row: Row<'commands'>): CommandView => ({
  session: row.sessionId,
  number: row.number,
  operator: row.operatorName,
  asset: row.assetName,
  account: row.account,
  at: new Date(row.at).toISOString(),
  seconds: row.sessionMs / 1000,
  text: row.text,
  how: row.how as CommandView['how'],
  ...(row.folder === null ? {} : { folder: row.folder }),
  ...(row.exitStatus === null ? {} : { exitStatus: row.exitStatus }),
  ...(row.durationMs === null ? {} : { durationMs: row.durationMs }),
  ...(row.rule === null ? {} : { rule: row.rule }),
  ...(row.verdict === null ? {} : { verdict: row.verdict as 'noticed' | 'denied' }),
})
