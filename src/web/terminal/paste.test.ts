import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanPaste, controlOf, entersLines, pastedLines } from './paste.ts'

describe('pasting', () => {
  it('loses marks that would end a bracketed paste', () => {
    expect(cleanPaste('a\u001b[201~rm -rf /\n')).toBe('arm -rf /\n')
    expect(cleanPaste('a\u009b201~b\u001b[200~c')).toBe('abc')
    expect(cleanPaste('\u001b[2\u001b[201~01~x')).toBe('x')
    expect(cleanPaste('\u001b[31mred\u001b[0m 中文 😀')).toBe('\u001b[31mred\u001b[0m 中文 😀')
  })
  it('never leaves a mark, whatever is pasted', () => {
    const piece = fc.constantFrom('\u001b[', '\u009b', '20', '201~', '1~', '0', '~', '\u001b[201~', 'x', '\n')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const clean = cleanPaste(pieces.join(''))
        expect(clean).not.toContain('\u001b[201~')
        expect(clean).not.toContain('\u009b201~')
      }),
    )
  })
  it('counts lines as the host will', () => {
    expect([pastedLines('ls'), pastedLines('ls\n'), pastedLines('a\r\nb'), pastedLines('a\rb\rc')]).toEqual([1, 1, 2, 3])
    expect([entersLines('ls'), entersLines('ls\n')]).toEqual([false, true])
  })
  it('knows the control characters', () => {
    expect([controlOf('c'), controlOf('C'), controlOf('['), controlOf(' '), controlOf('1'), controlOf('中'), controlOf('ab')]).toEqual([
      '\u0003',
      '\u0003',
      '\u001b',
      '\u0000',
      undefined,
      undefined,
      undefined,
    ])
  })
})
