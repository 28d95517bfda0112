import { describe, expect, test } from 'vitest'
import { fileInfoBytes, readFileInfo } from './file-info.ts'

const read = (text: string | Uint8Array) => readFileInfo(Buffer.from(text))

describe('what stands behind ZFILE', () => {
  test('is read as lrzsz writes it', () => {
    expect(read('a b.bin\u00003000000 15300441261 100644 0 2 3000001\0')).toEqual({
      rawName: 'a b.bin',
      bytes: 3_000_000,
      mtime: 0o15300441261,
      mode: 0o644,
      filesLeft: 2,
      bytesLeft: 3_000_001,
    })
  })
  test('may be a name alone', () => expect(read('x\0')).toEqual({ rawName: 'x' }))
  test('is none without a name', () => {
    for (const none of ['', '\0', '\u00005 0', 'x', `${'x'.repeat(9000)}\0`]) expect(read(none), none.slice(0, 9)).toBeUndefined()
  })
  test('leaves out words that make no sense', () => {
    for (const word of ['-1', '1e9', '0x10', 'NaN', '9'.repeat(21), '99999999999999999999']) expect(read(`x\0${word} 9 zz`)).toEqual({ rawName: 'x' })
    // A time of the year 9999 and later.
    expect(read('x\u00001 7777777777777')).toEqual({ rawName: 'x', bytes: 1 })
  })
  test('reads names in UTF-8, and else in GB18030', () => {
    expect(read('中文 名.txt\0')?.rawName).toBe('中文 名.txt')
    expect(read(Buffer.from([0xd6, 0xd0, 0xce, 0xc4, 0x2e, 0x74, 0x00]))?.rawName).toBe('中文.t')
  })
  test('is written so that it is read', () => {
    const info = { name: '中文 x', bytes: 5, mtime: 1_700_000_000, filesLeft: 2, bytesLeft: 9 }
    expect(readFileInfo(fileInfoBytes(info))).toEqual({ rawName: info.name, bytes: 5, mtime: info.mtime, mode: 0o644, filesLeft: 2, bytesLeft: 9 })
    expect(readFileInfo(fileInfoBytes({ ...info, name: 'a\0b' }))?.rawName).toBe('a_b')
  })
})
