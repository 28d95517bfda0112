// The SSH door as people see it: their keys, what a terminal asks them to confirm, how to get in, and what sessions without a screen did.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { oneLine } from '#domain/shown-text.ts'
import { Id, Time } from './lists.ts'
import { SessionTransferView } from './transfers.ts'

const KeyName = oneLine(100)
/** A key that somebody signs in with at the SSH door. `addedBy` `enroll`: by `ssh enroll@…`. */
export const OperatorKeyView = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  addedBy: z.enum(['page', 'enroll']),
  createdAt: Time,
  lastUsedAt: Time.optional(),
  lastSource: z.string().optional(),
})
export type OperatorKeyView = z.infer<typeof OperatorKeyView>
const Keys = z.object({ items: z.array(OperatorKeyView) })
export const maxOperatorKeys = 50

/** One's own, at most 50; a key opens the door for one operator only. None is added with a token. */
export const operatorKeys = {
  list: oc.route({ method: 'GET', path: '/me/keys' }).output(Keys),
  /** `line`: of an `authorized_keys` or `.pub` file. Throws `public_key_invalid`, `public_key_is_private`, `public_key_unsupported`, `operator_key_known`, `rate_limited`. */
  add: oc
    .route({ method: 'POST', path: '/me/keys', successStatus: 201 })
    .input(z.strictObject({ line: z.string().max(16_384), name: KeyName.optional() }))
    .output(OperatorKeyView),
  /** Sign-ins that came with it end, and their sessions. */
  remove: oc.route({ method: 'DELETE', path: '/me/keys/{id}' }).input(Id).output(z.object({})),
  listOf: oc.route({ method: 'GET', path: '/operators/{id}/keys', summary: 'Of somebody else' }).input(Id).output(Keys),
  removeOf: oc
    .route({ method: 'DELETE', path: '/operators/{id}/keys/{key}' })
    .input(Id.extend({ key: z.string().max(60) }))
    .output(z.object({})),
}

/** What a terminal waits for. The number is shown there and nowhere else: whoever types it here has that terminal before them. */
export const ApprovalView = z.object({
  id: z.string(),
  kind: z.enum(['sign-in', 'enroll']),
  /** Where the terminal is, and what it says it is. */
  source: z.string(),
  client: z.string(),
  /** Of `enroll`. */
  key: z.object({ type: z.string(), fingerprint: z.string() }).optional(),
  state: z.enum(['waiting', 'approved', 'declined', 'over']),
  createdAt: Time,
  expiresAt: Time,
})
export type ApprovalView = z.infer<typeof ApprovalView>
/** `sign-in`: of the operator's own name alone; anybody else's is `approval_not_found`. Three wrong numbers decline it. None is decided with a token. */
export const approvals = {
  get: oc.route({ method: 'GET', path: '/approvals/{id}' }).input(Id).output(ApprovalView),
  approve: oc
    .route({ method: 'POST', path: '/approvals/{id}/approve', summary: 'With the number that the terminal shows. Throws number_wrong, approval_not_found' })
    .input(Id.extend({ number: z.string().max(10), name: KeyName.optional() }))
    .output(ApprovalView),
  decline: oc.route({ method: 'POST', path: '/approvals/{id}/decline' }).input(Id).output(ApprovalView),
}
/** On the page, for the terminal's link. */
export const approvalPath = (id: string) => `/approve/${encodeURIComponent(id)}`

/** `host`, `port`: where ssh clients go, as far as is known; absent when the door is shut. `hostKeys`: `line` is for a known_hosts file. */
export const DoorView = z.object({
  host: z.string().optional(),
  port: z.number().optional(),
  hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string(), line: z.string() })),
})
export type DoorView = z.infer<typeof DoorView>
export const door = {
  get: oc.route({ method: 'GET', path: '/door' }).output(DoorView),
  /** A block for ~/.ssh/config with every host that the asker may use now, and known_hosts lines for it. `host`: as the client reaches the door, when not as `GET /door` says. */
  sshConfig: oc
    .route({ method: 'GET', path: '/door/ssh-config' })
    .input(z.strictObject({ host: z.string().max(253).optional(), port: z.coerce.number().int().min(1).max(65_535).optional() }))
    .output(z.object({ text: z.string(), knownHosts: z.string(), hosts: z.number() })),
}

export const ForwardView = z.object({
  at: Time,
  way: z.enum(['local', 'remote']),
  host: z.string(),
  port: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  ms: z.number(),
  outcome: z.enum(['done', 'failed', 'refused']),
  failure: z.string().optional(),
})
export type ForwardView = z.infer<typeof ForwardView>
/** Transfers: of a session that one may see; forwards: that one may replay. The newest 500, and how many there are. */
export const sessionActs = {
  transfers: oc
    .route({ method: 'GET', path: '/sessions/{id}/transfers' })
    .input(Id)
    .output(z.object({ items: z.array(SessionTransferView), total: z.number() })),
  forwards: oc
    .route({ method: 'GET', path: '/sessions/{id}/forwards' })
    .input(Id)
    .output(z.object({ items: z.array(ForwardView), total: z.number() })),
}
