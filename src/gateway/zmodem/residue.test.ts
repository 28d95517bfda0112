import { describe, expect, test } from 'vitest'
import { cancelSequence } from './frame.ts'
import { behindResidue, Residue } from './residue.ts'

const latin = (text: string) => Buffer.from(text, 'latin1')
const show = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1')
const start = (isTold = false) => {
  const sent: Uint8Array[] = []
  return { sent, residue: new Residue((bytes) => sent.push(bytes), 0, { isTold, hasCrc32: true }) }
}

describe('what is left of a transfer that was broken off', () => {
  test('is kept until it is quiet, and the prompt behind it given back', () => {
    const { sent, residue } = start()
    expect(sent).toEqual([cancelSequence])
    expect(residue.input(latin('\u0001junk\u0018h1234more'), 100)).toBeUndefined()
    expect(residue.input(latin('\u0018\u0018\u0018\u0018\u0018\b\b\b\b\b\r\n$ '), 200)).toBeUndefined()
    expect(residue.tick(449)).toBeUndefined()
    expect(show(residue.tick(450))).toBe('\r\n$ ')
  })
  test('is told again while it flows, and not kept for ever', () => {
    const { sent, residue } = start()
    let rest: Uint8Array | undefined
    let now = 0
    for (; rest === undefined && now < 60_000; now += 100) rest = residue.input(new Uint8Array(9000), now)
    expect(now).toBe(10_100)
    expect(sent).toHaveLength(4)
  })
  test('is not answered when the other side ended it', () => expect(start(true).sent).toEqual([]))
  test.each([
    ['CAN and backspaces', '\u0018\u0018\u0018\b\b\b$ ', '$ '],
    ['the end of a subpacket', 'data\u0018iABCD$ ', '$ '],
    ['one that is escaped within its checksum', 'data\u0018k\u0018a\u0018bCD$ ', '$ '],
    ['one with XON behind it', 'data\u0018kABCD\u0011$ ', '$ '],
    ['what lrzsz had in its buffer when it ended', '\u0018\u0018\u0018\b\b\b\u0018hABCD$ ', '$ '],
    ['the same, of which a part was written before', 'data\u0018hAB\u0018\u0018\u0018\b\b\bCD$ ', '$ '],
    ['a shell right behind, and data before', 'da\u0018Xta\u0018\u0018\u0018\b\b\b$ ', '$ '],
    ['a piece of a file, and a shell', 'data\u0018iABCD\u0001\u00fe\u0002more\u0002\r\n$ ', '\r\n$ '],
    ['a header', 'data\u0018iABCD*\u0018C\u0009aaaabbbb$ ', '$ '],
    ['text alone', 'user@host:~$ ', 'user@host:~$ '],
    ['nothing', '', ''],
  ])('ends with %s', (_, tail, prompt) => expect(show(behindResidue(latin(tail), 4))).toBe(prompt))
})
