// A grant: who may use which accounts on which hosts, when, from where, and what they owe for it. Grants only ever add; without one nobody reaches a host.
import { z } from 'zod'
import { AccountName } from './asset.ts'
import { PathPattern } from './file-rule.ts'
import { ForwardTo } from './forward-rule.ts'
import type { GrantId } from './id.ts'
import { Network } from './network.ts'
import { WeeklyHours } from './weekly-hours.ts'

export const grantActions = ['shell', 'exec', 'upload', 'download', 'forward'] as const
export const GrantAction = z.enum(grantActions)
export type GrantAction = z.infer<typeof GrantAction>

/** Conditions (`from` to `forwardTo`) say when a grant covers; `forwardAgent` permits; duties (`record` on) are what is owed, and those of all grants that cover add up. */
export const GrantTerms = z.strictObject({
  actions: z.array(GrantAction).min(1).max(grantActions.length),
  /** Login names, compared exactly. */
  accounts: z.union([z.literal('all'), z.array(AccountName).max(200)]),
  /** RFC 3339; it covers from the first moment on and no longer at the second. */
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  hours: WeeklyHours.optional(),
  /** None: from anywhere. */
  sources: z.array(Network).max(50).optional(),
  /** Of `forward`: where to, from the host on. None: to the host itself alone. */
  forwardTo: z.array(ForwardTo).max(50).optional(),
  /** An agent may be forwarded in the sessions that it covers: root on the host can use it while they last. */
  forwardAgent: z.boolean().default(false),
  /** Of `upload` and `download`: where; none: everywhere. */
  paths: z.array(PathPattern).min(1).max(50).optional(),
  /** Of `upload` and `download`: how large one file may be. */
  maxBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  /** `must`: a session that cannot be recorded ends. `may`: it is recorded as long as that can be done; kept with the session, and for now it ends like the other. */
  record: z.enum(['must', 'may']).default('must'),
  secondFactor: z.boolean().default(false),
  /** A sentence why is asked for before each session, and kept with it. */
  reason: z.boolean().default(false),
  maxSeconds: z.number().int().min(10).max(31_536_000).optional(),
  idleSeconds: z.number().int().min(10).max(604_800).optional(),
  idleOn: z.enum(['both', 'input']).optional(),
})
export type GrantTerms = z.infer<typeof GrantTerms>

/** As it is decided with. A host is meant by its id, or by one of `tags`. */
export type Grant = {
  readonly id: GrantId
  readonly name: string
  readonly operators: readonly string[]
  readonly groups: readonly string[]
  readonly assets: 'all' | readonly string[]
  readonly tags: readonly string[]
  readonly terms: GrantTerms
}
