// What the addresses of sessions and recordings carry, and what the API is asked for it. Pure; what does not fit is left out.
import { type EndReason, endReasons } from '#domain/end-reason.ts'
import { type SessionKind, sessionKinds } from '#domain/session-kind.ts'
import { sessionColumns } from '#wire/api/session-columns.ts'
import { askedDays, readDay } from '../parts/days.ts'
import { type ListSearch, readListSearch } from '../parts/list-search.ts'

/** Days as `2026-11-21`, of the person's own calendar; both belong to what is shown. */
export type SessionFilters = { host?: string; person?: string; kind?: SessionKind; door?: SessionDoor; reason?: EndReason; since?: string; until?: string }
export const sessionDoors = ['web', 'ssh', 'api'] as const
export type SessionDoor = (typeof sessionDoors)[number]
export type PlaySearch = { play?: string; at?: number }
export type SessionsSearch = ListSearch & SessionFilters & PlaySearch & { state?: 'ended' }
export type RecordingsSearch = ListSearch & SessionFilters & PlaySearch

const filterNames = ['host', 'person', 'kind', 'door', 'reason', 'since', 'until'] as const
export type FilterName = (typeof filterNames)[number]

const text = (value: unknown, most: number): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
export function readRecordingsSearch(search: Record<string, unknown>): RecordingsSearch {
  const host = text(search['host'], 300)
  const person = text(search['person'], 100)
  const reason = endReasons.find((one) => one === search['reason'])
  const kind = sessionKinds.find((one) => one === search['kind'])
  const door = sessionDoors.find((one) => one === search['door'])
  const since = readDay(search['since'])
  const until = readDay(search['until'])
  const play = text(search['play'], 60)
  const at = Number(search['at'])
  return {
    ...readListSearch(search, sessionColumns),
    ...(host === undefined ? {} : { host }),
    ...(person === undefined ? {} : { person }),
    ...(kind === undefined ? {} : { kind }),
    ...(door === undefined ? {} : { door }),
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(play === undefined ? {} : { play }),
    ...(play !== undefined && Number.isFinite(at) && at > 0 && at < 1e9 ? { at } : {}),
  }
}
export const readSessionsSearch = (search: Record<string, unknown>): SessionsSearch => ({
  ...readRecordingsSearch(search),
  ...(search['state'] === 'ended' ? { state: 'ended' as const } : {}),
})

export const isFiltered = (filters: SessionFilters): boolean => filterNames.some((name) => filters[name] !== undefined)
export const noFilters: Record<FilterName, undefined> = {
  host: undefined,
  person: undefined,
  kind: undefined,
  door: undefined,
  reason: undefined,
  since: undefined,
  until: undefined,
}

/** The filters as the API takes them. */
export function askedFilters({ q, host, person, kind, door, reason, since, until }: ListSearch & SessionFilters) {
  return {
    ...(q === undefined ? {} : { q }),
    ...(host === undefined ? {} : { asset: host }),
    ...(person === undefined ? {} : { operator: person }),
    ...(kind === undefined ? {} : { kind }),
    ...(door === undefined ? {} : { door }),
    ...(reason === undefined ? {} : { endReason: reason }),
    ...askedDays(since, until),
  }
}

/** The same as a query of the CSV. */
export function csvQuery(asked: Record<string, string | boolean | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) params.set(name, String(value))
  return params.toString()
}
