// What may not be done to a person, as far as that is known before asking. Pure.
import type { OperatorDetail } from '#wire/api/operators.ts'

/** `own`: nobody changes their own rights. `last`: no administrator would be left. */
export type WhyNot = 'own' | 'last'

/** `admins`: how many administrators can sign in; undefined while that is not known. */
export function whyNotDemote(person: Pick<OperatorDetail, 'id' | 'role' | 'enabled'>, me: string, admins: number | undefined): WhyNot | undefined {
  if (person.role === 'admin' && person.enabled && admins === 1) return 'last'
  return person.id === me ? 'own' : undefined
}
