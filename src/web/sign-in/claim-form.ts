import { OperatorName, Password } from '#domain/operator.ts'

export type ClaimFaults = { username?: 'nameBad'; password?: 'short' | 'long'; again?: 'mismatch' }

/** What is wrong with a claim, by field; the server has the last word. */
export function checkClaim(form: { username: string; password: string; again: string }): ClaimFaults {
  const good = Password.safeParse(form.password).success
  return {
    ...(OperatorName.safeParse(form.username.trim()).success ? {} : { username: 'nameBad' as const }),
    ...(good ? {} : { password: form.password.length < 10 ? ('short' as const) : ('long' as const) }),
    ...(form.again === form.password ? {} : { again: 'mismatch' as const }),
  }
}
