import { describe, expect, it } from 'vitest'
import { nextSort, parseSearch, readListSearch, safeNext, shownRange, stringifySearch } from './list-search.ts'

describe('the state of a list in the address', () => {
  it('is read, and what does not fit is left out', () => {
    const columns = ['name', 'startedAt']
    expect(readListSearch({ q: 'web', sort: '-startedAt', page: '3', size: '100' }, columns)).toEqual({ q: 'web', sort: '-startedAt', page: 3, size: 100 })
    expect(readListSearch({ q: '', sort: 'password', page: '-1', size: '7' }, columns)).toEqual({})
    expect(readListSearch({ q: 'x'.repeat(300), page: '1', size: '50', sort: '--name' }, columns)).toEqual({ q: 'x'.repeat(200) })
  })
  it('goes to text and back', () => {
    const search = { q: '007 中文 & more', page: 2, sort: '-name', empty: '', gone: undefined }
    expect(parseSearch(stringifySearch(search))).toEqual({ q: '007 中文 & more', page: '2', sort: '-name' })
    expect(stringifySearch({})).toBe('')
  })
  it('sorts up, down and not', () => {
    expect([nextSort(undefined, 'a'), nextSort('a', 'a'), nextSort('-a', 'a'), nextSort('b', 'a')]).toEqual(['a', '-a', undefined, 'a'])
    // The usual column has no third state, and its usual direction is not written down.
    expect([nextSort(undefined, 'a', '-a'), nextSort('a', 'a', '-a'), nextSort(undefined, 'b', '-a')]).toEqual(['a', undefined, 'b'])
    expect([nextSort(undefined, 'a', 'a'), nextSort('-a', 'a', 'a')]).toEqual(['-a', undefined])
  })
  it('counts what is shown', () => {
    expect(shownRange(3, 25, 7, 57)).toEqual({ from: 51, to: 57 })
    expect(shownRange(1, 25, 0, 0)).toBeUndefined()
  })
  it('never leaves the site after signing in (WEB-13)', () => {
    for (const evil of ['//evil.example', '/\\evil', 'data:text/html,x', 'https://evil', '', undefined, '/a\nb', '/sign-in?next=/sign-in'])
      expect(safeNext(evil)).toBe('/hosts')
    expect(safeNext('/sessions?state=ended')).toBe('/sessions?state=ended')
  })
})
