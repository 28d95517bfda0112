// People, groups and hosts as groups and grants name them.
import { Failure, type FailureCode } from '#domain/failure.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import { foldName } from '../assets/asset-names.ts'
import type { Store, Trx } from '../store/open-store.ts'

export type AccessParts = { readonly store: Store; now(): number; pushEnds(ends: readonly PendingEnd[]): void }
export type Reading = Store['db'] | Trx
export type Person = { id: string; username: string; name: string }
export type Named = { id: string; name: string }

const kinds = {
  operators: { code: 'operator_not_found', words: 'One of these people is not there (any more).' },
  groups: { code: 'group_not_found', words: 'One of these groups is not there (any more).' },
  assets: { code: 'asset_not_found', words: 'One of these hosts is not there (any more).' },
} as const satisfies Record<string, { code: FailureCode; words: string }>

/** Throws the code of what is missing, with the place of the first one in the field: `operators.3`. */
export async function refuseUnknown(trx: Trx, kind: keyof typeof kinds, ids: readonly string[], field: string = kind): Promise<void> {
  if (ids.length === 0) return
  const rows = await trx
    .selectFrom<keyof typeof kinds>(kind)
    .select('id')
    .where('id', 'in', [...new Set(ids)])
    .execute()
  const known = new Set(rows.map(({ id }) => id))
  const missing = ids.findIndex((id) => !known.has(id))
  if (missing >= 0) throw new Failure(kinds[kind].code, kinds[kind].words, { field: `${field}.${missing}` })
}

/** Throws `name_taken` for a name that people could take for another's; returns how many there are. */
export async function refuseTakenName(trx: Trx, kind: 'groups' | 'grants', name: string, own: string | undefined): Promise<number> {
  const rows = await trx.selectFrom<'groups' | 'grants'>(kind).select(['id', 'name']).execute()
  if (rows.some((row) => row.id !== own && foldName(row.name) === foldName(name)))
    throw new Failure('name_taken', kind === 'groups' ? 'Another group has this name.' : 'Another grant has this name.', { field: 'name' })
  return rows.length
}

/** Each word of `q` must stand in the text, whatever the case; at most 8 words count. */
export function matcherOf(q: string | undefined): (text: string) => boolean {
  const fold = (text: string) => text.normalize('NFC').toLowerCase()
  const words = fold(q ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
  return (text) => words.every((word) => fold(text).includes(word))
}
