import { expect, it } from 'vitest'
import { passwordFaults } from './password-faults.ts'

it('names each fault beside its field', () => {
  const good = { current: 'the old sentence', next: 'a sentence is good', again: 'a sentence is good' }
  expect(passwordFaults(good)).toEqual({})
  expect(passwordFaults({ current: '', next: 'short', again: 'other' })).toEqual({ current: 'missing', next: 'short', again: 'mismatch' })
  expect(passwordFaults({ ...good, next: good.current, again: good.current })).toEqual({ next: 'same' })
  expect(passwordFaults({ ...good, next: 'x'.repeat(257), again: 'x'.repeat(257) })).toEqual({ next: 'long' })
})
