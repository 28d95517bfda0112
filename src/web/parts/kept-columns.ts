// Which columns a person wants to see of each list, kept in the browser. Only what differs from the usual is kept, so that a new column appears by itself.
import { z } from 'zod'
import type { Column } from './list-column.ts'

const Kept = z.record(z.string().max(60), z.boolean())
export type KeptColumns = z.infer<typeof Kept>

/** What was kept, or nothing when it is not ours. */
export function readKept(text: string | null): KeptColumns {
  try {
    return Kept.parse(JSON.parse(text ?? '{}'))
  } catch {
    // Somebody else's text, or an older one: the usual columns are shown.
    return {}
  }
}

export function isShown(column: Pick<Column<never>, 'key' | 'fixed' | 'hidden'>, kept: KeptColumns): boolean {
  return column.fixed === true || (kept[column.key] ?? column.hidden !== true)
}

/** `kept` after a column was chosen or taken away; a choice that is the usual one is forgotten. */
export function choose(column: Pick<Column<never>, 'key' | 'hidden'>, wanted: boolean, kept: KeptColumns): KeptColumns {
  const { [column.key]: _before, ...rest } = kept
  return wanted === (column.hidden !== true) ? rest : { ...rest, [column.key]: wanted }
}
