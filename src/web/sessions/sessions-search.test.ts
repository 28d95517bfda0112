import { expect, it } from 'vitest'
import { askedFilters, csvQuery, isFiltered, readRecordingsSearch, readSessionsSearch } from './sessions-search.ts'

it('takes from an address what fits, and leaves the rest out', () => {
  const whole = {
    q: 'x',
    sort: '-seconds',
    host: 'web1',
    person: 'ada',
    kind: 'sftp',
    door: 'ssh',
    reason: 'idle',
    since: '2026-02-01',
    until: '2026-02-28',
    play: 'se_1',
    at: '12.5',
    state: 'ended',
  }
  expect(readSessionsSearch(whole)).toEqual({ ...whole, at: 12.5 })
  expect(readRecordingsSearch({ ...whole, state: 'ended' })).not.toHaveProperty('state')
  expect(
    readSessionsSearch({
      state: 'dead',
      reason: 'bored',
      kind: 'telnet',
      door: 'back',
      since: '2026-02-30',
      until: 'today',
      at: '5',
      host: '',
      person: 'x'.repeat(101),
      sort: 'password',
    }),
  ).toEqual({})
  expect(readSessionsSearch({ play: 'se_1', at: '-3' })).toEqual({ play: 'se_1' })
})

it('asks for whole days where the person is', () => {
  const asked = askedFilters({ host: 'web1', since: '2026-03-28', until: '2026-03-29', reason: 'idle', kind: 'exec', door: 'ssh' })
  expect(asked).toEqual({
    asset: 'web1',
    kind: 'exec',
    door: 'ssh',
    endReason: 'idle',
    since: new Date(2026, 2, 28).toISOString(),
    until: new Date(2026, 2, 30).toISOString(),
  })
  expect(csvQuery({ ...asked, state: 'ended', recorded: true, q: undefined })).toBe(
    new URLSearchParams({ ...asked, state: 'ended', recorded: 'true' } as never).toString(),
  )
  expect([isFiltered({}), isFiltered({ person: 'ada' })]).toEqual([false, true])
})
