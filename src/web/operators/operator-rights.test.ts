import { describe, expect, it } from 'vitest'
import { whyNotDemote } from './operator-rights.ts'

const person = { id: 'op_1', role: 'admin', enabled: true } as const

describe('what cannot be done to a person', () => {
  it('is named before it is tried', () => {
    expect(whyNotDemote(person, 'op_2', 1)).toBe('last')
    expect(whyNotDemote(person, 'op_1', 1)).toBe('last')
    expect(whyNotDemote(person, 'op_1', 2)).toBe('own')
    expect(whyNotDemote(person, 'op_2', 2)).toBeUndefined()
    expect(whyNotDemote({ ...person, enabled: false }, 'op_2', 1)).toBeUndefined()
    expect(whyNotDemote({ ...person, role: 'member' }, 'op_2', 1)).toBeUndefined()
    expect(whyNotDemote(person, 'op_2', undefined)).toBeUndefined()
  })
})
