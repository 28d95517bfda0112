// What narrows a list of sessions, as conditions that both databases read alike.
import type { SessionsQuery } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import type { Where } from '../store/row-types.ts'
import { scanned } from '../store/scanned.ts'
import { searchWords } from './search-text.ts'

export type Narrowing = Omit<SessionsQuery, 'sort' | 'page' | 'size'>

/** How many conditions there are; `q` counts for one. */
export const conditionCount = (query: Narrowing): number =>
  [
    query.ownedBy,
    query.state,
    query.kind,
    query.door,
    query.recorded,
    query.asset,
    query.operator,
    query.endReason,
    query.since,
    query.until,
    searchWords(query.q)[0],
  ].filter((value) => value !== undefined).length

/** `byIndex`: whether an index may be used to find what fits; only where that is little (see `scanned.ts`). */
export function conditions(eb: Where<'sessions'>, engine: Store['engine'], query: Narrowing, byIndex: boolean) {
  const { ownedBy, state, kind, door, recorded, asset, operator, endReason, since, until } = query
  const text = (column: 'operatorId' | 'operatorName' | 'assetId' | 'assetName' | 'endReason' | 'state' | 'kind' | 'door' | 'recordingState') =>
    byIndex ? eb.ref(`sessions.${column}`) : scanned<string | null>(engine, `sessions.${column}`)
  const startedAt = byIndex ? eb.ref('sessions.startedAt') : scanned<number>(engine, 'sessions.startedAt')
  // What lives is always little, and asked for every two seconds.
  const stateColumn = state === 'live' || state === 'unreachable' ? eb.ref('sessions.state') : text('state')
  return [
    ...(ownedBy === undefined ? [] : [eb(text('operatorId'), '=', ownedBy)]),
    ...(state === undefined ? [] : [eb(stateColumn, 'in', state === 'live' ? ['opening', 'live'] : [state])]),
    ...(kind === undefined ? [] : [eb(text('kind'), '=', kind)]),
    ...(door === undefined ? [] : [eb(text('door'), '=', door)]),
    ...(recorded === undefined ? [] : [eb(text('recordingState'), recorded ? 'is not' : 'is', null)]),
    ...(asset === undefined ? [] : [eb.or([eb(text('assetId'), '=', asset), eb(text('assetName'), '=', asset)])]),
    ...(operator === undefined ? [] : [eb.or([eb(text('operatorId'), '=', operator), eb(text('operatorName'), '=', operator)])]),
    ...(endReason === undefined ? [] : [eb(text('endReason'), '=', endReason)]),
    ...(since === undefined ? [] : [eb(startedAt, '>=', since)]),
    ...(until === undefined ? [] : [eb(startedAt, '<', until)]),
    ...searchWords(query.q).map((word) => contains(eb, engine, word)),
  ]
}

/** A search for the place of one text in another has no metacharacters, as LIKE has. */
const contains = (eb: Where<'sessions'>, engine: Store['engine'], word: string) =>
  eb(eb.fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', ['sessions.search', eb.val(word)]), '>', 0)
