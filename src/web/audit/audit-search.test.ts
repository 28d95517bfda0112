import { expect, it } from 'vitest'
import { auditQuery } from '#wire/api/audit.ts'
import { askedAudit, isNarrowed, readAuditSearch } from './audit-search.ts'

it('takes from an address what fits, and leaves the rest out', () => {
  const whole = { q: 'x', sort: '-at', code: 'operator.signed_in', outcome: 'refused', person: 'ada', object: 'web1', since: '2026-02-01', until: '2026-02-28' }
  expect(readAuditSearch({ ...whole, row: '7' })).toEqual({ ...whole, row: 7 })
  expect(
    readAuditSearch({ code: '__proto__', outcome: 'maybe', person: 'x'.repeat(101), object: '', since: 'today', row: '-1', sort: 'hash', page: '0' }),
  ).toEqual({})
  expect(readAuditSearch({ row: '1e400' })).toEqual({})
})

it('asks as the API takes it', () => {
  const asked = askedAudit(readAuditSearch({ q: '中', code: 'grant.changed', outcome: 'done', person: 'ada', object: 'gr_1', since: '2026-02-01' }))
  expect(asked).toEqual({ q: '中', code: 'grant.changed', outcome: 'done', operator: 'ada', object: 'gr_1', since: new Date(2026, 1, 1).toISOString() })
  expect(auditQuery.safeParse(asked).success).toBe(true)
  expect([isNarrowed({}), isNarrowed({ outcome: 'done' })]).toEqual([false, true])
})
