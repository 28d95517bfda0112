import { describe, expect, it } from 'vitest'
import { lines, oneLine, sentence } from './shown-text.ts'

/** What does something in a terminal, in a log or to the order of letters. */
const acting = ['\u0000', '\u0007', '\u001b[2J', '\u007f', '\u009b31m', '\u2028', '\u2029', '\u061c', '\u200e', '\u202e', '\u2066']

describe('text that people read', () => {
  it.each(acting)('holds none of %j in any field (AUD-09)', (text) => {
    for (const schema of [oneLine(100), sentence(100), lines(100)]) expect(schema.safeParse(`a${text}b`).success).toBe(false)
  })

  it('is a name in one line, whatever its language', () => {
    expect(oneLine(20).parse('  张伟 👩‍🚀 عمر  ')).toBe('张伟 👩‍🚀 عمر')
    for (const text of ['a\nb', 'a\rb', 'a\tb', '', '   ', 'x'.repeat(21)]) expect(oneLine(20).safeParse(text).success).toBe(false)
  })

  it('is a sentence in one line, however it was typed', () => {
    expect(sentence(20).parse(' disk\r\nis\n\nfull ')).toBe('disk is full')
    for (const text of ['', '\r\n', 'x'.repeat(21)]) expect(sentence(20).safeParse(text).success).toBe(false)
  })

  it('is a note with its lines', () => {
    expect(lines(20).parse('one\r\ntwo\rthree\n\tx')).toBe('one\ntwo\nthree\n\tx')
    expect(lines(20).parse('')).toBe('')
    expect(lines(20).safeParse('x'.repeat(21)).success).toBe(false)
  })

  it('is judged at once, however long it is (WEB-16)', () => {
    const from = performance.now()
    for (const text of ['\r\n'.repeat(50_000), ' '.repeat(100_000), `${'a\t'.repeat(50_000)}\u0000`])
      for (const schema of [oneLine(100), sentence(100), lines(100)]) schema.safeParse(text)
    expect(performance.now() - from).toBeLessThan(200)
  })
})
