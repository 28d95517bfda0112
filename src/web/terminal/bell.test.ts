import { expect, it } from 'vitest'
import { BellLimit } from './bell.ts'

it('rings at most once a second, however often the host asks', () => {
  const limit = new BellLimit()
  let rings = 0
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) if (limit.mayRing(nowMs)) rings++
  expect(rings).toBe(10)
})
