import { describe, expect, it } from 'vitest'
import { Password } from '#domain/operator.ts'
import { makePassword } from './first-password.ts'

describe('a first password', () => {
  it('can be read aloud, is long enough, and is another each time', () => {
    const made = Array.from({ length: 200 }, () => makePassword())
    for (const one of made) {
      expect(one).toMatch(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){4}$/)
      expect(Password.safeParse(one).success).toBe(true)
    }
    expect(new Set(made).size).toBe(200)
  })

  it('uses every sign as often as any other: bytes that would not are left out', () => {
    const bytes = (value: number) => (into: Uint8Array) => into.fill(value)
    expect(makePassword(bytes(0))).toBe('aaaa-aaaa-aaaa-aaaa-aaaa')
    expect(makePassword(bytes(247))).toMatch(/^(9{4}-?){5}$/)
    expect(() => makePassword(bytes(248))).toThrow('randomness')
  })
})
