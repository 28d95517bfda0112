import { describe, expect, it } from 'vitest'
import { judgeAddress, parseIp, type AddressRules } from './address-rules.ts'

const rules: AddressRules = {
  listeners: [
    { host: '127.0.0.1', port: 8022 },
    { host: '0.0.0.0', port: 2222 },
  ],
  ownAddresses: ['192.0.2.7', '2001:db8::7'],
  mayDialLoopback: false,
}
const open: AddressRules = { ...rules, mayDialLoopback: true }

describe('addresses as they are written', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:42::42',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '169.254.43518',
    '0251.0376.0251.0376',
    'metadata.google.internal',
    'METADATA.google.internal.',
    '::169.254.169.254',
  ])('never dials the metadata address %s, whatever is confirmed', (address) => {
    expect(judgeAddress(address, 22, open)).toBe('metadata')
    expect(judgeAddress(address, 80, rules)).toBe('metadata')
  })

  it.each([
    '127.0.0.1',
    '127.1',
    '127.255.0.3',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'LocalHost.',
    'db.localhost',
  ])('dials loopback %s only when that is allowed', (address) => {
    expect(judgeAddress(address, 22, rules)).toBe('loopback')
    expect(judgeAddress(address, 22, open)).toBe('allowed')
  })

  it.each([
    ['127.0.0.1', 8022],
    ['127.9.9.9', 8022],
    ['localhost', 8022],
    ['::1', 8022],
    ['::1', 2222],
    ['192.0.2.7', 2222],
    ['2001:db8::7', 2222],
    ['::ffff:192.0.2.7', 2222],
  ])('never dials a listener of its own: %s port %i', (address, port) => {
    expect(judgeAddress(address, port, open)).toBe('own-listener')
  })

  it.each(['0.0.0.0', '0', '::', '224.0.0.1', '255.255.255.255', 'ff02::1', 'fe80::1'])('takes %s for no host', (address) => {
    expect(judgeAddress(address, 22, open)).toBe('not-a-host')
  })

  it.each([
    ['192.0.2.7', 22],
    ['10.0.0.5', 2222],
    ['192.168.1.1', 8022],
    ['2001:db8::8', 2222],
    ['fd12::1', 22],
    ['8.8.8.8', 22],
  ])('allows %s port %i', (address, port) => {
    expect(judgeAddress(address, port, rules)).toBe('allowed')
  })

  it.each(['web1', 'web1.example.com', '1.2.3.4.5', '256.1.1.1', '08.1.1.1', '4294967296', ':::', '1::2::3', '12345::', 'g::1'])(
    'leaves %s to be resolved',
    (address) => {
      expect(judgeAddress(address, 22, rules)).toBe('not-an-address')
    },
  )
})

describe('reading an address', () => {
  it('reads short and long forms of one address alike', () => {
    expect(parseIp('2001:db8::7')).toEqual(parseIp('2001:0DB8:0:0:0:0:0:7'))
    expect(parseIp('::ffff:1.2.3.4')).toEqual(parseIp('1.2.3.4'))
  })
})
