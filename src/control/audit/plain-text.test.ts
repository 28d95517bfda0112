import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { maxDetailBytes, plainJson, plainText } from './plain-text.ts'

/** No control byte, no line break of any kind, nothing that reorders letters. */
const isPlain = (text: string) =>
  !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text.replaceAll(/[\u00ad\u0600-\u0605\u06dd\u070f\u0890-\u0891\u08e2\u180e]|[\u{10000}-\u{10ffff}]/gu, ''))

describe('text for the ledger', () => {
  it.each([
    ['line breaks', 'a\r\nb', 'a\\u000d\\u000ab'],
    ['ANSI sequences', '\u001b[31mred\u009b0m', '\\u001b[31mred\\u009b0m'],
    ['zero bytes', 'a\u0000b', 'a\\u0000b'],
    ['overrides of direction', 'exe.\u202etxt', 'exe.\\u202etxt'],
    ['line separators', 'a\u2028b', 'a\\u2028b'],
    ['half a character', 'a\ud800b', 'a\\ud800b'],
  ])('escapes %s', (_what, text, expected) => expect(plainText(text)).toBe(expected))

  it('leaves the letters of people alone', () => expect(plainText('Zoë 山田 🦀')).toBe('Zoë 山田 🦀'))

  it('says how much it cut', () => expect(plainText('x'.repeat(1_000_000))).toBe(`${'x'.repeat(1000)}… (999000 more)`))

  it('holds for any text', () => {
    expect(() => fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => isPlain(plainText(text))))).not.toThrow()
  })
})

describe('JSON for the ledger', () => {
  it('is the same value, in one line without control bytes', () => {
    const detail = { name: 'a\r\n\u001b[2J', list: [1, null, true, { fragment: '"},{"code":"forged"' }] }
    const json = plainJson(detail)
    expect(JSON.parse(json)).toEqual(detail)
    expect(isPlain(json)).toBe(true)
  })

  it('never holds a secret', () => expect(plainJson({ password: new Secret('hunter22222') })).toBe('{"password":"[secret]"}'))

  it('stays below 8 KiB, keeps what fits and says so', () => {
    const json = plainJson({
      first: 'x'.repeat(900),
      ...Object.fromEntries(Array.from({ length: 50 }, (_each, index) => [`k${index}`, 'y'.repeat(700)])),
      last: 1,
    })
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxDetailBytes)
    expect(JSON.parse(json)).toMatchObject({ cutShort: true, first: 'x'.repeat(900), last: 1 })
  })

  it('bounds depth and width', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 100; level += 1) deep = { deep }
    const json = plainJson({ deep, wide: Array.from({ length: 10_000 }, () => 1) })
    expect(json).not.toContain('bottom')
    expect(Buffer.byteLength(json)).toBeLessThan(1000)
  })

  it('holds for any value', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })), (detail) => {
          const json = plainJson(detail)
          JSON.parse(json)
          return isPlain(json) && Buffer.byteLength(json) <= maxDetailBytes
        }),
      ),
    ).not.toThrow()
  })
})
