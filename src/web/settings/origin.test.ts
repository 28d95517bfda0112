import { expect, it } from 'vitest'
import { faultOfAddress, readOrigin } from './origin.ts'

it('an address is a whole one, and kept without what does not count', () => {
  expect(readOrigin(' https://Bastion.example.com/x?y ')).toBe('https://bastion.example.com')
  expect(readOrigin('http://10.0.0.1:8022')).toBe('http://10.0.0.1:8022')
  for (const typed of ['', 'bastion.example.com', 'ftp://x', 'javascript:alert(1)', 'https://', 'https://ada@x', `https://${'x'.repeat(300)}`])
    expect(readOrigin(typed)).toBeUndefined()
})

it('is not added twice, and not for ever', () => {
  expect(faultOfAddress('https://a.example/', ['https://a.example'])).toBe('twice')
  expect(faultOfAddress('a.example', [])).toBe('bad')
  expect(
    faultOfAddress(
      'https://b.example',
      Array.from({ length: 50 }, (_, at) => `https://${at}.example`),
    ),
  ).toBe('many')
  expect(faultOfAddress('https://b.example', ['https://a.example'])).toBeUndefined()
})
