import { describe, expect, it } from 'vitest'
import { refusalOf, type RuleState } from './role-rules.ts'

const state = (part: Partial<RuleState> = {}): RuleState => ({
  isHandshaken: true,
  hasAskedForAuth: true,
  services: 0,
  extInfos: 0,
  rekeys: { sinceMs: performance.now(), count: 0 },
  isSwamped: () => false,
  ...part,
})
const allowed = (rules: () => RuleState, isAuthenticated: boolean) =>
  Array.from({ length: 256 }, (_, type) => type).filter((type) => refusalOf(type, rules(), isAuthenticated) === undefined)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
// Numbers above the assigned ones are ignored by the engine.
const unknown = range(101, 255)

describe('what a host may send', () => {
  it('before the keys are agreed: general messages and the key exchange', () => {
    expect(allowed(() => state({ isHandshaken: false }), false)).toEqual([1, 2, 3, 4, 7, 20, 21, ...range(30, 49)])
  })
  it('before anything was asked: no verdict about a sign-in', () => {
    expect(allowed(() => state({ hasAskedForAuth: false }), false)).toEqual([1, 2, 3, 4, 6, 7, 20, 21, ...range(30, 49), 53, ...unknown])
  })
  it('while signing in: its verdicts and prompts, no channels', () => {
    expect(allowed(() => state(), false)).toEqual([1, 2, 3, 4, 6, 7, 20, 21, ...range(30, 49), 51, 52, 53, 60, ...unknown])
  })
  it('after signing in: channels, and never again a verdict that would make us send a credential', () => {
    expect(allowed(() => state(), true)).toEqual([1, 2, 3, 4, 6, 7, 20, 21, ...range(30, 49), ...range(80, 100), ...unknown])
  })
  it('accepts a service once and extensions twice', () => {
    const rules = state()
    expect([6, 6, 7, 7, 7].map((type) => refusalOf(type, rules, false) === undefined)).toEqual([true, false, true, true, false])
  })
  it('may ask for new keys as often as it sends data, and not without', () => {
    const rules = state()
    for (let at = 0; at < 1000; at++) {
      expect(refusalOf(20, rules, true)).toBeUndefined()
      refusalOf(94, rules, true)
    }
    const idle = Array.from({ length: 32 }, () => refusalOf(20, rules, true))
    expect(idle.filter((refusal) => refusal !== undefined)).toHaveLength(2)
  })
})
