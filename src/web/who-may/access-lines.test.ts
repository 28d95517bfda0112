import { describe, expect, it } from 'vitest'
import type { ExplainItem } from '#wire/api/access.ts'
import { linesOf } from './access-lines.ts'

const item = (change: Partial<ExplainItem>): ExplainItem => ({
  operator: { id: 'op_1', username: 'alice', name: 'Alice' },
  asset: { id: 'as_1', name: 'db1' },
  account: 'root',
  action: 'shell',
  permitted: true,
  grants: [{ id: 'gr_1', name: 'DBA' }],
  near: [],
  ...change,
})

describe('the lines of an answer', () => {
  it('gather accounts that are reached by the same grants', () => {
    const items = [
      item({}),
      item({ account: 'postgres' }),
      item({ account: 'backup', grants: [{ id: 'gr_2', name: 'Backup' }] }),
      item({ asset: { id: 'as_2', name: 'web1' } }),
    ]
    expect(linesOf(items, 'person').map(({ name, accounts }) => [name, accounts])).toEqual([
      ['db1', ['root', 'postgres']],
      ['db1', ['backup']],
      ['web1', ['root']],
    ])
    expect(linesOf([item({}), item({ operator: { id: 'op_2', username: 'bob', name: 'Bob' } })], 'host').map(({ name }) => name)).toEqual(['Alice', 'Bob'])
  })

  it('leave out who may not, but not who only lacks a second factor', () => {
    const items = [item({ permitted: false, refusal: 'no_grant', grants: [] }), item({ permitted: false, refusal: 'second_factor_needed' })]
    expect(linesOf(items, 'person').map(({ secondFactor }) => secondFactor)).toEqual([true])
  })
})
