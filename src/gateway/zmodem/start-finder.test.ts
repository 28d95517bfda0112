import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from './frame.ts'
import { hexHeader } from './header-writer.ts'
import { type Found, StartFinder } from './start-finder.ts'

const zrqinit = Buffer.from(hexHeader(Frame.ZRQINIT))
const zrinit = Buffer.from(hexHeader(Frame.ZRINIT, 0x23000000))
const escape = '\u001b'
const bytes = (...parts: (string | Uint8Array)[]) => Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)))

/** All that is passed, and what is found first; what is held in the end is flushed. */
function push(...chunks: Uint8Array[]) {
  const passed: Buffer[] = []
  const finder = new StartFinder((some) => passed.push(Buffer.from(some)))
  let found: Found | undefined
  for (const chunk of chunks) {
    if (!found) found = finder.push(chunk)
    else found = { ...found, rest: Buffer.concat([found.rest, chunk]) }
  }
  finder.flush()
  expect(finder.isHolding).toBe(false)
  return { passed: Buffer.concat(passed).toString('latin1'), kind: found?.kind, rest: found && Buffer.from(found.rest).toString('latin1') }
}
describe('the start of a transfer', () => {
  test('is found anywhere in a chunk, with what stands behind it given back', () => {
    expect(push(bytes('$ sz x\r\nrz\r', zrqinit, 'behind'))).toMatchObject({ kind: 'sz', passed: '$ sz x\r\nrz\r', rest: 'behind' })
    expect(push(bytes('rz waiting to receive.', zrinit))).toMatchObject({ kind: 'rz', passed: 'rz waiting to receive.', rest: '' })
    expect(push(bytes('***', zrinit, zrqinit))).toMatchObject({ kind: 'rz', passed: '***', rest: zrqinit.toString('latin1') })
  })
  test('is found wherever it is cut, in two and byte by byte', () => {
    const output = bytes('a*b\u0018c\r', zrqinit, '$ ')
    for (let at = 0; at <= output.length; at += 1) {
      const found = push(output.subarray(0, at), output.subarray(at))
      expect(found.kind, String(at)).toBe('sz')
      expect(found.passed.replace(/\*{0,2}$/, '')).toBe('a*b\u0018c\r')
      // What of the header's line end comes later is the engine's to skip.
      expect(['$ ', '\u0011$ ', '\u008a\u0011$ ', '\r\u008a\u0011$ ']).toContain(found.rest)
    }
    expect(push(...[...output].map((byte) => Uint8Array.of(byte))).kind).toBe('sz')
  })
  test('needs a right checksum, two pads, and to be one of the two', () => {
    const wrong = Buffer.from(zrqinit)
    wrong[10] = 0x31
    for (const none of [wrong, zrqinit.subarray(1), bytes('*x', zrqinit.subarray(2)), hexHeader(Frame.ZFIN), hexHeader(Frame.ZRPOS, 5)]) {
      const output = bytes('a', none, 'b')
      expect(push(output)).toMatchObject({ kind: undefined, passed: output.toString('latin1') })
    }
  })
  test('holds nothing back of what cannot be one, and 15 bytes at most of what can', () => {
    const passed: number[] = []
    const finder = new StartFinder((some) => passed.push(...some))
    for (const plain of ['*', '**', 'x\u0018', '**\u0018A', '**\u0018B02', '**\u0018B00g', ':', '::TRZSZ:TRANSFER:S']) {
      finder.push(Buffer.from(plain))
      expect(finder.isHolding, plain).toBe(false)
    }
    const before = passed.length
    finder.push(zrqinit.subarray(0, 17))
    expect(finder.isHolding).toBe(true)
    expect(passed.length).toBe(before + 2)
    finder.flush()
    expect(finder.isHolding).toBe(false)
    expect(passed.length).toBe(before + 17)
  })
  test('is not looked for in titles, links, images and the like', () => {
    for (const [open, close] of [
      [']0;', '\u0007'],
      [']52;c;', `${escape}\\`],
      ['Pq', `${escape}\\`],
      ['_', `${escape}\\`],
      ['^', `${escape}\\`],
      ['X', `${escape}\\`],
    ] as const) {
      const within = bytes('$ ', escape, open, zrqinit, close, 'x')
      for (let at = 0; at <= within.length; at += 1) {
        expect(push(within.subarray(0, at), within.subarray(at)), `${open} ${at}`).toMatchObject({ kind: undefined, passed: within.toString('latin1') })
      }
      expect(push(bytes(escape, open, 'title', close, zrqinit)).kind).toBe('sz')
      expect(push(bytes(escape, open, 'title'), bytes(close), zrqinit).kind).toBe('sz')
    }
    expect(push(bytes(`${escape}]0;title${escape}[31m`, zrqinit)).kind).toBe('sz')
  })
  test('is looked for again behind a string that does not end', () => {
    const finder = new StartFinder(() => undefined)
    finder.push(bytes(escape, ']0;'))
    for (let at = 0; at < 5; at += 1) finder.push(new Uint8Array(64 * 1024).fill(0x61))
    expect(finder.push(zrqinit)?.kind).toBe('sz')
  })
  test('passes everything else, unchanged and in order', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom<Uint8Array>(zrqinit.subarray(0, 9), zrqinit.subarray(2, 12), Buffer.from('::TRZSZ:'), Buffer.from(`${escape}]`)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (chunks) => {
        const found = push(...chunks)
        if (found.kind === undefined) expect(found.passed).toBe(Buffer.concat(chunks).toString('latin1'))
      }),
    )
  })
})

describe('the marker of trzsz', () => {
  const output = bytes('\u001b7\u0007::TRZSZ:TRANSFER:R:1.1.6:0001\r\n')
  test('is found wherever it is cut, and goes to the terminal', () => {
    for (let at = 0; at <= output.length; at += 1) {
      const found = push(output.subarray(0, at), output.subarray(at))
      expect(found.kind, String(at)).toBe('trzsz')
      expect(found.passed + (found.rest ?? '')).toBe(output.toString('latin1'))
    }
    expect(push(...[...output].map((byte) => Uint8Array.of(byte))).kind).toBe('trzsz')
  })
  test('needs its letter and its numbers', () => {
    for (const none of ['::TRZSZ:TRANSFER:X:1.1.6', '::TRZSZ:TRANSFER:R:1.1', '::trzsz:transfer:R:1.1.6'])
      expect(push(Buffer.from(`${none}\r\n`)).kind).toBeUndefined()
  })
})
