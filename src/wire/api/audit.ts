// The ledger: what happened, by whom, to what; and the commands that were run.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { auditCodes, auditOutcomes } from '#domain/audit-event.ts'
import { CommandRuleInput } from '#domain/command-rule.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'

export const AuditView = z.object({
  seq: z.number(),
  /** Its place in the chain; absent until it is chained, within a second. */
  number: z.number().optional(),
  /** By the clock of control at the act. */
  at: Time,
  /** When it was chained: this never goes back, whatever the clock does. */
  chainedAt: Time.optional(),
  code: z.string(),
  outcome: z.string(),
  /** `operator`: the id, and the name where there still is one. */
  operator: z.string().optional(),
  operatorName: z.string().optional(),
  object: z.string().optional(),
  /** What the object is called, where there still is one. */
  objectName: z.string().optional(),
  source: z.string().optional(),
  requestId: z.string().optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  hash: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
})
export type AuditView = z.infer<typeof AuditView>
/** `at` sorts by `seq`, the order in which rows were written: a clock may be set. */
export const auditColumns = ['at', 'code', 'outcome', 'operator', 'source'] as const
export const auditFilters = {
  code: z.enum(auditCodes).optional(),
  outcome: z.enum(auditOutcomes).optional(),
  /** Id or name. */
  operator: z.string().max(100).optional(),
  object: z.string().max(300).optional(),
  since: Time.optional(),
  until: Time.optional(),
}
export const auditQuery = listQuery(auditColumns).extend(auditFilters)
export const ChainView = z.object({
  state: z.enum(['whole', 'broken']),
  /** Chained rows, and those that wait for it. */
  rows: z.number(),
  unchained: z.number(),
  head: z.string().optional(),
  /** When the head was last signed, and of which row. */
  signedAt: Time.optional(),
  signedNumber: z.number().optional(),
  keyFingerprint: z.string(),
  problem: z.string().optional(),
  /** Where rows or signed heads (`heads`) are taken besides the database: up to which number, and why no further. */
  receivers: z.array(z.object({ name: z.string(), sentNumber: z.number(), lastAt: Time.optional(), failure: z.string().optional() })),
})
export type ChainView = z.infer<typeof ChainView>
export const audit = {
  list: oc.route({ method: 'GET', path: '/audit' }).input(auditQuery).output(listOf(AuditView)),
  verify: oc.route({ method: 'GET', path: '/audit/verify', summary: 'Reads the whole chain' }).output(ChainView),
}

export const CommandView = z.object({
  session: z.string(),
  number: z.number(),
  operator: z.string(),
  asset: z.string(),
  account: z.string(),
  at: Time,
  /** Its place in the recording. */
  seconds: z.number(),
  text: z.string(),
  /** `integration`: the shell said so, exactly. `screen`: read off the screen. `exec`: asked for word for word. `hidden`: something was entered that the host did not show, that went into another program, or that other output cut up; nothing of it is known, and one stands for all until the next command. */
  how: z.enum(['integration', 'screen', 'exec', 'hidden']),
  folder: z.string().optional(),
  exitStatus: z.number().optional(),
  durationMs: z.number().optional(),
  rule: z.string().optional(),
  verdict: z.enum(['noticed', 'denied']).optional(),
})
export type CommandView = z.infer<typeof CommandView>
export const commandColumns = ['at', 'operator', 'asset', 'account'] as const
export const commandFilters = {
  session: z.string().max(60).optional(),
  operator: z.string().max(100).optional(),
  asset: z.string().max(300).optional(),
  /** Only those that a rule spoke about. */
  verdict: z.enum(['noticed', 'denied']).optional(),
  since: Time.optional(),
  until: Time.optional(),
}
export const commandsQuery = listQuery(commandColumns).extend(commandFilters)
/** Everyone sees their own; auditors, and administrators who may watch, all. A `number` rises within its session, with gaps. */
export const commands = {
  list: oc.route({ method: 'GET', path: '/commands' }).input(commandsQuery).output(listOf(CommandView)),
  ofSession: oc
    .route({ method: 'GET', path: '/sessions/{id}/commands', summary: 'At most 1,000, the first first' })
    .input(Id)
    .output(z.object({ items: z.array(CommandView), cut: z.boolean() })),
}

export const CommandRuleView = CommandRuleInput.extend({ id: z.string(), createdAt: Time })
export type CommandRuleView = z.infer<typeof CommandRuleView>
export const commandRules = {
  list: oc.route({ method: 'GET', path: '/command-rules' }).output(z.object({ items: z.array(CommandRuleView) })),
  create: oc.route({ method: 'POST', path: '/command-rules', successStatus: 201 }).input(CommandRuleInput).output(CommandRuleView),
  replace: oc
    .route({ method: 'PUT', path: '/command-rules/{id}' })
    .input(CommandRuleInput.extend({ id: z.string().max(60) }))
    .output(CommandRuleView),
  remove: oc.route({ method: 'DELETE', path: '/command-rules/{id}' }).input(Id).output(z.object({})),
}
