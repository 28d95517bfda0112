// Files that went in and out, by every way: `sz` and `rz` in a terminal, the browser, programs, SFTP, scp and rsync of ssh clients.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { fileDeeds, fileWays, verifications } from '#domain/session-act.ts'
import { listOf, listQuery, Time } from './lists.ts'

export const SessionTransferView = z.object({
  at: Time,
  way: z.enum(fileWays),
  deed: z.enum(fileDeeds),
  /** As it stood on the wire, in one line: what a terminal obeys is written as `\u001b`. */
  path: z.string(),
  /** Of a rename or link: where to. */
  to: z.string().optional(),
  bytes: z.number().optional(),
  sha256: z.string().optional(),
  verified: z.enum(verifications).optional(),
  /** How long it took. */
  ms: z.number().optional(),
  /** Where it begins in the session's recording, ms. */
  atMs: z.number().optional(),
  outcome: z.enum(['done', 'failed', 'refused']),
  failure: z.string().optional(),
  /** The grant that refused it. */
  rule: z.string().optional(),
})
export type SessionTransferView = z.infer<typeof SessionTransferView>
/** One of a list over many sessions. `number`: its place among the acts of its session. */
export const TransferView = SessionTransferView.extend({
  session: z.string(),
  number: z.number(),
  operator: z.string(),
  asset: z.string(),
  /** Of a saved host that still exists. */
  assetId: z.string().optional(),
  /** With its port; empty where it is not known any more. */
  address: z.string(),
  account: z.string(),
  door: z.enum(['web', 'ssh', 'api']),
  source: z.string(),
  /** Of the session, where it was recorded: whoever may replay it finds this there at `atMs`. */
  hasRecording: z.boolean(),
  mine: z.boolean(),
})
export type TransferView = z.infer<typeof TransferView>

/** `change`: whatever is neither upload nor download. */
export const transferDirections = ['upload', 'download', 'change'] as const
export const transferColumns = ['at', 'operator', 'asset', 'address', 'account', 'way', 'direction', 'path', 'bytes', 'verified', 'outcome', 'ms'] as const
export const transferFilters = {
  /** Id or name. */
  operator: z.string().max(100).optional(),
  asset: z.string().max(300).optional(),
  session: z.string().max(60).optional(),
  direction: z.enum(transferDirections).optional(),
  way: z.enum(fileWays).optional(),
  door: z.enum(['web', 'ssh', 'api']).optional(),
  outcome: z.enum(['done', 'failed', 'refused']).optional(),
  verified: z.enum(verifications).optional(),
  /** Hex, whole: where else did this file go? */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** `true`: one's own alone, whatever else one may see. */
  mine: z.stringbool().optional(),
  /** At or after, and before. */
  since: Time.optional(),
  until: Time.optional(),
}
/** `q`: each word is found in path, operator, host, address or account. */
export const transfersQuery = listQuery(transferColumns).extend(transferFilters)

/** Everyone sees their own; auditors and administrators all. Newest first unless sorted; what has no value comes last, both ways. */
export const transfers = {
  list: oc.route({ method: 'GET', path: '/transfers' }).input(transfersQuery).output(listOf(TransferView)),
}
