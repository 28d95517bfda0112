import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { heardAnswer, heardFailure, isAway, subscribeAway } from './reach.ts'

describe('being out of reach', () => {
  it('is said once when nobody answers and taken back at the next answer', () => {
    const told: boolean[] = []
    const stop = subscribeAway(() => told.push(isAway()))
    heardFailure(new Failure('control_unreachable', ''))
    heardFailure(new Failure('gateway_unavailable', ''))
    heardAnswer()
    heardAnswer()
    stop()
    heardFailure(new Failure('control_unreachable', ''))
    heardAnswer()
    expect(told).toEqual([true, false])
  })

  it('is over with a refusal, which is an answer', () => {
    heardFailure(new Failure('control_unreachable', ''))
    heardFailure(new Failure('forbidden', ''))
    expect(isAway()).toBe(false)
  })
})
