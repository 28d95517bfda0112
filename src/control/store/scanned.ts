// For conditions that must not be looked up in an index.
import { sql } from 'kysely'
import type { Engine } from './engine.ts'

/**
 * The column as SQLite cannot look it up (a unary plus, https://sqlite.org/optoverview.html). SQLite holds every equality for rare; where most rows fit, going from the index
 * to each of them is ten times slower than reading the table through. PostgreSQL counts what is in its tables and decides by itself.
 */
export const scanned = <Value>(engine: Engine, column: string) => (engine === 'sqlite' ? sql<Value>`+${sql.ref(column)}` : sql<Value>`${sql.ref(column)}`)
