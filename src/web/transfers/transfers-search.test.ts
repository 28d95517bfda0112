import { expect, it } from 'vitest'
import { askedTransfers, isNarrowed, momentOf, readTransfersSearch } from './transfers-search.ts'

it('reads what an address carries, and leaves out what does not fit', () => {
  const sha256 = 'a'.repeat(64)
  const good = {
    q: 'x',
    host: 'web1',
    person: 'alice',
    session: 'se_1',
    direction: 'upload',
    way: 'rz',
    outcome: 'refused',
    verified: 'read-back',
    sha256,
    since: '2026-11-21',
  }
  expect(readTransfersSearch({ ...good, play: 'se_1', at: '12.5' })).toEqual({ ...good, play: 'se_1', at: 12.5 })
  const bad = { direction: 'sideways', way: 'ftp', outcome: 1, verified: ['host'], sha256: 'A'.repeat(64), since: 'today', host: 'x'.repeat(301), at: 5 }
  expect(readTransfersSearch(bad)).toEqual({})
})

it('asks the API by its own names', () => {
  const asked = askedTransfers(readTransfersSearch({ host: 'web1', person: 'alice', way: 'sftp', since: '2026-11-21' }))
  expect(asked).toMatchObject({ asset: 'web1', operator: 'alice', way: 'sftp', since: expect.stringContaining('2026-11-2') })
  expect(asked).not.toHaveProperty('host')
  expect([isNarrowed({ way: 'sftp' }), isNarrowed({})]).toEqual([true, false])
})

it('jumps to a second before a file began', () => {
  expect([momentOf(undefined), momentOf(900), momentOf(61_290)]).toEqual([undefined, undefined, 60.2])
})
