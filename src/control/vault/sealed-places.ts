// Every place where something sealed stands: what a start looks at and a rotation goes through. A test holds the list against the schema.
import type { SealedColumn } from '../store/sealed-columns.ts'
import type { SealedPlace } from './sealed-text.ts'

/** Sealed with the current key: it says which that is, and that it opens. */
export const checkName = 'vault.keyCheck'
export const checkPlace: SealedPlace = { table: 'settings', row: checkName, column: 'value' }

export const sealedPlaces: readonly SealedColumn[] = [
  { table: 'accounts', row: 'id', column: 'sealed' },
  { table: 'credentials', row: 'id', column: 'sealed' },
  { table: 'doorKeys', row: 'type', column: 'sealed' },
  { table: 'secondFactors', row: 'operatorId', column: 'sealed' },
  { table: 'settings', row: 'name', column: 'value', only: checkName },
]
