// The values that an administrator has set on the page: a row each in `settings`, as JSON. Another program may have written them, so they are parsed, not trusted.
import { type SettingName, SettingsValues } from '#wire/api/settings.ts'
import type { Store, Trx } from '../store/open-store.ts'

/** Apart from what else stands in the table: the mark of the claim, the checks of keys. */
const prefix = 'set.'
export const rowNameOf = (name: SettingName) => `${prefix}${name}`
export const settingNames = Object.keys(SettingsValues.shape) as SettingName[]

export type StoredValues = Partial<SettingsValues>
export type ReadValues = { values: StoredValues; /** Rows that hold no such value, by name: the start's holds instead. */ unreadable: Map<SettingName, string> }

/** All of them at once; in a transaction or outside. */
export async function readStored(from: Store['db'] | Trx): Promise<ReadValues> {
  const rows = await from.selectFrom('settings').selectAll().where('name', 'in', settingNames.map(rowNameOf)).execute()
  const values: Record<string, unknown> = {}
  const unreadable: ReadValues['unreadable'] = new Map()
  for (const { name: row, value } of rows) {
    const name = row.slice(prefix.length) as SettingName
    const parsed = SettingsValues.shape[name].safeParse(jsonOf(value))
    if (parsed.success) values[name] = parsed.data
    else unreadable.set(name, value)
  }
  return { values: values as StoredValues, unreadable }
}

/** Sets the value, or takes it away with `null`. */
export async function writeStored(trx: Trx, name: SettingName, value: unknown): Promise<void> {
  const row = rowNameOf(name)
  if (value === null) return void (await trx.deleteFrom('settings').where('name', '=', row).execute())
  const json = JSON.stringify(value)
  await trx
    .insertInto('settings')
    .values({ name: row, value: json })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: json }))
    .execute()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no setting is undefined, so it counts as unreadable
  }
}
