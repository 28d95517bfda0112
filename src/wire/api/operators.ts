// The people, as administrators manage them.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { OperatorName, Password, Role } from '#domain/operator.ts'
import { sentence } from '#domain/shown-text.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'
import { OperatorView, PersonName } from './people.ts'

export const OperatorDetail = OperatorView.extend({
  enabled: z.boolean(),
  groups: z.array(z.object({ id: z.string(), name: z.string() })),
  secondFactor: z.boolean(),
  mustChangePassword: z.boolean(),
  /** Live ones. */
  sessions: z.number(),
  lastSignInAt: Time.optional(),
  createdAt: Time,
})
export type OperatorDetail = z.infer<typeof OperatorDetail>
export const operatorColumns = ['username', 'name', 'role', 'enabled', 'lastSignInAt', 'createdAt'] as const
export const operatorsQuery = listQuery(operatorColumns).extend({
  role: Role.optional(),
  enabled: z.stringbool().optional(),
  /** Id of a group. */
  group: z.string().max(60).optional(),
})
const Groups = z.array(z.string().max(60)).max(200)

export const operators = {
  list: oc.route({ method: 'GET', path: '/operators' }).input(operatorsQuery).output(listOf(OperatorDetail)),
  get: oc.route({ method: 'GET', path: '/operators/{id}' }).input(Id).output(OperatorDetail),
  /** The password holds for one sign-in, which asks for another. */
  create: oc
    .route({ method: 'POST', path: '/operators', successStatus: 201 })
    .input(
      z.strictObject({
        username: OperatorName,
        name: PersonName.optional(),
        role: Role.default('member'),
        mayWatch: z.boolean().default(false),
        groups: Groups.default([]),
        password: Password,
      }),
    )
    .output(OperatorDetail),
  /** Throws `last_administrator`, and `own_right` for one's own role, `mayWatch` and `enabled`. Disabling ends sign-ins, tokens and sessions. */
  update: oc
    .route({ method: 'PATCH', path: '/operators/{id}' })
    .input(
      Id.extend({
        name: PersonName.optional(),
        role: Role.optional(),
        mayWatch: z.boolean().optional(),
        enabled: z.boolean().optional(),
        groups: Groups.optional(),
      }),
    )
    .output(OperatorDetail),
  remove: oc
    .route({ method: 'DELETE', path: '/operators/{id}', summary: 'With their sign-ins and tokens; what they did stays in the ledger' })
    .input(Id)
    .output(z.object({})),
  setPassword: oc
    .route({
      method: 'POST',
      path: '/operators/{id}/password',
      summary: 'A password for one sign-in, which asks for another; all of theirs that are signed in end',
    })
    .input(Id.extend({ password: Password }))
    .output(OperatorDetail),
  endSessions: oc
    .route({ method: 'POST', path: '/operators/{id}/end-sessions', summary: 'End all their sessions and sign-ins' })
    .input(Id.extend({ reason: sentence(500) }))
    .output(z.object({ sessions: z.number(), signIns: z.number() })),
  removeSecondFactor: oc
    .route({
      method: 'DELETE',
      path: '/operators/{id}/second-factor',
      summary: 'For who has lost it: their next sign-in sets up another where one is required',
    })
    .input(Id)
    .output(OperatorDetail),
}
