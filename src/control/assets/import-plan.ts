// What becomes of each row of an import. Pure: the rows and what the store holds go in, one outcome for each row comes out, whatever order the rows stand in.
import { Failure } from '#domain/failure.ts'
import type { ImportRow } from '#wire/api/assets.ts'
import { foldName } from './asset-names.ts'
import { maxOnTheWay, wordsOfFault, type Via } from './via.ts'

type Login = { id: string; username: string }
/** A row whose own fields have been read: `failure` when one of them is refused. The ids are those that it will have. */
export type ReadRow = {
  row: Pick<ImportRow, 'name' | 'via'>
  id: string
  accounts: readonly Login[]
  failure?: Failure | undefined
}
export type InStore = {
  /** Ids by folded names. */
  names: ReadonlyMap<string, string>
  /** Of the hosts that rows name as their way. */
  accounts: ReadonlyMap<string, readonly Login[]>
  /** From each host to the next on its way. */
  ways: ReadonlyMap<string, string>
}
/** `exists` has no id when another row of the import has the name. */
export type Planned = { outcome: 'created'; via: Via | null } | { outcome: 'exists'; id?: string } | { outcome: 'refused'; failure: Failure }

const refused = (message: string, field = 'via'): Failure => new Failure('via_invalid', message, { field })

const loop = refused(wordsOfFault('loop'))

export function planImport(rows: readonly ReadRow[], store: InStore): Planned[] {
  const holders = new Map<string, number>()
  for (const [index, { row, failure }] of rows.entries()) {
    const name = foldName(row.name)
    if (!failure && !store.names.has(name) && !holders.has(name)) holders.set(name, index)
  }
  /** Hosts on the way to a row, or why there is no way. */
  const ways = new Map<number, { via: Via | null; length: number } | Failure>()
  const beingRead = new Set<number>()

  const wayOf = (index: number): { via: Via | null; length: number } | Failure => {
    const known = ways.get(index)
    if (known) return known
    if (beingRead.has(index)) return loop
    beingRead.add(index)
    const found = readWay(index)
    beingRead.delete(index)
    ways.set(index, found)
    return found
  }
  const readWay = (index: number): { via: Via | null; length: number } | Failure => {
    const wanted = rows[index]?.row.via
    if (!wanted) return { via: null, length: 0 }
    const name = foldName(wanted.name)
    const stored = store.names.get(name)
    const holder = holders.get(name)
    const asset = stored ?? (holder === undefined ? undefined : rows[holder]?.id)
    if (asset === undefined) return refused(`There is no host ${wanted.name}, neither saved nor in this import.`)
    const before = stored === undefined ? wayOf(holder ?? -1) : { length: storedLength(store.ways, stored) }
    if (before instanceof Failure) return before === loop ? loop : refused(`${wanted.name} cannot be reached itself.`)
    if (before.length + 1 > maxOnTheWay) return refused(wordsOfFault('too-long'))
    const account = pickAccount(wanted, (stored === undefined ? rows[holder ?? -1]?.accounts : store.accounts.get(stored)) ?? [])
    return account instanceof Failure ? account : { via: { asset, account: account.id }, length: before.length + 1 }
  }

  return rows.map(({ row, failure }, index): Planned => {
    const name = foldName(row.name)
    const stored = store.names.get(name)
    if (stored !== undefined) return { outcome: 'exists', id: stored }
    if (failure) return { outcome: 'refused', failure }
    const way = wayOf(holders.get(name) ?? index)
    if (holders.get(name) !== index)
      return way instanceof Failure
        ? { outcome: 'refused', failure: new Failure('name_taken', 'Another row has this name.', { field: 'name' }) }
        : { outcome: 'exists' }
    return way instanceof Failure ? { outcome: 'refused', failure: way } : { outcome: 'created', via: way.via }
  })
}

/** The stored ways have no loop, and are at most four long. */
function storedLength(ways: ReadonlyMap<string, string>, asset: string): number {
  let length = 0
  for (let at = ways.get(asset); at !== undefined && length <= maxOnTheWay; at = ways.get(at)) length += 1
  return length
}

function pickAccount(wanted: NonNullable<ImportRow['via']>, accounts: readonly Login[]): Login | Failure {
  const [only, another] = accounts
  if (wanted.username !== undefined)
    return accounts.find(({ username }) => username === wanted.username) ?? refused(`${wanted.name} has no account ${wanted.username}.`, 'via.username')
  if (!only) return refused(`${wanted.name} has no account.`, 'via.username')
  return another === undefined ? only : refused(`${wanted.name} has several accounts: name one.`, 'via.username')
}
