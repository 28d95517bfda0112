// What the address of the page of commands carries, and what the API is asked for it. Pure; what does not fit is left out.
import { commandColumns } from '#wire/api/audit.ts'
import { askedDays, readDay } from '../parts/days.ts'
import { type ListSearch, readListSearch } from '../parts/list-search.ts'

export const verdicts = ['noticed', 'denied'] as const
export type Verdict = (typeof verdicts)[number]
/** `host` and `person`: id or name; `session`: an id. Days as `2026-11-21`. */
export type CommandFilters = { host?: string; person?: string; session?: string; verdict?: Verdict; since?: string; until?: string }
/** `play` and `at`: the recording that is open over the list, and its moment in seconds. */
export type CommandsSearch = ListSearch & CommandFilters & { play?: string; at?: number; view?: 'rules' }

export const noCommandFilters = { host: undefined, person: undefined, session: undefined, verdict: undefined, since: undefined, until: undefined }
export type CommandFilterName = keyof typeof noCommandFilters
const names = Object.keys(noCommandFilters) as CommandFilterName[]
export const isNarrowed = (filters: CommandFilters): boolean => names.some((name) => filters[name] !== undefined)

const text = (value: unknown, most: number): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
const present = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: NonNullable<Value> }

export function readCommandsSearch(search: Record<string, unknown>): CommandsSearch {
  const play = text(search['play'], 60)
  const at = Number(search['at'])
  return {
    ...readListSearch(search, commandColumns),
    ...present('host', text(search['host'], 300)),
    ...present('person', text(search['person'], 100)),
    ...present('session', text(search['session'], 60)),
    ...present(
      'verdict',
      verdicts.find((one) => one === search['verdict']),
    ),
    ...present('since', readDay(search['since'])),
    ...present('until', readDay(search['until'])),
    ...present('play', play),
    ...(play !== undefined && Number.isFinite(at) && at > 0 && at < 1e9 ? { at } : {}),
    ...(search['view'] === 'rules' ? { view: 'rules' as const } : {}),
  }
}

export const askedCommands = ({ q, host, person, session, verdict, since, until }: CommandsSearch) => ({
  ...present('q', q),
  ...present('asset', host),
  ...present('operator', person),
  ...present('session', session),
  ...present('verdict', verdict),
  ...askedDays(since, until),
})

/** A little before the command, so that it is seen being typed. Seconds, to a tenth, as the address carries it. */
export const momentOf = (seconds: number): number | undefined => {
  const at = Math.floor(Math.max(0, seconds - 1) * 10) / 10
  return at > 0 ? at : undefined
}
