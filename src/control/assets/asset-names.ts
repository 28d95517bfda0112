// No two hosts have names that people or the SSH door could take for each other.
import { Failure } from '#domain/failure.ts'
import type { Trx } from '../store/open-store.ts'

/** Equal for names that differ only in case or in how their letters are composed. */
export const foldName = (name: string) => name.normalize('NFC').toUpperCase().toLowerCase()

/** The ids of all hosts by their folded names. The database folds ASCII alone, so names are compared here. */
export async function namesInStore(trx: Trx): Promise<Map<string, string>> {
  const rows = await trx.selectFrom('assets').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [foldName(name), id]))
}

/** Throws `name_taken`. The transaction keeps another from taking the name in between. */
export async function refuseTakenName(trx: Trx, name: string, own: string | undefined): Promise<void> {
  const taken = (await namesInStore(trx)).get(foldName(name))
  if (taken !== undefined && taken !== own) throw new Failure('name_taken', 'Another host has this name.', { field: 'name' })
}
