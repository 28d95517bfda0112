// Names for what the query object gives and takes, so that other folders need not know the library.
import type { ExpressionBuilder, Selectable, StringReference } from 'kysely'
import type { Tables } from './schema.ts'

/** A whole row as it is read. */
export type Row<Name extends keyof Tables> = Selectable<Tables[Name]>
/** What a `where` callback is given. */
export type Where<Name extends keyof Tables> = ExpressionBuilder<Tables, Name>
/** The same for rows of any shape, of a subquery say, and the name of one of their columns. */
export type AnyWhere<Shape, Table extends keyof Shape> = ExpressionBuilder<Shape, Table>
export type ColumnOf<Shape, Table extends keyof Shape> = StringReference<Shape, Table>
