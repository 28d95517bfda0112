import { describe, expect, it } from 'vitest'
import { checkClaim } from './claim-form.ts'

describe('the claim form', () => {
  it('names each fault beside its field', () => {
    expect(checkClaim({ username: 'ada', password: 'a sentence is good', again: 'a sentence is good' })).toEqual({})
    expect(checkClaim({ username: 'a b', password: 'short', again: 'other' })).toEqual({ username: 'nameBad', password: 'short', again: 'mismatch' })
    expect(checkClaim({ username: 'menu', password: 'x'.repeat(257), again: 'x'.repeat(257) })).toEqual({ username: 'nameBad', password: 'long' })
  })
})
