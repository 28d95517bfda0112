import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandRule, effectOf, matchesRule } from './command-rule.ts'

/** Tries everything: what the pattern means, read aloud. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const [head, rest] = [pattern[0], pattern.slice(1)]
  if (head === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)))
  return text !== '' && (head === '?' || head === text[0]) && naive(rest, text.slice(1))
}
const rule = (name: string, effect: 'deny' | 'notice', pattern: string, more: Partial<CommandRule> = {}): CommandRule => ({
  ...{ id: `ru_${name}`, name, match: 'pattern', pattern, effect, enabled: true, note: '' },
  ...more,
})

describe('rules about commands', () => {
  it('match as a matcher that tries everything does', () => {
    const texts = (of: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...Array.from(of)), maxLength })
    fc.assert(
      fc.property(texts('ab*?', 8), texts('ab*?', 10), (pattern, text) => {
        fc.pre(pattern !== '')
        expect(matchesRule({ match: 'pattern', pattern }, text)).toBe(naive(pattern, text))
        expect(matchesRule({ match: 'exact', pattern }, text)).toBe(pattern === text)
      }),
      { numRuns: 20_000 },
    )
  })

  it.each(['*a'.repeat(249), 'a*'.repeat(250), '*?'.repeat(250), `*${'?'.repeat(200)}b*`, `${'a?'.repeat(100)}*b`, `*${'a'.repeat(400)}b`])(
    'take their time with 100,000 characters, whatever the pattern: %.20s',
    (pattern) => {
      const text = 'a'.repeat(100_000)
      const began = process.cpuUsage()
      for (let count = 0; count < 5; count += 1) matchesRule({ match: 'pattern', pattern }, text)
      expect(process.cpuUsage(began).user).toBeLessThan(2_000_000)
    },
  )

  it('say deny first, and in a terminal only where the shell tells what it runs', () => {
    const rules = [rule('look', 'notice', '*rm*'), rule('never', 'deny', 'rm -rf *'), rule('off', 'deny', '*', { enabled: false })]
    expect(effectOf(rules, 'rm -rf /', { kind: 'exec', hasIntegration: false })).toEqual({ effect: 'deny', rule: 'never' })
    expect(effectOf(rules, 'rm -rf /', { kind: 'pty', hasIntegration: true })).toEqual({ effect: 'deny', rule: 'never' })
    expect(effectOf(rules, 'rm -rf /', { kind: 'pty', hasIntegration: false })).toEqual({ effect: 'notice', rule: 'look' })
    expect(effectOf(rules.slice(1), 'rm -rf /', { kind: 'pty', hasIntegration: false })).toEqual({ effect: 'notice', rule: 'never' })
    expect(effectOf(rules, 'ls', { kind: 'scp', hasIntegration: false })).toBeUndefined()
  })
})

describe('a part of a pattern with many places', () => {
  it.each([31, 32, 33, 63, 64, 65, 400])('is found wherever it begins, %i characters long', (length) => {
    const part = `?${'ab'.repeat(length).slice(0, length - 2)}?`
    const text = `aab${part.replaceAll('?', 'z')}bba`
    expect(matchesRule({ match: 'pattern', pattern: `*${part}*` }, text)).toBe(true)
    expect(matchesRule({ match: 'pattern', pattern: `*${part}bba*` }, text)).toBe(true)
    expect(matchesRule({ match: 'pattern', pattern: `*${part.slice(0, -2)}y?*` }, text)).toBe(false)
  })
})
