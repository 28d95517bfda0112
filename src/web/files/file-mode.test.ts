import { describe, expect, it } from 'vitest'
import { bitOf, commonMode, longMode, modeText, octalText, readOctal, specialBit } from './file-mode.ts'

describe('permission bits', () => {
  it.each([
    [0o755, 'rwxr-xr-x', '755'],
    [0o600, 'rw-------', '600'],
    [0o4755, 'rwsr-xr-x', '4755'],
    [0o2644, 'rw-r-Sr--', '2644'],
    [0o1777, 'rwxrwxrwt', '1777'],
    [0o1776, 'rwxrwxrwT', '1776'],
    [0, '---------', '000'],
  ])('%o is %s', (mode, text, octal) => {
    expect(modeText(mode)).toBe(text)
    expect(octalText(mode)).toBe(octal)
    expect(readOctal(octal)).toBe(mode)
  })

  it('are read only from three or four octal digits', () => {
    expect(['75', '778', '0o755', '07755', '', '-755'].map(readOctal)).toEqual(Array.from({ length: 6 }, () => undefined))
  })

  it('stand where they belong', () => {
    expect([bitOf('owner', 'read'), bitOf('group', 'write'), bitOf('others', 'execute')]).toEqual([0o400, 0o020, 0o001])
    expect([specialBit('setuid'), specialBit('setgid'), specialBit('sticky')]).toEqual([0o4000, 0o2000, 0o1000])
    expect(longMode({ name: 'x', isUsable: true, kind: 'folder', bytes: 0, mode: 0o750 })).toBe('drwxr-x---')
  })

  it('of several are those in common, and those that differ', () => {
    expect(commonMode([0o755, 0o644])).toEqual({ mode: 0o644, mixed: 0o111 })
    expect(commonMode([])).toEqual({ mode: 0, mixed: 0 })
  })
})
