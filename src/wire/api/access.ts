// Groups, grants, and why somebody may or may not.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { AccountName } from '#domain/asset.ts'
import { GrantAction, GrantTerms } from '#domain/grant.ts'
import { lines } from '#domain/shown-text.ts'
import { Tag } from './assets.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'
import { PersonName } from './people.ts'

const Ids = (most: number) => z.array(z.string().max(60)).max(most)
const Person = z.object({ id: z.string(), username: z.string(), name: z.string() })
const Named = z.object({ id: z.string(), name: z.string() })

export const GroupView = z.object({ id: z.string(), name: z.string(), members: z.array(Person), grants: z.array(Named), createdAt: Time })
export type GroupView = z.infer<typeof GroupView>
export const groupColumns = ['name', 'createdAt'] as const
const GroupInput = z.strictObject({ name: PersonName, members: Ids(1000).default([]) })
export const groups = {
  list: oc.route({ method: 'GET', path: '/groups' }).input(listQuery(groupColumns)).output(listOf(GroupView)),
  get: oc.route({ method: 'GET', path: '/groups/{id}' }).input(Id).output(GroupView),
  create: oc.route({ method: 'POST', path: '/groups', successStatus: 201 }).input(GroupInput).output(GroupView),
  update: oc
    .route({ method: 'PATCH', path: '/groups/{id}' })
    .input(Id.extend({ name: PersonName.optional(), members: Ids(1000).optional() }))
    .output(GroupView),
  remove: oc.route({ method: 'DELETE', path: '/groups/{id}' }).input(Id).output(z.object({})),
}

/** `assets`: ids, or `all`; a host that has one of `tags` is meant too, also when it gets the tag later. */
const GrantInput = GrantTerms.extend({
  name: PersonName,
  note: lines(500).default(''),
  operators: Ids(1000).default([]),
  groups: Ids(200).default([]),
  assets: z.union([z.literal('all'), Ids(1000)]).default([]),
  tags: z.array(Tag).max(50).default([]),
})
export type GrantInput = z.infer<typeof GrantInput>
/** `state`: whether it covers now by its own dates and hours; `empty` names nobody or nothing any more. */
export const GrantView = GrantTerms.extend({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  operators: z.array(Person),
  groups: z.array(Named),
  assets: z.union([z.literal('all'), z.array(Named)]),
  tags: z.array(z.string()),
  state: z.enum(['active', 'not_yet', 'outside_hours', 'over', 'empty']),
  createdAt: Time,
  changedAt: Time,
})
export type GrantView = z.infer<typeof GrantView>
export const grantColumns = ['name', 'createdAt', 'changedAt'] as const
export const grantsQuery = listQuery(grantColumns).extend({
  /** Ids: grants that name this person (also by a group), group or host (also by a tag, or all). */
  operator: z.string().max(60).optional(),
  group: z.string().max(60).optional(),
  asset: z.string().max(60).optional(),
})
export const grants = {
  list: oc.route({ method: 'GET', path: '/grants' }).input(grantsQuery).output(listOf(GrantView)),
  get: oc.route({ method: 'GET', path: '/grants/{id}' }).input(Id).output(GrantView),
  create: oc.route({ method: 'POST', path: '/grants', successStatus: 201 }).input(GrantInput).output(GrantView),
  /** Whole: what is left out takes its default, so that nothing of an older grant stays behind unseen. */
  replace: oc
    .route({ method: 'PUT', path: '/grants/{id}', summary: 'The whole grant anew; sessions that it alone permitted end' })
    .input(GrantInput.extend({ id: z.string().max(60) }))
    .output(GrantView),
  remove: oc.route({ method: 'DELETE', path: '/grants/{id}' }).input(Id).output(z.object({})),
}

const Duties = z.object({
  record: z.enum(['must', 'may']),
  secondFactor: z.boolean(),
  reason: z.boolean(),
  maxSeconds: z.number().optional(),
  idleSeconds: z.number().optional(),
  idleOn: z.enum(['both', 'input']).optional(),
})
export const ExplainItem = z.object({
  operator: Person,
  asset: Named,
  account: z.string(),
  action: GrantAction,
  permitted: z.boolean(),
  /** Why not, for those who may not. `second_factor_needed`: they may once they sign in with one. */
  refusal: z.enum(['disabled', 'no_grant', 'second_factor_needed']).optional(),
  /** The deciding ones when permitted. */
  grants: z.array(Named),
  duties: Duties.optional(),
  endsAt: Time.optional(),
  /** Grants that name both the person and the host, and what keeps them from covering. */
  near: z.array(
    z.object({
      grant: Named,
      missing: z.array(z.enum(['operator', 'asset', 'account', 'action', 'destination', 'path', 'size', 'not_yet', 'over', 'hours', 'source'])),
    }),
  ),
})
export type ExplainItem = z.infer<typeof ExplainItem>
/**
 * With person and host: whether and why, for each account. With one of them: all that the person may reach, or all who may reach the host, and nobody else.
 * Ids or names. `source` and `at` ask for another place and moment than here and now: without `source`, conditions on it count as met.
 */
export const access = {
  explain: oc
    .route({ method: 'GET', path: '/access/explain', summary: 'Who may reach what, and by which grants' })
    .input(
      z.strictObject({
        operator: z.string().max(100).optional(),
        asset: z.string().max(300).optional(),
        account: AccountName.optional(),
        action: GrantAction.default('shell'),
        /** Of `forward`: to this place, `HOST:PORT`; left out, whether at all. */
        destination: z.string().max(300).optional(),
        /** Of `upload` and `download`: for this file, absolute or below `~/`, and so many bytes; left out, whether at all. Which folder `~` is, is not known here: it is met by `~/…` alone. */
        path: z.string().max(4096).optional(),
        bytes: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
        source: z.string().max(64).optional(),
        at: Time.optional(),
      }),
    )
    /** At most 1,000; `cut` says that there are more. */
    .output(z.object({ items: z.array(ExplainItem), cut: z.boolean() })),
}
