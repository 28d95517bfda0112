import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { controlEscapes, usualEscapes, writeEscaped } from './escaping.ts'
import { SubpacketEnd } from './frame.ts'
import { maxSubpacketBytes, writeSubpacket } from './header-writer.ts'
import { mostSubpacketBytes, SubpacketReader } from './subpacket-reader.ts'

const lines = [true, false].flatMap((hasCrc32) => [usualEscapes, controlEscapes].map((escapes) => ({ hasCrc32, escapes })))
const write = (line: (typeof lines)[number], data: Uint8Array, end: number) => {
  const to = new Uint8Array(maxSubpacketBytes(data.length))
  return to.slice(0, writeSubpacket(line, data, 0, data.length, end, to, 0))
}
const read = (hasCrc32: boolean, ...chunks: Uint8Array[]) => {
  const reader = new SubpacketReader()
  reader.start(hasCrc32)
  const found: ({ bytes: number[]; end: number } | 'bad')[] = []
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at = reader.at) {
      const one = reader.read(chunk, at)
      if (one === 'bad') return [...found, one]
      if (one) found.push({ bytes: [...one.bytes], end: one.end })
    }
  }
  return found
}
const everyByte = Uint8Array.from({ length: 1024 }, (_, at) => (at < 512 ? at : (at * 7) >> 1))

describe('a subpacket', () => {
  test.each(Object.values(SubpacketEnd))('that ends with %d is read as it was written, on each kind of line', (end) => {
    for (const line of lines) {
      for (const data of [everyByte, Uint8Array.of(), Uint8Array.of(0x18), Buffer.from('@\r@\u008d\r')]) {
        expect(read(line.hasCrc32, write(line, data, end))).toEqual([{ bytes: [...data], end }])
      }
    }
  })
  test('is the same wherever it is cut, and with flow control put in anywhere', () => {
    for (const line of lines) {
      const bytes = write(line, everyByte.subarray(0, 300), SubpacketEnd.ZCRCW)
      const whole = [{ bytes: [...everyByte.subarray(0, 300)], end: SubpacketEnd.ZCRCW }]
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(read(line.hasCrc32, bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
        if (bytes[at - 1] !== 0x18) expect(read(line.hasCrc32, bytes.subarray(0, at), Uint8Array.of(0x11, 0x93), bytes.subarray(at))).toEqual(whole)
      }
    }
  })
  test('with one bit wrong is never taken for another', () => {
    for (const line of lines) {
      const data = everyByte.subarray(0, 60)
      const bytes = write(line, data, SubpacketEnd.ZCRCG)
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const wrong = Uint8Array.from(bytes)
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        for (const found of read(line.hasCrc32, wrong)) if (found !== 'bad') expect(found).toEqual({ bytes: [...data], end: SubpacketEnd.ZCRCG })
      }
    }
  })
  test('that does not end is wrong at 32 KiB, not kept', () => {
    const reader = new SubpacketReader()
    reader.start(true)
    expect(reader.read(new Uint8Array(mostSubpacketBytes), 0)).toBeUndefined()
    expect(reader.read(new Uint8Array(1), 0)).toBe('bad')
  })
  test('reads DEL and its like in their own form', () => {
    const to = new Uint8Array(8)
    expect(writeEscaped(controlEscapes, Uint8Array.of(0x7f, 0xff), 0, 2, to, 0)).toBe(4)
    expect([...to.subarray(0, 4)]).toEqual([0x18, 0x6c, 0x18, 0x6d])
  })
  test('holds no byte that lines swallow', () => {
    const forbidden = (escapes: Uint8Array) =>
      escapes === controlEscapes ? (byte: number) => (byte & 0x7f) < 0x20 && byte !== 0x18 : (byte: number) => [0x10, 0x11, 0x13].includes(byte & 0x7f)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(...lines), (data, line) => {
        const bytes = write(line, data, SubpacketEnd.ZCRCE)
        expect([...bytes].filter(forbidden(line.escapes))).toEqual([])
        expect(read(line.hasCrc32, bytes)).toEqual([{ bytes: [...data], end: SubpacketEnd.ZCRCE }])
      }),
    )
  })
})
