import { expect, it } from 'vitest'
import { isAscii } from './ascii.ts'

it('finds a byte that is none, wherever it stands and wherever the bytes begin', () => {
  const memory = new Uint8Array(64).fill(0x41)
  for (let from = 0; from < 9; from += 1) {
    for (let to = from; to < 40; to += 1) {
      const bytes = memory.subarray(from, to)
      expect(isAscii(bytes)).toBe(true)
      for (let at = from; at < to; at += 1) {
        memory[at] = at % 2 === 0 ? 0x80 : 0xff
        expect(isAscii(bytes), `${at} of ${from} to ${to}`).toBe(false)
        memory[at] = 0x7f
      }
      if (to < memory.length) memory[to] = 0xff
      expect(isAscii(bytes)).toBe(true)
      memory.fill(0x41)
    }
  }
})
