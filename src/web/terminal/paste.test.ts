import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanPaste, controlOf, entersLines, hasUnseen, pastedLines, shownPaste } from './paste.ts'

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
  it('takes marks out that are nested a hundred thousand deep, in one pass', () => {
    const deep = 100_000
    const nested = `${'\u001b[2'.repeat(deep)}\u001b[201~${'01~'.repeat(deep)}`
    const begun = performance.now()
    expect(cleanPaste(`a${nested}b`)).toBe('ab')
    // A pass for each level would take minutes.
    expect(performance.now() - begun).toBeLessThan(5000)
  })
  it('shows what acts as a key and what cannot be seen', () => {
    expect([hasUnseen('ls\tx\r\n中文'), hasUnseen('ls\u0003'), hasUnseen('a\u202eb'), hasUnseen('\u009b')]).toEqual([false, true, true, true])
    expect(shownPaste('a\u001b[0m\u0003\u007f\n\u202eb', 100)).toBe('a␛[0m␃␡\n<202E>b')
    expect(shownPaste('abcdef', 3)).toBe('abc…')
  })
  it('counts lines as the host will', () => {
    expect([pastedLines('ls'), pastedLines('ls\n'), pastedLines('a\r\nb'), pastedLines('a\rb\rc'), pastedLines('a\r\n'), pastedLines('\n\n')]).toEqual([
      1, 1, 2, 3, 1, 2,
    ])
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
