import { expect, test } from 'vitest'
import { crc16, crc32, crc32More } from './crc.ts'

const check = Buffer.from('123456789')

test('has the published check values', () => {
  expect(crc16(check, 0, 9)).toBe(0x31c3)
  expect(crc32(check, 0, 9)).toBe(0xcbf43926)
})
test('goes on from a part', () => {
  expect(crc16(check, 4, 9, crc16(check, 0, 4))).toBe(0x31c3)
  expect(crc32More(crc32(check, 0, 8), check[8] ?? 0)).toBe(0xcbf43926)
})
