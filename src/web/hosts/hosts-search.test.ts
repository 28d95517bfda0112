import { describe, expect, it } from 'vitest'
import { hostsQuery, isNarrowed, readHostsSearch, withTag } from './hosts-search.ts'

describe('the list of hosts in the address', () => {
  it('keeps what it knows and drops what it does not', () => {
    const search = readHostsSearch({
      q: 'db',
      tag: 'prod,数据库',
      favourite: 'true',
      recent: '1',
      key: 'changed',
      reach: 'maybe',
      sort: '-reach',
      host: 'new',
      evil: 'x',
    })
    expect(search).toEqual({ q: 'db', tag: 'prod,数据库', favourite: 'true', key: 'changed', sort: '-reach', host: 'new' })
    expect(hostsQuery(search)).toEqual({ q: 'db', tag: 'prod,数据库', favourite: 'true', key: 'changed', sort: '-reach', page: 1, size: 50 })
    expect(hostsQuery(readHostsSearch({ sort: 'password' })).sort).toBe('name')
    expect(readHostsSearch({ tag: 'x'.repeat(501), credential: 'y'.repeat(61) })).toEqual({})
  })
  it('knows whether it is narrowed by more than words', () => {
    expect([isNarrowed({}), isNarrowed(readHostsSearch({ q: 'a', page: '3', host: 'new' })), isNarrowed({ reach: 'unknown' })]).toEqual([false, false, true])
  })
  it('puts tags in and takes them out', () => {
    expect(withTag({}, 'a')).toBe('a')
    expect(withTag({ tag: 'a' }, 'b')).toBe('a,b')
    expect(withTag({ tag: 'a,b' }, 'a')).toBe('b')
    expect(withTag({ tag: 'a' }, 'a')).toBeUndefined()
  })
})
