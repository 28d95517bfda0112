// What the list of hosts shows, as it stands in the address. Pure; what does not fit is left out, so an old or mistyped address still opens.
import type { assetColumns } from '#wire/api/assets.ts'
import type { ListSearch } from '../parts/list-search.ts'
import { readListSearch, usualSize } from '../parts/list-search.ts'

export const hostSorts = ['name', 'address', 'createdAt', 'lastUsedAt', 'myLastUsedAt', 'reach'] as const satisfies typeof assetColumns
export const keyStates = ['trusted', 'unknown', 'changed'] as const
export const reachStates = ['reachable', 'unreachable', 'unknown'] as const
type HostSort = (typeof hostSorts)[number]

export type HostFilters = {
  /** Tags that all must be there, separated by commas. */
  tag?: string
  favourite?: 'true'
  recent?: 'true'
  key?: (typeof keyStates)[number]
  reach?: (typeof reachStates)[number]
  /** The id of a shared credential that the host uses. */
  credential?: string
}
/** `host` is the id of the host whose form is open, or `new`; `ssh` of the one whose lines for ssh are shown. */
export type HostsSearch = ListSearch & HostFilters & { host?: string; ssh?: string }

const oneOf = <Value extends string>(value: unknown, values: readonly Value[]): Value | undefined => values.find((one) => one === value)
const text = (value: unknown, most: number): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
const given = <Fields extends Record<string, string | undefined>>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof Fields]?: NonNullable<Fields[Key]> }

export function readHostsSearch(search: Record<string, unknown>): HostsSearch {
  return {
    ...readListSearch(search, hostSorts),
    ...given({
      tag: text(search['tag'], 500),
      favourite: oneOf(search['favourite'], ['true'] as const),
      recent: oneOf(search['recent'], ['true'] as const),
      key: oneOf(search['key'], keyStates),
      reach: oneOf(search['reach'], reachStates),
      credential: text(search['credential'], 60),
      host: text(search['host'], 60),
      ssh: text(search['ssh'], 60),
    }),
  }
}

/** The same question as the API asks it. */
export function hostsQuery({ q, sort, page, size, tag, favourite, recent, key, reach, credential }: HostsSearch) {
  return {
    ...given({ q, tag, favourite, recent, key, reach, credential }),
    sort: (sort ?? 'name') as HostSort | `-${HostSort}`,
    page: page ?? 1,
    size: size ?? usualSize,
  }
}
export type HostsQuery = ReturnType<typeof hostsQuery>

export const noFilters = { tag: undefined, favourite: undefined, recent: undefined, key: undefined, reach: undefined, credential: undefined } as const
/** Whether something besides the searched words narrows the list. */
export const isNarrowed = (search: HostFilters): boolean => Object.keys(noFilters).some((name) => search[name as keyof HostFilters] !== undefined)

export const tagsOf = (search: HostFilters): string[] => (search.tag === undefined ? [] : search.tag.split(','))
/** The filter with the tag put in or taken out; undefined when none is left. */
export function withTag(search: HostFilters, tag: string): string | undefined {
  const before = tagsOf(search)
  const after = before.includes(tag) ? before.filter((one) => one !== tag) : [...before, tag]
  return after.length === 0 ? undefined : after.join(',')
}
