import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInNetwork, Network } from './network.ts'

describe('a network', () => {
  it.each(['10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '2001:db8::/32', '::1', '::/0', 'fe80::1/64', '::ffff:10.0.0.0/104', ' 10.0.0.1 '])('is read: %s', (text) => {
    expect(Network.safeParse(text).data).toBe(text.trim())
  })

  it.each([
    ...[
      '',
      ' ',
      '10',
      '10.0.0',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      '10.0.0.0/8.0',
      '256.0.0.1',
      '::/129',
      'fe80::1%eth0',
      'fe80::1%eth0/64',
    ],
    ...[
      '010.0.0.0/8',
      '10.0.0.08',
      '0x0a000000',
      '10.1',
      '2130706433',
      'localhost',
      'all',
      '*',
      '10.0.0.0/255.0.0.0',
      '[::1]',
      '10.0.0.1\u0000',
      '１０.0.0.0/8',
    ],
    // Of the sixteen bytes the first eight bits: nearly everything.
    ...['::ffff:10.0.0.0/8', '::ffff:0.0.0.0/95'],
  ])('is refused: %j', (text) => {
    expect(Network.safeParse(text).success).toBe(false)
    expect(isInNetwork(text, '10.0.0.1')).toBe(false)
  })

  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.7/8', '10.9.9.9', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['192.0.2.128/25', '192.0.2.128', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    // AUTHZ-04: the same address in each of its forms.
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::FFFF:0a01:0203', true],
    ['10.0.0.0/8', '0:0:0:0:0:ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3%eth0', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['10.0.0.0/8', '::10.1.2.3', false],
    ['10.0.0.0/8', '64:ff9b::10.1.2.3', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8::/32', '2001:0db8:0::1', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['fe80::1', 'fe80::1%25eth0', true],
    // Who writes all of IPv6 has said nothing of IPv4.
    ['::/0', '10.0.0.1', false],
    ['::/0', '::ffff:10.0.0.1', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '::1', true],
    ['10.0.0.0/8', '', false],
    ['0.0.0.0/0', 'unknown', false],
    ['0.0.0.0/0', '10.0.0.1, 192.0.2.1', false],
    ['0.0.0.0/0', '10.0.0.1:22', false],
  ])('%s, %s: %s', (network, address, isIn) => {
    expect(isInNetwork(network, address)).toBe(isIn)
  })

  it('holds what has its first bits, and nothing else, in every form', () => {
    const byte = fc.nat(255)
    const four = fc.tuple(byte, byte, byte, byte)
    // The other address differs in exactly one bit, or in none.
    fc.assert(
      fc.property(four, fc.nat(32), fc.option(fc.nat(31), { nil: undefined }), (bytes, bits, flipped) => {
        const other = bytes.map((value, at) => (flipped !== undefined && flipped >> 3 === at ? value ^ (128 >> (flipped & 7)) : value))
        const isIn = flipped === undefined || flipped >= bits
        const hex = other.map((value) => value.toString(16).padStart(2, '0')).join('')
        const forms = [other.join('.'), `::ffff:${other.join('.')}`, `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`, `::ffff:${other.join('.')}%eth0`]
        for (const form of forms) expect([form, isInNetwork(`${bytes.join('.')}/${bits}`, form)]).toEqual([form, isIn])
        for (const form of forms) expect([form, isInNetwork(`::ffff:${bytes.join('.')}/${96 + bits}`, form)]).toEqual([form, isIn])
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.nat(128), fc.nat(127), (groups, bits, flipped) => {
        fc.pre(groups.slice(0, 5).some((group) => group !== 0))
        const other = groups.map((group, at) => (flipped >> 4 === at ? group ^ (0x8000 >> (flipped & 15)) : group))
        fc.pre(other.slice(0, 5).some((group) => group !== 0))
        const text = (each: readonly number[]) => each.map((group) => group.toString(16)).join(':')
        expect(isInNetwork(`${text(groups)}/${bits}`, text(groups))).toBe(true)
        expect(isInNetwork(`${text(groups)}/${bits}`, text(other))).toBe(flipped >= bits)
      }),
    )
  })
})
