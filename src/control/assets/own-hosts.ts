// What is one person's own about hosts: favourites, and what they used last.
import { Failure } from '#domain/failure.ts'
import type { Viewer } from '../access/sight.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { seesAsset } from './seen-assets.ts'

/** More favourites than this are refused: the page shows them before all others. */
export const maxFavourites = 500

/** Marks a host that they see for one person. Twice does nothing more. Throws `asset_not_found`, `conflict` at 500. */
export async function setFavourite(store: Store, viewer: Viewer, asset: string, now: number): Promise<void> {
  await store.transaction(async (trx) => {
    if (!(await seesAsset(trx, viewer, asset))) throw new Failure('asset_not_found', 'There is no such host.')
    const { operator } = viewer
    await trx
      .insertInto('favourites')
      .values({ operatorId: operator, assetId: asset, createdAt: now })
      .onConflict((conflict) => conflict.columns(['operatorId', 'assetId']).doNothing())
      .execute()
    const { count } = await trx
      .selectFrom('favourites')
      .select((eb) => eb.fn.countAll().as('count'))
      .where('operatorId', '=', operator)
      .executeTakeFirstOrThrow()
    if (Number(count) > maxFavourites) throw new Failure('conflict', `You have ${maxFavourites} favourites, which is as many as there may be.`)
  })
}

/** Takes the mark away; where there is none, nothing happens. Throws `asset_not_found`. */
export async function unsetFavourite(store: Store, viewer: Viewer, asset: string): Promise<void> {
  await store.transaction(async (trx) => {
    if (!(await seesAsset(trx, viewer, asset))) throw new Failure('asset_not_found', 'There is no such host.')
    const { operator } = viewer
    await trx.deleteFrom('favourites').where('operatorId', '=', operator).where('assetId', '=', asset).execute()
  })
}

/** Writes that a session of this person to the host was admitted, in the transaction that admits it. */
export async function noteUse(trx: Trx, use: { operator: string; asset: string; account: string | null }, now: number): Promise<void> {
  await trx.updateTable('assets').set({ lastUsedAt: now }).where('id', '=', use.asset).execute()
  await trx
    .insertInto('assetUses')
    .values({ operatorId: use.operator, assetId: use.asset, accountId: use.account, usedAt: now })
    .onConflict((conflict) => conflict.columns(['operatorId', 'assetId']).doUpdateSet({ accountId: use.account, usedAt: now }))
    .execute()
}
