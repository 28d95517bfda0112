// What is wrong with a change of the password, by field; the server has the last word. Pure.
import { Password } from '#domain/operator.ts'

export type PasswordForm = { current: string; next: string; again: string }
export type PasswordFaults = { current?: 'missing'; next?: 'short' | 'long' | 'same'; again?: 'mismatch' }

export function passwordFaults({ current, next, again }: PasswordForm): PasswordFaults {
  const isGood = Password.safeParse(next).success
  const wrong = !isGood ? (next.length < 10 ? 'short' : 'long') : next === current ? 'same' : undefined
  return {
    ...(current === '' ? { current: 'missing' } : {}),
    ...(wrong === undefined ? {} : { next: wrong }),
    ...(again === next ? {} : { again: 'mismatch' }),
  }
}
