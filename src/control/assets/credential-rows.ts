// Shared credentials as they are read. Secrets are not among the columns that are read here.
import type { CredentialView } from '#wire/api/credentials.ts'
import type { Reading } from './asset-rows.ts'
import { countingKey, readSort, sortRows } from './counting-order.ts'
import { viewSecret } from './credential.ts'

export type CredentialColumn = 'name' | 'username' | 'createdAt' | 'rotatedAt' | 'hosts'
export type CredentialsQuery = { q?: string | undefined; sort?: CredentialColumn | `-${CredentialColumn}` | undefined; page: number; size: number }

/** One page; each word of `q` is found in name or user name, without regard to case. There are few enough of them (`maxCredentials`) to be read whole. */
export async function listCredentials(db: Reading, query: CredentialsQuery): Promise<{ items: CredentialView[]; total: number; of: number }> {
  const all = await viewCredentials(db)
  const words = fold(query.q ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const matching = all.filter((each) => words.every((word) => fold(`${each.name}\n${each.username}`).includes(word)))
  const [column, direction] = readSort<CredentialColumn>(query.sort ?? 'name')
  const keyed = matching.map((view) => {
    const value = view[column]
    return { id: view.id, value: typeof value === 'string' ? countingKey(value) : value, name: countingKey(view.name), view }
  })
  const from = (query.page - 1) * query.size
  return {
    items: sortRows(keyed, direction)
      .slice(from, from + query.size)
      .map(({ view }) => view),
    total: matching.length,
    of: all.length,
  }
}

const fold = (text: string) => text.normalize('NFC').toLowerCase()

export async function getCredential(db: Reading, id: string): Promise<CredentialView | undefined> {
  return (await viewCredentials(db, id))[0]
}

async function viewCredentials(db: Reading, id?: string): Promise<CredentialView[]> {
  const rows = await db
    .selectFrom('credentials')
    .select(['id', 'name', 'username', 'authKind', 'publicKey', 'keyAlgorithm', 'createdAt', 'rotatedAt'])
    .where((eb) => eb.and(id === undefined ? [] : [eb('id', '=', id)]))
    .execute()
  const uses = await db
    .selectFrom('accounts')
    .select((eb) => ['credentialId', eb.fn.countAll().as('accounts'), eb.fn.count('assetId').distinct().as('hosts')])
    .where((eb) => (id === undefined ? eb('credentialId', 'is not', null) : eb('credentialId', '=', id)))
    .groupBy('credentialId')
    .execute()
  const counted = new Map(uses.map((use) => [use.credentialId, use]))
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    username: row.username,
    auth: viewSecret(row),
    createdAt: new Date(row.createdAt).toISOString(),
    rotatedAt: new Date(row.rotatedAt).toISOString(),
    hosts: Number(counted.get(row.id)?.hosts ?? 0),
    accounts: Number(counted.get(row.id)?.accounts ?? 0),
  }))
}
