// Grants for tests, as rows.
import { randomBytes } from 'node:crypto'
import { grantActions, GrantTerms } from '#domain/grant.ts'
import { GrantId, makeId } from '#domain/id.ts'
import type { Trx } from '../store/open-store.ts'

type Named = { operators?: readonly string[]; groups?: readonly string[]; assets?: 'all' | readonly string[]; tags?: readonly string[]; name?: string }

/** A grant of everything to those who are named, on all hosts unless some are; terms as given. Returns its id. */
export async function grantTo(trx: Trx, named: Named, terms: Partial<GrantTerms> = {}): Promise<GrantId> {
  const id = makeId(GrantId, 'gt', randomBytes(15))
  const { operators = [], groups = [], assets = named.tags ? [] : 'all', tags = [], name = `grant ${id.slice(-4)}` } = named
  const full = JSON.stringify(GrantTerms.parse({ actions: [...grantActions], accounts: 'all', ...terms }))
  await trx
    .insertInto('grants')
    .values({ id, name, note: '', allAssets: assets === 'all' ? 1 : 0, tags: JSON.stringify(tags), terms: full, createdAt: 1, changedAt: 1 })
    .execute()
  for (const operatorId of operators) await trx.insertInto('grantOperators').values({ grantId: id, operatorId }).execute()
  for (const groupId of groups) await trx.insertInto('grantGroups').values({ grantId: id, groupId }).execute()
  for (const assetId of assets === 'all' ? [] : assets) await trx.insertInto('grantAssets').values({ grantId: id, assetId }).execute()
  return id
}
