import { describe, expect, it } from 'vitest'
import { linkQuestion, longestAddress } from './links.ts'

describe('a link of the host', () => {
  it('opens http and https only', () => {
    for (const address of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'data:text/html,x',
      'ftp://a.example',
      'ssh://a',
      'about:blank',
      ' https://a',
      'https:',
      '//a.example',
      'java\nscript:1',
    ])
      expect(linkQuestion(address), address).toBeUndefined()
    expect(linkQuestion('HTTPS://A.example/ä?x=1#y')).toEqual({ address: 'https://a.example/%C3%A4?x=1#y', host: 'a.example', warnings: [] })
    expect(linkQuestion('http://[::1]:8080/')).toMatchObject({ host: '[::1]:8080' })
  })
  it('says what a look-alike really is', () => {
    // The first letter is Cyrillic.
    expect(linkQuestion('https://аpple.com/')).toEqual({ address: 'https://xn--pple-43d.com/', host: 'xn--pple-43d.com', warnings: ['lookalike'] })
    expect(linkQuestion('https://bank.example@evil.example/')).toMatchObject({ host: 'evil.example', warnings: ['name'] })
    expect(linkQuestion('https://evil.example/', 'https://bank.example/login')).toMatchObject({ warnings: ['differs'] })
    expect(linkQuestion('https://evil.example/', 'bank.example')).toMatchObject({ warnings: ['differs'] })
    expect(linkQuestion('https://a.example/x', 'the report')).toMatchObject({ warnings: [] })
    expect(linkQuestion('https://a.example/x', 'https://a.example/')).toMatchObject({ warnings: [] })
  })
  it('is shown without marks that turn the direction, and opened as it is shown', () => {
    expect(linkQuestion('https://a.example/\u202egpj\u0007.exe')?.address).toBe('https://a.example/%E2%80%AEgpj%07.exe')
  })
  it('is not opened when it cannot be shown whole', () => {
    expect(linkQuestion(`https://a.example/${'x'.repeat(longestAddress)}`)).toBeUndefined()
    expect(linkQuestion(`https://a.example/${'ä'.repeat(longestAddress - 100)}`)).toBeUndefined()
  })
})
