import { expect, it } from 'vitest'
import { commandsQuery } from '#wire/api/audit.ts'
import { askedCommands, isNarrowed, momentOf, readCommandsSearch } from './commands-search.ts'

it('takes from an address what fits, and leaves the rest out', () => {
  const whole = {
    q: 'rm',
    sort: '-at',
    host: 'web1',
    person: 'ada',
    session: 'se_1',
    verdict: 'denied',
    since: '2026-02-01',
    until: '2026-02-02',
    play: 'se_1',
    view: 'rules',
  }
  expect(readCommandsSearch({ ...whole, at: '12.5' })).toEqual({ ...whole, at: 12.5 })
  expect(readCommandsSearch({ verdict: 'allowed', sort: 'text', host: 'x'.repeat(301), since: '2026-02-30', at: '4', view: 'x', session: '' })).toEqual({})
})

it('asks as the API takes it', () => {
  const asked = askedCommands(readCommandsSearch({ q: 'rm -rf', host: 'web1', person: 'ada', session: 'se_1', verdict: 'noticed', until: '2026-02-02' }))
  expect(asked).toEqual({ q: 'rm -rf', asset: 'web1', operator: 'ada', session: 'se_1', verdict: 'noticed', until: new Date(2026, 1, 3).toISOString() })
  expect(commandsQuery.safeParse(asked).success).toBe(true)
  expect([isNarrowed({}), isNarrowed({ session: 'se_1' })]).toEqual([false, true])
})

it('jumps to a second before the command, and to the beginning for the first', () => {
  expect([momentOf(10.57), momentOf(1), momentOf(0.2), momentOf(0)]).toEqual([9.5, undefined, undefined, undefined])
})
