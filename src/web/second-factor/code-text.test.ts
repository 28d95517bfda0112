import { expect, it } from 'vitest'
import { codeSheet, inFours, isAuthenticatorAddress, tidyCode } from './code-text.ts'

it('takes codes with the blanks that apps and mails put into them', () => {
  expect(tidyCode(' 123 456\n')).toBe('123456')
  expect(tidyCode('ABCD-EFGH\t')).toBe('ABCD-EFGH')
  expect(tidyCode('9'.repeat(50))).toBe('9'.repeat(20))
})

it('shows a key four characters at a time, whatever its length', () => {
  expect(inFours('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP')
  expect(inFours('JBSWY')).toBe('JBSW Y')
  expect(inFours('')).toBe('')
})

it('makes a link of the address of an authenticator and of nothing else', () => {
  expect(isAuthenticatorAddress('otpauth://totp/Sallyport:ada?secret=A')).toBe(true)
  expect(isAuthenticatorAddress('javascript:alert(1)//otpauth://totp/')).toBe(false)
  expect(isAuthenticatorAddress('https://otpauth.example')).toBe(false)
})

it('keeps recovery codes one in a line under what they are', () => {
  expect(codeSheet('Of ada', ['a', 'b'])).toBe('Of ada\n\na\nb\n')
})
