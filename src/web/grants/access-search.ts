// What the addresses of the pages about access carry. Pure; what does not fit is left out.
import { type ListSearch, readListSearch } from '../parts/list-search.ts'

/** `edit` is the id of what is open in its form, or `new`. */
type Edited = { edit?: string }
export type OperatorsSearch = ListSearch & Edited & { role?: 'admin' | 'auditor' | 'member'; enabled?: 'true' | 'false'; group?: string }
export type GroupsSearch = ListSearch & Edited
/** Filters are ids. `copy`: the grant that a new one begins as. */
export type GrantsSearch = ListSearch & Edited & { operator?: string; group?: string; asset?: string; copy?: string }
/** `path` and `bytes`: of a file that is to go in or out. `operator` is a user name or an id, `asset` a host's name or id; `at` as `<input type="datetime-local">` has it. */
export type WhoMaySearch = { operator?: string; asset?: string; account?: string; action?: string; path?: string; bytes?: string; source?: string; at?: string }

const text = (value: unknown, most = 60): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
function given<Name extends string>(search: Record<string, unknown>, names: Readonly<Record<Name, number>>): { [Key in Name]?: string } {
  const found = Object.entries<number>(names).flatMap(([name, most]) => {
    const value = text(search[name], most)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found) as { [Key in Name]?: string }
}
const one = <Name extends string, Value extends string>(name: Name, value: unknown, values: readonly Value[]) => {
  const found = values.find((known) => known === value)
  return (found === undefined ? {} : { [name]: found }) as { [Key in Name]?: Value }
}

export const readOperatorsSearch = (search: Record<string, unknown>): OperatorsSearch => ({
  ...readListSearch(search, ['username', 'name', 'role', 'enabled', 'lastSignInAt', 'createdAt']),
  ...one('role', search['role'], ['admin', 'auditor', 'member'] as const),
  ...one('enabled', search['enabled'], ['true', 'false'] as const),
  ...given(search, { group: 60, edit: 60 }),
})
export const readGroupsSearch = (search: Record<string, unknown>): GroupsSearch => ({
  ...readListSearch(search, ['name', 'createdAt']),
  ...given(search, { edit: 60 }),
})
export const readGrantsSearch = (search: Record<string, unknown>): GrantsSearch => ({
  ...readListSearch(search, ['name', 'createdAt', 'changedAt']),
  ...given(search, { operator: 60, group: 60, asset: 60, edit: 60, copy: 60 }),
})
export const readWhoMaySearch = (search: Record<string, unknown>): WhoMaySearch => ({
  ...one('action', search['action'], ['shell', 'exec', 'upload', 'download', 'forward'] as const),
  ...given(search, { operator: 100, asset: 300, account: 64, path: 4096, bytes: 16, source: 64, at: 20 }),
})
