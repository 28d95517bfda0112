// What the address of the audit page carries, and what the API is asked for it. Pure; what does not fit is left out.
import { type AuditCode, auditCodes, auditOutcomes } from '#domain/audit-event.ts'
import { auditColumns } from '#wire/api/audit.ts'
import { askedDays, readDay } from '../parts/days.ts'
import { type ListSearch, readListSearch } from '../parts/list-search.ts'

export type AuditOutcome = (typeof auditOutcomes)[number]
/** `person` and `object`: id or name. Days as `2026-11-21`. */
export type AuditFilters = { code?: AuditCode; outcome?: AuditOutcome; person?: string; object?: string; since?: string; until?: string }
/** `row`: the row whose details are open. */
export type AuditSearch = ListSearch & AuditFilters & { row?: number }

export const noAuditFilters = { code: undefined, outcome: undefined, person: undefined, object: undefined, since: undefined, until: undefined }
export type AuditFilterName = keyof typeof noAuditFilters
const names = Object.keys(noAuditFilters) as AuditFilterName[]
export const isNarrowed = (filters: AuditFilters): boolean => names.some((name) => filters[name] !== undefined)

const text = (value: unknown, most: number): string | undefined => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined)
const present = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: NonNullable<Value> }

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const row = Number(search['row'])
  return {
    ...readListSearch(search, auditColumns),
    ...present(
      'code',
      auditCodes.find((one) => one === search['code']),
    ),
    ...present(
      'outcome',
      auditOutcomes.find((one) => one === search['outcome']),
    ),
    ...present('person', text(search['person'], 100)),
    ...present('object', text(search['object'], 300)),
    ...present('since', readDay(search['since'])),
    ...present('until', readDay(search['until'])),
    ...(Number.isSafeInteger(row) && row > 0 ? { row } : {}),
  }
}

export const askedAudit = ({ q, code, outcome, person, object, since, until }: AuditSearch) => ({
  ...present('q', q),
  ...present('code', code),
  ...present('outcome', outcome),
  ...present('operator', person),
  ...present('object', object),
  ...askedDays(since, until),
})
