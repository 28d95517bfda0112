import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeJson, maxEscapeBytes, mostPerByte } from './json-escape.ts'

const room = Buffer.alloc(maxEscapeBytes * mostPerByte + 16, 0xaa)
function escaped(text: string, at = 3): string {
  const length = escapeJson(Buffer.from(text), room, at)
  return room.toString('utf8', at, at + length)
}
const wanted = (text: string) => JSON.stringify(text).slice(1, -1)

describe('text between the quotes of JSON', () => {
  it('is what JSON.stringify writes, of every byte at every place of sixteen', () => {
    for (let code = 0; code < 0x100; code += 1)
      for (let before = 0; before < 18; before += 1) {
        const text = 'x'.repeat(before) + String.fromCharCode(code)
        for (const each of [text, `${text}y`, `${text}${text}`]) expect(escaped(each)).toBe(wanted(each))
      }
  })

  it('is what JSON.stringify writes, of any text', () => {
    const char = fc.oneof(
      fc.constantFrom('\u001b', '"', '\\', '\r', '\n', '\u007f', '\u2028', '漢', '🎉'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    )
    fc.assert(
      fc.property(fc.array(char, { maxLength: 300 }), (chars) => {
        expect(escaped(chars.join(''))).toBe(wanted(chars.join('')))
      }),
    )
  })

  it('takes 32 KiB of which every byte becomes six, and no more', () => {
    const most = '\u001b'.repeat(maxEscapeBytes)
    expect(escaped(most, 0)).toBe(wanted(most))
    // What was there before the longest text is not seen by the next.
    expect(escaped('short', 0)).toBe('short')
    expect(escaped('', 0)).toBe('')
    expect(() => escapeJson(Buffer.alloc(maxEscapeBytes + 1), room, 0)).toThrow(RangeError)
  })

  it('writes nothing but what it says', () => {
    room.fill(0xaa)
    const length = escapeJson(Buffer.from('a"b'), room, 5)
    expect(length).toBe(4)
    expect([...room.subarray(0, 5), ...room.subarray(9, 40)].every((byte) => byte === 0xaa)).toBe(true)
  })
})
