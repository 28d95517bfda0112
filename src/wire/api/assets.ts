// Hosts: what is stored of them, how they are reached, how they are known, and how many are changed at once.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { AccountName, AssetName, HostAddress, Port } from '#domain/asset.ts'
import { AuthInput, AuthView } from '#domain/credential.ts'
import { failureCodes } from '#domain/failure.ts'
import { HostKey, HostKeyPolicy, StoredHostKey } from '#domain/host-key.ts'
import { oneLine } from '#domain/shown-text.ts'
import { CheckStep } from '../link.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'

export const AccountView = z.object({ id: z.string(), username: z.string(), auth: AuthView })
export type AccountView = z.infer<typeof AccountView>
/** The host and the account through which another is reached, as `ProxyJump` does. */
export const ViaView = z.object({ asset: z.string(), account: z.string(), assetName: z.string(), username: z.string() })
/** What the last look at a host found, by whoever looked: the round, a check, or a session. */
export const ReachView = z.object({
  state: z.enum(['reachable', 'unreachable']),
  at: Time,
  failure: z.enum(failureCodes).optional(),
  rttMs: z.number().optional(),
})
export type ReachView = z.infer<typeof ReachView>
export const AssetView = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number(),
  protocol: z.literal('ssh'),
  tags: z.array(z.string()),
  accounts: z.array(AccountView),
  hostKeys: z.array(StoredHostKey),
  hostKeyPolicy: HostKeyPolicy,
  /** Algorithms with SHA-1 and CBC are, or were, offered to it until then. */
  legacyUntil: Time.optional(),
  /** Keys that the host has shown instead of the trusted ones and that nobody has decided about. */
  changedKeys: z.number(),
  via: ViaView.optional(),
  reach: ReachView.optional(),
  createdAt: Time,
  lastUsedAt: Time.optional(),
  /** Of the person who asks. */
  favourite: z.boolean(),
  mine: z.object({ lastUsedAt: Time, account: z.string().optional() }).optional(),
})
export type AssetView = z.infer<typeof AssetView>

/** Lists are asked for tags separated by commas, so no tag has one. */
export const Tag = oneLine(64).refine((tag) => !tag.includes(','), 'may not contain a comma')
const Tags = z.array(Tag).max(50)
const Via = z.strictObject({ asset: z.string().max(60), account: z.string().max(60) })
const AssetInput = z.strictObject({
  name: AssetName,
  address: HostAddress,
  port: Port.default(22),
  protocol: z.literal('ssh').default('ssh'),
  tags: Tags.default([]),
  hostKeyPolicy: HostKeyPolicy.default('strict'),
  via: Via.nullable().default(null),
  /** Offer algorithms with SHA-1 and CBC, for hosts that have nothing newer, until then; at most a year ahead. Null: never. */
  legacyUntil: Time.nullable().default(null),
  /** Needed for a loopback address while Sallyport listens beyond loopback. */
  confirmLoopback: z.boolean().optional(),
})
/** Without defaults: `partial()` would keep them, and a PATCH of the name would set the port back to 22. `via: null` takes it away. */
const AssetChange = AssetInput.extend({
  port: Port,
  protocol: z.literal('ssh'),
  tags: Tags,
  hostKeyPolicy: HostKeyPolicy,
  via: Via.nullable(),
  legacyUntil: Time.nullable(),
}).partial()
const AccountInput = z.strictObject({ username: AccountName, auth: AuthInput })
const Ids = z.array(z.string().max(60)).min(1).max(500)

/** One host of an import. `via` is the name of a host of the same import or of a saved one; `account` one of that host's user names. */
export const ImportRow = z.strictObject({
  name: AssetName,
  address: HostAddress,
  port: Port.default(22),
  tags: Tags.default([]),
  hostKeyPolicy: HostKeyPolicy.default('strict'),
  accounts: z.array(AccountInput).max(20).default([]),
  /** From a known_hosts file: trusted from the start, and written down with the host. */
  trusted: z.array(HostKey).max(20).default([]),
  via: z.strictObject({ name: oneLine(100), username: oneLine(64).optional() }).optional(),
})
export type ImportRow = z.infer<typeof ImportRow>
/** `index` is the row's place in what was sent. `exists`: a host of this name is there and was left as it is. */
export const ImportOutcome = z.object({
  index: z.number(),
  name: z.string(),
  outcome: z.enum(['created', 'exists', 'refused']),
  id: z.string().optional(),
  failure: z.object({ code: z.enum(failureCodes), message: z.string(), field: z.string().optional() }).optional(),
})
export type ImportOutcome = z.infer<typeof ImportOutcome>

/** A host showed a key that is not the trusted one: refused then, and left here for an administrator to decide. */
export const KeyChangeView = z.object({
  id: z.string(),
  asset: z.string(),
  assetName: z.string(),
  address: z.string(),
  port: z.number(),
  offered: StoredHostKey,
  trusted: z.array(StoredHostKey),
  firstSeenAt: Time,
  lastSeenAt: Time,
  times: z.number(),
  /** Who met it last, and the gateway that did. */
  operator: z.string().optional(),
  gateway: z.string().optional(),
})
export type KeyChangeView = z.infer<typeof KeyChangeView>

export const assetColumns = ['name', 'address', 'createdAt', 'lastUsedAt', 'myLastUsedAt', 'reach'] as const
export const assetsQuery = listQuery(assetColumns).extend({
  /** Tags that all must be there, separated by commas. */
  tag: z.string().max(500).optional(),
  favourite: z.stringbool().optional(),
  /** Whether the person has ever used it. */
  recent: z.stringbool().optional(),
  key: z.enum(['trusted', 'unknown', 'changed']).optional(),
  reach: z.enum(['reachable', 'unreachable', 'unknown']).optional(),
  credential: z.string().max(60).optional(),
})

export const assets = {
  list: oc.route({ method: 'GET', path: '/assets' }).input(assetsQuery).output(listOf(AssetView)),
  get: oc.route({ method: 'GET', path: '/assets/{id}' }).input(Id).output(AssetView),
  create: oc
    .route({ method: 'POST', path: '/assets', successStatus: 201 })
    .input(AssetInput.extend({ accounts: z.array(AccountInput).max(50).default([]), trusted: z.array(HostKey).max(20).default([]) }))
    .output(AssetView),
  update: oc.route({ method: 'PATCH', path: '/assets/{id}' }).input(Id.extend(AssetChange.shape)).output(AssetView),
  remove: oc.route({ method: 'DELETE', path: '/assets/{id}' }).input(Id).output(z.object({})),
  /** All or none: the first that cannot be changed is named, and nothing is. */
  changeMany: oc
    .route({ method: 'POST', path: '/assets/change', summary: 'One change to up to 500 hosts' })
    .input(
      z.strictObject({
        ids: Ids,
        addTags: Tags.optional(),
        removeTags: Tags.optional(),
        hostKeyPolicy: HostKeyPolicy.optional(),
        via: Via.nullable().optional(),
        port: Port.optional(),
        /** Added to each host; on one that has an account of this name, its credential is replaced. */
        account: z
          .strictObject({
            username: AccountName,
            auth: z.union([z.strictObject({ kind: z.literal('credential'), id: z.string().max(60) }), z.strictObject({ kind: z.literal('ask') })]),
          })
          .optional(),
      }),
    )
    .output(z.object({ changed: z.number() })),
  removeMany: oc
    .route({ method: 'POST', path: '/assets/remove' })
    .input(z.strictObject({ ids: Ids }))
    .output(z.object({ removed: z.number() })),
  /** `dryRun`: what would happen, row by row. Otherwise all rows that can be made are made, in one transaction. */
  importMany: oc
    .route({ method: 'POST', path: '/assets/import', summary: 'Up to 1,000 hosts, with a preview' })
    .input(z.strictObject({ rows: z.array(ImportRow).min(1).max(1000), dryRun: z.boolean().default(false) }))
    .output(z.object({ items: z.array(ImportOutcome) })),
  tags: oc
    .route({ method: 'GET', path: '/assets/tags', summary: 'Every tag and how many hosts have it, the most used first, at most 500' })
    .output(z.object({ items: z.array(z.object({ tag: z.string(), hosts: z.number() })) })),
  setFavourite: oc.route({ method: 'PUT', path: '/assets/{id}/favourite' }).input(Id).output(z.object({})),
  unsetFavourite: oc.route({ method: 'DELETE', path: '/assets/{id}/favourite' }).input(Id).output(z.object({})),
  addAccount: oc.route({ method: 'POST', path: '/assets/{id}/accounts', successStatus: 201 }).input(AccountInput.extend(Id.shape)).output(AccountView),
  updateAccount: oc
    .route({ method: 'PATCH', path: '/assets/{id}/accounts/{account}' })
    .input(AccountInput.partial().extend({ ...Id.shape, account: z.string().max(60) }))
    .output(AccountView),
  removeAccount: oc
    .route({ method: 'DELETE', path: '/assets/{id}/accounts/{account}' })
    .input(Id.extend({ account: z.string().max(60) }))
    .output(z.object({})),
  scanHostKeys: oc
    .route({ method: 'POST', path: '/assets/{id}/host-keys/scan' })
    .input(Id)
    .output(z.object({ items: z.array(StoredHostKey) })),
  trustHostKeys: oc
    .route({ method: 'PUT', path: '/assets/{id}/host-keys' })
    .input(Id.extend({ trusted: z.array(HostKey).max(20) }))
    .output(z.object({ items: z.array(StoredHostKey) })),
  check: oc
    .route({ method: 'POST', path: '/assets/{id}/check', summary: 'Reach, host key, sign-in: three steps, each green or saying what failed' })
    .input(Id.extend({ account: z.string().max(60) }))
    .output(z.object({ steps: z.array(CheckStep) })),
  reach: oc.route({ method: 'POST', path: '/assets/{id}/reach', summary: 'Look now whether the host answers' }).input(Id).output(ReachView),
}

export const keyChanges = {
  list: oc
    .route({ method: 'GET', path: '/host-key-changes', summary: 'Changed keys that nobody has decided about' })
    .input(listQuery(['assetName', 'lastSeenAt', 'firstSeenAt', 'times']))
    .output(listOf(KeyChangeView)),
  /** `trust`: the offered key takes the place of all that were trusted for the host; `refuse`: the trusted ones stay, and the row goes until the key is met again. `expected`: the fingerprints of the trusted keys as they were shown. Throws `not_found`, `conflict` when others are trusted now. */
  decide: oc
    .route({ method: 'POST', path: '/host-key-changes/{id}/decide' })
    .input(Id.extend({ decision: z.enum(['trust', 'refuse']), expected: z.array(z.string().max(60)).max(20).optional() }))
    .output(z.object({})),
}

export const checks = {
  scan: oc
    .route({ method: 'POST', path: '/checks/scan', summary: 'The host keys of an address that is not saved yet' })
    .input(
      z.strictObject({
        address: HostAddress,
        port: Port,
        confirmLoopback: z.boolean().optional(),
        via: Via.nullable().optional(),
        legacyUntil: Time.nullable().optional(),
      }),
    )
    .output(z.object({ items: z.array(StoredHostKey) })),
  run: oc
    .route({ method: 'POST', path: '/checks', summary: 'The three steps for a host that is not saved yet' })
    .input(
      z.strictObject({
        address: HostAddress,
        port: Port,
        confirmLoopback: z.boolean().optional(),
        via: Via.nullable().optional(),
        legacyUntil: Time.nullable().optional(),
        username: AccountName,
        auth: AuthInput,
        trusted: z.array(HostKey).max(20),
      }),
    )
    .output(z.object({ steps: z.array(CheckStep) })),
}
