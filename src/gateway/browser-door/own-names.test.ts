import { expect, test } from 'vitest'
import { OwnNames } from './own-names.ts'

const plain = new OwnNames({ host: '127.0.0.1', port: 8022, tls: false, publicUrls: [] })
const open = new OwnNames({ host: '0.0.0.0', port: 8443, tls: true, publicUrls: ['https://bastion.example', 'https://other.example:8443'] })
const proxied = new OwnNames({ host: '::', port: 8022, tls: false, publicUrls: ['https://bastion.example'] })
const addressed = new OwnNames({ host: '10.1.2.3', port: 443, tls: true, publicUrls: [] })

test.each([
  [plain, 'localhost:8022', true],
  [plain, '127.0.0.1:8022', true],
  [plain, '[::1]:8022', true],
  [plain, 'LOCALHOST:8022', true],
  [plain, 'localhost', false],
  [plain, 'localhost:8023', false],
  [plain, 'localhost:8022.evil.example', false],
  [plain, 'evil.example:8022', false],
  [plain, '127.0.0.2:8022', false],
  [plain, '', false],
  [plain, undefined, false],
  [open, 'bastion.example', true],
  [open, 'bastion.example:443', true],
  [open, 'other.example:8443', true],
  [open, 'other.example', false],
  [open, 'sub.bastion.example', false],
  [open, '0.0.0.0:8443', false],
  [proxied, 'bastion.example', true],
  [addressed, '10.1.2.3', true],
  [addressed, '10.1.2.3:443', true],
])('host %#: %s', (names, host, allowed) => expect(names.isHost(host)).toBe(allowed))

test.each([
  [plain, 'http://localhost:8022', true],
  [plain, 'http://127.0.0.1:8022', true],
  [plain, 'http://[::1]:8022', true],
  [plain, 'https://localhost:8022', false],
  [plain, 'http://localhost', false],
  [plain, 'http://localhost:8023', false],
  [plain, 'http://localhost:8022/', false],
  [plain, 'http://evil.example', false],
  [plain, 'null', false],
  [plain, '', false],
  [plain, undefined, false],
  [open, 'https://bastion.example', true],
  [open, 'http://bastion.example', false],
  [open, 'https://sub.bastion.example', false],
  [open, 'https://bastion.example.evil.example', false],
  [open, 'https://bastion.example:8443', false],
  [proxied, 'https://bastion.example', true],
  [proxied, 'http://bastion.example', false],
])('origin %#: %s', (names, origin, allowed) => expect(names.isOrigin(origin)).toBe(allowed))

test('says which name it was called by, without what would break a line', () => {
  const refusal = plain.judgeHost('evil.example\r\nx: y')
  expect(refusal?.status).toBe(421)
  expect(refusal?.message).toContain('--public-url')
  expect(refusal?.message).not.toMatch(/[\r\n]/)
})

test('is known by what is added, as long as it is, and always by its own', () => {
  const names = new OwnNames({ host: '127.0.0.1', port: 8022, tls: false, publicUrls: ['https://start.example'] })
  names.alsoKnownAs(['https://added.example', 'not an address'])
  expect([names.isHost('added.example'), names.isOrigin('https://added.example'), names.isOrigin('http://added.example')]).toEqual([true, true, false])
  names.alsoKnownAs([])
  expect([names.isHost('added.example'), names.isOrigin('https://added.example')]).toEqual([false, false])
  for (const own of ['https://start.example', 'http://localhost:8022']) expect(names.isOrigin(own)).toBe(true)
})
