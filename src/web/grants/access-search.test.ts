import { describe, expect, it } from 'vitest'
import { readGrantsSearch, readGroupsSearch, readOperatorsSearch, readWhoMaySearch } from './access-search.ts'

describe('the addresses of the pages about access', () => {
  it('carry filters, the open form and the question', () => {
    expect(readOperatorsSearch({ q: 'a', sort: '-lastSignInAt', role: 'auditor', enabled: 'false', group: 'gp_1', edit: 'new' })).toEqual({
      ...{ q: 'a', sort: '-lastSignInAt', role: 'auditor', enabled: 'false', group: 'gp_1', edit: 'new' },
    })
    expect(readGroupsSearch({ sort: 'name', edit: 'gp_1' })).toEqual({ sort: 'name', edit: 'gp_1' })
    expect(readGrantsSearch({ operator: 'op_1', asset: 'as_1', edit: 'new', copy: 'gr_1' })).toEqual({
      operator: 'op_1',
      asset: 'as_1',
      edit: 'new',
      copy: 'gr_1',
    })
    expect(readWhoMaySearch({ operator: 'alice', asset: 'db1', action: 'exec', at: '2026-12-03T09:00' })).toEqual({
      ...{ operator: 'alice', asset: 'db1', action: 'exec', at: '2026-12-03T09:00' },
    })
  })

  it('open without what does not fit', () => {
    expect(readOperatorsSearch({ sort: 'password', role: 'root', enabled: 'maybe', group: 'x'.repeat(61), edit: 7 })).toEqual({})
    expect(readGrantsSearch({ operator: ['a'], asset: '' })).toEqual({})
    expect(readWhoMaySearch({ action: 'administer', operator: 'x'.repeat(101) })).toEqual({})
  })
})
