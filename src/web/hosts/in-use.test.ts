import { expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { hostsInTheWay } from './in-use.ts'

it('finds the hosts that a refusal names, and trusts nothing else in it', () => {
  const refusal = (detail: Record<string, unknown>) => new Failure('conflict', '', { detail })
  expect(hostsInTheWay(refusal({ hosts: ['a', 'b'], count: 7 }))).toEqual({ hosts: ['a', 'b'], count: 7 })
  expect(hostsInTheWay(refusal({ hosts: ['a', 3, null], count: 'many' }))).toEqual({ hosts: ['a'], count: 1 })
  expect([refusal({}), refusal({ hosts: 'a' }), refusal({ hosts: [] }), new Failure('internal', '', { detail: { hosts: ['a'] } })].map(hostsInTheWay)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
