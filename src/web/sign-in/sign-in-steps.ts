// What a sign-in asks for next, from what the server said. Pure: half a sign-in leaves nothing behind there, so that all of it is kept here until the end.
import type { FailureCode } from '#domain/failure.ts'
import type { OperatorView } from '#wire/api/people.ts'
import type { TotpSetup } from '#wire/api/second-factor.ts'

export type Given = { username: string; password: string; code?: string; newPassword?: string }
export type Step =
  | { ask: 'code' }
  | { ask: 'password' }
  | { ask: 'setup'; setup: TotpSetup }
  /** Signed in; the recovery codes of the factor just set up are to be kept first. */
  | { ask: 'kept'; codes: readonly string[]; operator: OperatorView }
export type Answer = { operator: OperatorView; recoveryCodes?: string[] | undefined } | { next: 'totp' | 'password' } | { next: 'setup'; setup: TotpSetup }

/** Undefined: signed in, with nothing left to ask. */
export function stepAfter(answer: Answer): Step | undefined {
  if ('operator' in answer) return answer.recoveryCodes === undefined ? undefined : { ask: 'kept', codes: answer.recoveryCodes, operator: answer.operator }
  switch (answer.next) {
    case 'totp':
      return { ask: 'code' }
    case 'password':
      return { ask: 'password' }
    case 'setup':
      return { ask: 'setup', setup: answer.setup }
    default:
      return answer satisfies never
  }
}

/** Where a refusal leads, and what is kept of what was given. */
export function afterRefusal(code: FailureCode, step: Step | undefined, given: Given): { step: Step | undefined; given: Given } {
  const { code: _code, newPassword: _newPassword, ...first } = given
  switch (code) {
    case 'second_factor_wrong':
    case 'second_factor_needed':
      // A code that was right when it was typed can have run out while a new password was thought of.
      return {
        step: step?.ask === 'setup' ? step : { ask: 'code' },
        given: { ...first, ...(given.newPassword === undefined ? {} : { newPassword: given.newPassword }) },
      }
    case 'password_too_weak': {
      return { step: { ask: 'password' }, given: { ...first, ...(given.code === undefined ? {} : { code: given.code }) } }
    }
    case 'sign_in_failed':
    case 'unauthenticated':
      // What was wrong stays unsaid; the password is typed again.
      return { step: undefined, given: { username: given.username, password: '' } }
    default:
      return { step, given: step === undefined ? { ...first, password: '' } : given }
  }
}
