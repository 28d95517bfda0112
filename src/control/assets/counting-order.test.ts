import { describe, expect, it } from 'vitest'
import { countingKey, readSort, sortRows, type Value } from './counting-order.ts'

describe('the order of names', () => {
  it('counts numbers by their value and forgets case, as people do', () => {
    const names = ['web10', 'Web9', 'web2', 'db', 'WEB1', 'web1a', '10.0.0.10', '10.0.0.9', '数据库2', '数据库10', 'web002x']
    const sorted = names.toSorted((left, right) => (countingKey(left) < countingKey(right) ? -1 : 1))
    expect(sorted).toEqual(['10.0.0.9', '10.0.0.10', 'db', 'WEB1', 'web1a', 'web2', 'web002x', 'Web9', 'web10', '数据库2', '数据库10'])
  })

  it('puts what has no value last in both directions, and equals by name', () => {
    const row = (id: string, value: Value) => ({ id, value, name: id })
    const rows = () => [row('d', null), row('b', 2), row('c', 2), row('a', null), row('e', 1)]
    expect(sortRows(rows(), 1).map(({ id }) => id)).toEqual(['e', 'b', 'c', 'a', 'd'])
    expect(sortRows(rows(), -1).map(({ id }) => id)).toEqual(['b', 'c', 'e', 'a', 'd'])
  })

  it('reads a sort with its direction', () => {
    expect(readSort<'name'>('name')).toEqual(['name', 1])
    expect(readSort<'name'>('-name')).toEqual(['name', -1])
  })
})
