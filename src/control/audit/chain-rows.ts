// Reads the chain with the ledger rows that it covers, in small pieces.
import type { Store } from '../store/open-store.ts'
import type { Chained } from './chain.ts'

type Db = Store['db']
/** `row` is undefined where the ledger row of this number is gone. */
export type ChainLink = { number: number; seq: number; hash: string; chainedAt: number; row: Chained | undefined }

/** The links behind `after` up to `upTo` in their order, at most `limit`. */
export async function readChain(db: Db, range: { after: number; upTo?: number; limit: number }): Promise<ChainLink[]> {
  const rows = await db
    .selectFrom('auditChain as chain')
    .leftJoin('audit', 'audit.seq', 'chain.seq')
    .select(['chain.number', 'chain.seq', 'chain.hash', 'chain.chainedAt', 'audit.seq as found', 'audit.at', 'audit.code', 'audit.outcome'])
    .select(['audit.operator', 'audit.object', 'audit.source', 'audit.detail', 'audit.requestId', 'audit.before', 'audit.after'])
    .where('chain.number', '>', range.after)
    .where('chain.number', '<=', range.upTo ?? Number.MAX_SAFE_INTEGER)
    .orderBy('chain.number')
    .limit(range.limit)
    .execute()
  return rows.map(({ hash, found, at, code, outcome, ...rest }) => {
    const { number, seq, chainedAt } = rest
    const row = found === null || at === null || code === null || outcome === null ? undefined : { ...rest, at, code, outcome }
    return { number, seq, hash, chainedAt, row }
  })
}

export type ChainEnd = { number: number; hash: string; chainedAt: number }

/** The last link; undefined while nothing is chained. */
export const chainEnd = (db: Pick<Db, 'selectFrom'>): Promise<ChainEnd | undefined> =>
  db.selectFrom('auditChain').select(['number', 'hash', 'chainedAt']).orderBy('number', 'desc').limit(1).executeTakeFirst()

/** The hash of one number; that of number 0 is what the chain starts from. */
export async function hashOf(db: Db, number: number): Promise<string | undefined> {
  return (await db.selectFrom('auditChain').select('hash').where('number', '=', number).executeTakeFirst())?.hash
}

/** Places and hashes of these ledger rows, by their `seq`: for lists of the ledger. Rows that are not chained yet are left out. */
export async function chainPlaces(db: Pick<Db, 'selectFrom'>, seqs: readonly number[]): Promise<Map<number, { number: number; hash: string }>> {
  if (seqs.length === 0) return new Map()
  const rows = await db
    .selectFrom('auditChain')
    .select(['seq', 'number', 'hash'])
    .where('seq', 'in', [...seqs])
    .execute()
  return new Map(rows.map(({ seq, number, hash }) => [seq, { number, hash }]))
}
