import { describe, expect, test } from 'vitest'
import { controlEscapes, usualEscapes } from './escaping.ts'
import { Frame, type Header } from './frame.ts'
import { HeaderReader } from './header-reader.ts'
import { hexHeader, maxHeaderBytes, writeBinaryHeader } from './header-writer.ts'

const read = (bytes: Uint8Array): (Header | 'bad')[] => {
  const reader = new HeaderReader()
  return [...bytes].map((byte) => reader.take(byte)).filter((found) => found !== undefined)
}
const binary = (type: number, value: number, hasCrc32: boolean, escapes = usualEscapes) => {
  const to = new Uint8Array(maxHeaderBytes)
  return to.slice(0, writeBinaryHeader(type, value, hasCrc32, escapes, to, 0))
}
const values = [0, 1, 0x23000000, 0x18111390, 0x0d0d0d0d, 0x7fff7fff, 0xffffffff, 0x98183102]

describe('a header', () => {
  test('in hex is byte for byte what lrzsz sends', () => {
    expect(Buffer.from(hexHeader(Frame.ZRQINIT)).toString('latin1')).toBe('**\u0018B00000000000000\r\u008a\u0011')
    expect(Buffer.from(hexHeader(Frame.ZRINIT, 0x23000000)).toString('latin1')).toBe('**\u0018B0100000023be50\r\u008a\u0011')
    expect(Buffer.from(hexHeader(Frame.ZFIN)).toString('latin1')).toBe('**\u0018B0800000000022d\r\u008a')
  })
  test.each(values)('with %d is read as it was written, in each kind', (value) => {
    expect(read(hexHeader(Frame.ZRPOS, value))).toEqual([{ kind: 'hex', type: Frame.ZRPOS, value }])
    for (const escapes of [usualEscapes, controlEscapes]) {
      // 13 is CR.
      for (const type of [Frame.ZDATA, Frame.ZCRC]) {
        expect(read(binary(type, value, true, escapes))).toEqual([{ kind: 'bin32', type, value }])
        expect(read(binary(type, value, false, escapes))).toEqual([{ kind: 'bin16', type, value }])
      }
    }
  })
  test('is found behind anything, and with digits in capitals and an eighth bit', () => {
    const odd = Buffer.from(hexHeader(Frame.ZRPOS, 0xabcdef).map((byte, at) => (at > 3 && byte >= 0x61 ? (byte - 32) | 0x80 : byte)))
    expect(read(Buffer.concat([Buffer.from('*x**\u0018*y***'), odd]))).toEqual([{ kind: 'hex', type: Frame.ZRPOS, value: 0xabcdef }])
  })
  test('passes over flow control that the line put in', () => {
    const bytes = [...binary(Frame.ZDATA, 5, true)]
    bytes.splice(5, 0, 0x11, 0x93, 0x13, 0x91)
    expect(read(Uint8Array.from(bytes))).toEqual([{ kind: 'bin32', type: Frame.ZDATA, value: 5 }])
  })
  test.each([hexHeader(Frame.ZRPOS, 77), binary(Frame.ZDATA, 77, true), binary(Frame.ZDATA, 77, false)])('with one bit wrong is never another', (bytes) => {
    const right = read(bytes)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const wrong = Uint8Array.from(bytes)
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      for (const found of read(wrong)) expect([...right, 'bad']).toContainEqual(found)
    }
  })
  test('takes its line end with it, and no more', () => {
    const ends: [number, string, number][] = [
      [Frame.ZRINIT, '\r\n\u0011$', 3],
      [Frame.ZRINIT, '\r\u008a$', 2],
      [Frame.ZRINIT, '$ \r\n', 0],
      [Frame.ZRINIT, '\n\r\n', 1],
      [Frame.ZFIN, '\r\n\u0011', 2],
    ]
    for (const [type, behind, length] of ends) {
      const reader = new HeaderReader()
      for (const byte of hexHeader(type).subarray(0, 18)) reader.take(byte)
      expect(reader.skipTrailer(Buffer.from(behind, 'latin1'), 0), JSON.stringify(behind)).toBe(length)
    }
  })
})
