import { expect, it } from 'vitest'
import { stateOf, tidyNumber } from './approval-state.ts'

it('is over once its time has passed, unless it was decided before', () => {
  const expiresAt = '2026-11-21T10:00:00Z'
  const at = Date.parse(expiresAt)
  expect(stateOf({ state: 'waiting', expiresAt }, at - 1)).toBe('waiting')
  expect(stateOf({ state: 'waiting', expiresAt }, at)).toBe('over')
  expect(stateOf({ state: 'approved', expiresAt }, at + 1)).toBe('approved')
})

it('takes a number as terminals show it and as people type it', () => {
  expect(tidyNumber(' 482 913 ')).toBe('482913')
  expect(tidyNumber('４８２-９１３')).toBe('482913')
  expect(tidyNumber('number: 42!')).toBe('42')
  expect(tidyNumber('1'.repeat(30))).toHaveLength(10)
})
