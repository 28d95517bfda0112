import { BlockList } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { addBlock, SourceAddresses } from './source-address.ts'

const request = (remoteAddress: string, headers: Record<string, string> = {}) => ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage
const behind = new SourceAddresses(['10.0.0.0/8', '2001:db8::/32'], false)

test.each([
  ['a stranger is not believed', '192.0.2.9', '1.2.3.4', '192.0.2.9'],
  ['a proxy is', '10.0.0.1', '1.2.3.4', '1.2.3.4'],
  ['a proxy that is seen through IPv6 is', '::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
  ['the nearest that is no proxy counts, not what stands left of it', '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9', '1.2.3.4'],
  ['IPv6 goes through', '2001:db8::1', '2001:db9::7', '2001:db9::7'],
  ['what is no address is not believed', '10.0.0.1', '1.2.3.4, <script>', '10.0.0.1'],
  ['nothing said: the proxy itself', '10.0.0.1', '', '10.0.0.1'],
  ['only proxies in the chain: the proxy itself', '10.0.0.1', '10.2.2.2', '10.0.0.1'],
])('%s', (_name, peer, forwarded, address) => {
  expect(behind.of(request(peer, forwarded ? { 'x-forwarded-for': forwarded } : {})).address).toBe(address)
})

test('TLS is believed of a proxy alone', () => {
  expect(behind.of(request('10.0.0.1', { 'x-forwarded-proto': 'https' })).secure).toBe(true)
  expect(behind.of(request('192.0.2.9', { 'x-forwarded-proto': 'https' })).secure).toBe(false)
  expect(new SourceAddresses([], true).of(request('192.0.2.9')).secure).toBe(true)
})

test.each(['10.0.0.0/33', '::/129', 'example.org/8', '10.0.0.0/8/8', '10.0.0.0/', ''])('%s is no block', (text) => {
  expect(() => addBlock(new BlockList(), text)).toThrow('is not an address or a CIDR block')
})
