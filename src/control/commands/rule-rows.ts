// Rules about commands: read, made, replaced and removed, each change in one transaction with its ledger row.
import { type CommandRule, type CommandRuleInput, maxDenyRules } from '#domain/command-rule.ts'
import { Failure } from '#domain/failure.ts'
import { CommandRuleId, makeId } from '#domain/id.ts'
import type { CommandRuleView } from '#wire/api/audit.ts'
import { byWhom, random } from '../assets/parts.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

/** More are refused with `conflict`. */
export const maxRules = maxDenyRules
/** Of all together, as gateways are told of them with each beat. */
const maxRulesBytes = 64 * 1024
export type RuleParts = { readonly store: Store; now(): number }
type Reading = Store['db'] | Trx

export const noRule = () => new Failure('not_found', 'There is no such rule.')

/** In the order of their names. */
export const readRules = async (db: Reading): Promise<CommandRule[]> => (await rowsOf(db)).map(ruleOf)
export const listRules = async (db: Reading): Promise<CommandRuleView[]> => (await rowsOf(db)).map(viewOf)

/** Throws `name_taken`, and `conflict` at 200 or when all patterns together are too long. */
export async function createRule({ store, now }: RuleParts, input: CommandRuleInput, actor: Actor): Promise<CommandRuleView> {
  const id = makeId(CommandRuleId, 'ru', random(15))
  return store.transaction(async (trx) => {
    const others = await rowsOf(trx)
    refuseTaken(others, input.name)
    if (others.length >= maxRules) throw new Failure('conflict', `There are ${maxRules} rules, which is as many as there may be.`)
    const row = { id, ...columnsOf(input), createdAt: now() }
    refuseTooLong([...others, row])
    await trx.insertInto('commandRules').values(row).execute()
    await record(trx, { code: 'command_rule.created', outcome: 'done', ...byWhom(actor), object: id, detail: { name: row.name }, after: input }, now())
    return viewOf(row)
  })
}

/** Throws `not_found`, `name_taken`, and `conflict` when all patterns together are too long. */
export async function replaceRule({ store, now }: RuleParts, id: string, input: CommandRuleInput, actor: Actor): Promise<CommandRuleView> {
  return store.transaction(async (trx) => {
    const all = await rowsOf(trx)
    const before = all.find((row) => row.id === id)
    if (!before) throw noRule()
    refuseTaken(
      all.filter((row) => row.id !== id),
      input.name,
    )
    const row = { ...before, ...columnsOf(input) }
    refuseTooLong([...all.filter((one) => one.id !== id), row])
    await trx.updateTable('commandRules').set(columnsOf(input)).where('id', '=', id).execute()
    const { id: _, ...was } = ruleOf(before)
    await record(
      trx,
      { code: 'command_rule.changed', outcome: 'done', ...byWhom(actor), object: id, detail: { name: row.name }, before: was, after: input },
      now(),
    )
    return viewOf(row)
  })
}

/** Throws `not_found`. */
export async function removeRule({ store, now }: RuleParts, id: string, actor: Actor): Promise<void> {
  await store.transaction(async (trx) => {
    const before = (await rowsOf(trx)).find((row) => row.id === id)
    if (!before) throw noRule()
    await trx.deleteFrom('commandRules').where('id', '=', id).execute()
    const { id: _, ...was } = ruleOf(before)
    await record(trx, { code: 'command_rule.removed', outcome: 'done', ...byWhom(actor), object: id, detail: { name: before.name }, before: was }, now())
  })
}

const rowsOf = (db: Reading): Promise<Row<'commandRules'>[]> => db.selectFrom('commandRules').selectAll().orderBy('name').execute()

function refuseTaken(others: readonly Row<'commandRules'>[], name: string): void {
  const wanted = name.normalize('NFC')
  if (others.some((row) => row.name.toLowerCase() === wanted.toLowerCase()))
    throw new Failure('name_taken', 'A rule with this name exists already.', { field: 'name' })
}

function refuseTooLong(rows: readonly Row<'commandRules'>[]): void {
  const bytes = rows.reduce((sum, { name, match, pattern }) => sum + Buffer.byteLength(JSON.stringify({ name, match, pattern })), 0)
  if (bytes > maxRulesBytes) throw new Failure('conflict', 'The patterns of all rules together are too long.', { field: 'pattern' })
}

const columnsOf = ({ name, match, pattern, effect, enabled, note }: CommandRuleInput) => ({
  ...{ name: name.normalize('NFC'), match, pattern, effect, note },
  enabled: enabled ? 1 : 0,
})
const ruleOf = ({ id, name, match, pattern, effect, enabled, note }: Row<'commandRules'>): CommandRule => ({
  ...{ id, name, pattern, note },
  match: match === 'exact' ? 'exact' : 'pattern',
  effect: effect === 'deny' ? 'deny' : 'notice',
  enabled: enabled === 1,
})
const viewOf = (row: Row<'commandRules'>): CommandRuleView => ({ ...ruleOf(row), createdAt: new Date(row.createdAt).toISOString() })
