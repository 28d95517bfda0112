// Whether a sign-in at the SSH door is to be asked for a code although a key has proven it: when a grant wants a second factor for what was asked for.
import { type Asker, type Missing, missingOf, type Question } from '#domain/access.ts'
import type { Grant } from '#domain/grant.ts'
import { askedAsset, grantsOf } from '../access/grant-rows.ts'
import type { Trx } from '../store/open-store.ts'

/** What is not known before a host is. */
const notYetKnown: ReadonlySet<Missing> = new Set(['asset', 'account', 'action'])

/** `asset` is a name. Without one, a menu or `ssh -J` say, any grant that asks for it will do: it is not known yet which host follows. */
export async function isFactorAsked(
  trx: Trx,
  operator: Asker,
  wanted: { asset?: string | undefined; account?: string | undefined; source: string },
  nowMs: number,
): Promise<boolean> {
  const asking = (await grantsOf(trx, operator)).filter(({ terms }) => terms.secondFactor)
  if (asking.length === 0) return false
  if (wanted.asset === undefined) {
    const question: Question = { operator, action: 'shell', source: wanted.source, door: 'ssh' }
    return asking.some((grant) => missingOf(grant, question, nowMs).every((missing) => notYetKnown.has(missing)))
  }
  const row = await trx.selectFrom('assets').select(['id', 'tags']).where('name', '=', wanted.asset).executeTakeFirst()
  if (!row) return false
  const accounts = wanted.account === undefined ? await accountsOf(trx, row.id) : [wanted.account]
  const asset = askedAsset(row)
  const covers = (grant: Grant, account: string) =>
    grant.terms.actions.some((action) => {
      const question: Question = { operator, action, asset, account, source: wanted.source, door: 'ssh' }
      return missingOf(grant, question, nowMs).length === 0
    })
  return asking.some((grant) => accounts.some((account) => covers(grant, account)))
}

async function accountsOf(trx: Trx, asset: string): Promise<string[]> {
  return (await trx.selectFrom('accounts').select('username').where('assetId', '=', asset).execute()).map(({ username }) => username)
}
