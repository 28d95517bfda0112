// Whether a sign-in at the SSH door is to be asked for a code although a key has proven it: when a grant wants a second factor for what was asked for.
import { type Asker, missingOf, missingTime, type Question } from '#domain/access.ts'
import type { Grant } from '#domain/grant.ts'
import { isInNetwork } from '#domain/network.ts'
import { askedAsset, grantsOf } from '../access/grant-rows.ts'
import type { Trx } from '../store/open-store.ts'

/** `asset` is a name. Without one, a menu or `ssh -J` say, any grant that asks for it will do: it is not known yet which host follows. */
export async function isFactorAsked(
  trx: Trx,
  operator: Asker,
  wanted: { asset?: string | undefined; account?: string | undefined; source: string },
  nowMs: number,
): Promise<boolean> {
  const asking = (await grantsOf(trx, operator)).filter(({ terms }) => terms.secondFactor)
  if (asking.length === 0) return false
  if (wanted.asset === undefined) return asking.some((grant) => missingTime(grant.terms, nowMs).length === 0 && isFrom(grant, wanted.source))
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

const isFrom = ({ terms: { sources } }: Grant, source: string) =>
  sources === undefined || sources.length === 0 || sources.some((network) => isInNetwork(network, source))

async function accountsOf(trx: Trx, asset: string): Promise<string[]> {
  return (await trx.selectFrom('accounts').select('username').where('assetId', '=', asset).execute()).map(({ username }) => username)
}
