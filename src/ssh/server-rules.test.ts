import { describe, expect, it } from 'vitest'
import { isUnknownToServer, newServerRuleState, serverRefusalOf, type ServerRuleState } from './server-rules.ts'

const state = (part: Partial<ServerRuleState> = {}): ServerRuleState => ({ ...newServerRuleState(), isHandshaken: true, services: 1, ...part })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
/** What is handled; what means nothing is told so and does no harm. */
const handled = (part: () => Partial<ServerRuleState>) =>
  range(0, 255).filter((type) => !isUnknownToServer(type) && serverRefusalOf(type, state(part())) === undefined)

describe('what a client may send', () => {
  it('before the keys are agreed: general messages', () => {
    expect(handled(() => ({ isHandshaken: false, services: 0 }))).toEqual([1, 2, 3, 4])
  })
  it('before it asks for a service: that, extensions and new keys', () => {
    expect(handled(() => ({ services: 0 }))).toEqual([1, 2, 3, 4, 5, 7, 20])
  })
  it('while signing in: its part of it', () => {
    expect(handled(() => ({}))).toEqual([1, 2, 3, 4, 7, 20, 50, 61])
  })
  it('after signing in: channels, and no service', () => {
    expect(handled(() => ({ isSignedIn: true }))).toEqual([1, 2, 3, 4, 7, 20, 50, 61, 80, 81, 82, ...range(90, 100)])
  })
  it('of what means nothing here: everything that is nobody’s and comes in its time', () => {
    const told = (part: Partial<ServerRuleState>) => range(0, 255).filter((type) => isUnknownToServer(type) && serverRefusalOf(type, state(part)) === undefined)
    const between = [0, ...range(8, 19), ...range(22, 29), ...range(54, 59), ...range(62, 79)]
    expect(told({})).toEqual([...between, ...range(128, 255)])
    expect(told({ isSignedIn: true })).toEqual([...between, ...range(83, 89), ...range(101, 255)])
  })
  it('may ask for new keys as often as it sends data, and not without', () => {
    const rules = state({ isSignedIn: true })
    for (let at = 0; at < 1000; at++) {
      expect(serverRefusalOf(20, rules)).toBeUndefined()
      serverRefusalOf(94, rules)
    }
    const idle = Array.from({ length: 32 }, () => serverRefusalOf(20, rules))
    expect(idle.filter((refusal) => refusal !== undefined)).toHaveLength(2)
  })
})
