import { describe, expect, it } from 'vitest'
import { afterRefusal, type Given, stepAfter } from './sign-in-steps.ts'

const operator = { id: 'op_1', username: 'ada', name: 'Ada', role: 'admin' as const, mayWatch: false }
const given: Given = { username: 'ada', password: 'secret words', code: '123456', newPassword: 'other words here' }
const setup = { secret: 'JBSW', uri: 'otpauth://totp/x' }

describe('a sign-in', () => {
  it('asks for what the server says is missing, and for nothing when it is whole', () => {
    expect(stepAfter({ operator })).toBeUndefined()
    expect(stepAfter({ next: 'totp' })).toEqual({ ask: 'code' })
    expect(stepAfter({ next: 'password' })).toEqual({ ask: 'password' })
    expect(stepAfter({ next: 'setup', setup })).toEqual({ ask: 'setup', setup })
  })

  it('shows recovery codes before it goes on', () => {
    expect(stepAfter({ operator, recoveryCodes: ['a', 'b'] })).toEqual({ ask: 'kept', codes: ['a', 'b'], operator })
  })

  it('goes back to the beginning without the password when name and password do not hold', () => {
    for (const step of [undefined, { ask: 'code' as const }, { ask: 'password' as const }])
      expect(afterRefusal('sign_in_failed', step, given)).toEqual({ step: undefined, given: { username: 'ada', password: '' } })
  })

  it('asks for another code when one was wrong or has run out, and keeps the new password', () => {
    const { code: _code, ...rest } = given
    expect(afterRefusal('second_factor_wrong', { ask: 'password' }, given)).toEqual({ step: { ask: 'code' }, given: rest })
    expect(afterRefusal('second_factor_wrong', { ask: 'setup', setup }, given).step).toEqual({ ask: 'setup', setup })
  })

  it('asks for another password when the new one was weak, and keeps the code', () => {
    const { newPassword: _newPassword, ...rest } = given
    expect(afterRefusal('password_too_weak', { ask: 'password' }, given)).toEqual({ step: { ask: 'password' }, given: rest })
  })

  it('stays where it is when the world was at fault', () => {
    expect(afterRefusal('control_unreachable', { ask: 'code' }, given)).toEqual({ step: { ask: 'code' }, given })
    expect(afterRefusal('sign_in_slowed', undefined, { username: 'ada', password: 'x' })).toEqual({ step: undefined, given: { username: 'ada', password: '' } })
  })
})
