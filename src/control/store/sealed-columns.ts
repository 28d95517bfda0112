// Columns that hold sealed texts, read and written without knowing which table they are of. A sealed text begins with its version, a point, and the id of its key.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** `row` is the column of the primary key; `only`: that one row of the table. */
export type SealedColumn = { readonly table: keyof Tables; readonly row: string; readonly column: string; readonly only?: string }
/** The store's `db`, or a transaction. */
type Reading = Kysely<Tables>

/** `vk1_` and 16 characters, behind `v1.` or `v2.` */
const [idBegins, idLength] = [4, 20]
const idIn = ({ column }: SealedColumn) => sql<string>`substr(${sql.ref(column)}, ${sql.lit(idBegins)}, ${sql.lit(idLength)})`
const isSealed = ({ row, column, only }: SealedColumn) =>
  only === undefined ? sql`${sql.ref(column)} is not null` : sql`${sql.ref(column)} is not null and ${sql.ref(row)} = ${only}`

/** How many texts each key has sealed. */
export async function countByKey(db: Reading, place: SealedColumn): Promise<{ keyId: string; count: number }[]> {
  const { rows } = await sql<{ keyId: string; count: number }>`select ${idIn(place)} as "keyId", count(*) as count
    from ${sql.table(place.table)} where ${isSealed(place)} group by 1 order by 1`.execute(db)
  return rows
}

/** Texts that are of another key or an earlier form than `v2.<keyId>`, by row from `after` on; at most `limit`. */
export async function listOthers(
  db: Reading,
  place: SealedColumn,
  query: { keyId: string; after: string; limit: number },
): Promise<{ row: string; text: string }[]> {
  const { row, column } = place
  const { rows } = await sql<{ row: string; text: string }>`select ${sql.ref(row)} as row, ${sql.ref(column)} as text
    from ${sql.table(place.table)} where ${isSealed(place)} and ${sql.ref(row)} > ${query.after}
    and substr(${sql.ref(column)}, 1, ${sql.lit(idBegins + idLength)}) <> ${`v2.${query.keyId}.`} order by 1 limit ${query.limit}`.execute(db)
  return rows
}

/** Puts `after` in the place of `before`. False when something else stands there by now. */
export async function replaceSealed(trx: Reading, place: SealedColumn, row: string, before: string, after: string): Promise<boolean> {
  const { table, column } = place
  const done = await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${after}
    where ${sql.ref(place.row)} = ${row} and ${sql.ref(column)} = ${before}`.execute(trx)
  return (done.numAffectedRows ?? 0n) > 0n
}
