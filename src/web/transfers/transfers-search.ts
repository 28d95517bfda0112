// What the address of the page of transfers carries, and what the API is asked for it. Pure; what does not fit is left out.
import { fileWays, type Verified, verifications } from '#domain/session-act.ts'
import { transferColumns, transferDirections } from '#wire/api/transfers.ts'
import { askedDays, readDay } from '../parts/days.ts'
import { type ListSearch, readListSearch } from '../parts/list-search.ts'

export const outcomes = ['done', 'failed', 'refused'] as const
export type Way = (typeof fileWays)[number]

export type Direction = (typeof transferDirections)[number]
/** `host` and `person`: id or name; `session`: an id; `sha256`: hex, whole. Days as `2026-11-21`. */
export type TransferFilters = {
  host?: string
  person?: string
  session?: string
  direction?: Direction
  way?: Way
  outcome?: (typeof outcomes)[number]
  verified?: Verified
  sha256?: string
  since?: string
  until?: string
}
/** `play` and `at`: the session that is open over the list, and its moment in seconds. */
export type TransfersSearch = ListSearch & TransferFilters & { play?: string; at?: number }

export const noTransferFilters = {
  ...{ host: undefined, person: undefined, session: undefined, direction: undefined, way: undefined },
  ...{ outcome: undefined, verified: undefined, sha256: undefined, since: undefined, until: undefined },
}
export type TransferFilterName = keyof typeof noTransferFilters
const names = Object.keys(noTransferFilters) as TransferFilterName[]
export const isNarrowed = (filters: TransferFilters): boolean => names.some((name) => filters[name] !== undefined)

const text = (value: unknown, most: number): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
const one = <Value extends string>(value: unknown, of: readonly Value[]): Value | undefined => of.find((each) => each === value)
const present = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: NonNullable<Value> }

export function readTransfersSearch(search: Record<string, unknown>): TransfersSearch {
  const play = text(search['play'], 60)
  const at = Number(search['at'])
  const sha256 = text(search['sha256'], 64)
  return {
    ...readListSearch(search, transferColumns),
    ...present('host', text(search['host'], 300)),
    ...present('person', text(search['person'], 100)),
    ...present('session', text(search['session'], 60)),
    ...present('direction', one(search['direction'], transferDirections)),
    ...present('way', one(search['way'], fileWays)),
    ...present('outcome', one(search['outcome'], outcomes)),
    ...present('verified', one(search['verified'], verifications)),
    ...present('sha256', sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined),
    ...present('since', readDay(search['since'])),
    ...present('until', readDay(search['until'])),
    ...present('play', play),
    ...(play !== undefined && Number.isFinite(at) && at > 0 && at < 1e9 ? { at } : {}),
  }
}

export const askedTransfers = ({ q, host, person, session, direction, way, outcome, verified, sha256, since, until }: TransfersSearch) => ({
  ...present('q', q),
  ...present('asset', host),
  ...present('operator', person),
  ...present('session', session),
  ...present('direction', direction),
  ...present('way', way),
  ...present('outcome', outcome),
  ...present('verified', verified),
  ...present('sha256', sha256),
  ...askedDays(since, until),
})

/** A little before it began, so that what led to it is seen. Seconds, to a tenth, as the address carries it; undefined at the very beginning. */
export const momentOf = (atMs: number | undefined): number | undefined => {
  const at = Math.floor(Math.max(0, (atMs ?? 0) / 1000 - 1) * 10) / 10
  return at > 0 ? at : undefined
}
