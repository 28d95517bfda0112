// Names for what the query object gives and takes, so that other folders need not know the library.
import type { ExpressionBuilder, Selectable } from 'kysely'
import type { Tables } from './schema.ts'

/** A whole row as it is read. */
export type Row<Name extends keyof Tables> = Selectable<Tables[Name]>
/** What a `where` callback is given. */
export type Where<Name extends keyof Tables> = ExpressionBuilder<Tables, Name>
