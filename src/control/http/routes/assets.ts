// Hosts and their accounts, keys and checks. Administrators see and change all of them; everybody else sees what their grants name, and changes nothing but their own favourites.
import { Failure } from '#domain/failure.ts'
import { viewerOf } from '../../access/sight.ts'
import { addAccount, deleteAccount, updateAccount } from '../../assets/accounts.ts'
import { getAsset } from '../../assets/asset-rows.ts'
import { checkAccount, checkAddress, scanAddress, scanAsset } from '../../assets/check-host.ts'
import { trustHostKeys } from '../../assets/host-keys.ts'
import { importAssets } from '../../assets/import-assets.ts'
import { listAssets } from '../../assets/list-assets.ts'
import { changeMany, removeMany } from '../../assets/many-assets.ts'
import { setFavourite, unsetFavourite } from '../../assets/own-hosts.ts'
import { lookNow } from '../../assets/reach.ts'
import { listTags } from '../../assets/tags.ts'
import { createAsset, deleteAsset, updateAsset } from '../../assets/write-asset.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

const noAsset = () => new Failure('asset_not_found', 'There is no such host.')

/** For one host: whoever may not administer it does not learn that it exists. */
function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noAsset())
}
const lookOf = (call: Call) => ({ actor: call.actor, signal: call.signal })

export function assetRoutes(routes: Routes['assets'], parts: ApiParts) {
  const viewer = (call: Call) => viewerOf(parts.store.db, call.me.asker, parts.now())
  return {
    list: routes.list.handler(async ({ input, context: call }) => await listAssets(parts.store, input, await viewer(call))),
    get: routes.get.handler(async ({ input, context: call }) => {
      const asset = await getAsset(parts.store.db, input.id, await viewer(call))
      if (!asset) throw noAsset()
      return asset
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createAsset(parts, input, call.actor)
    }),
    update: routes.update.handler(async ({ input: { id, ...change }, context: call }) => {
      administerOne(call)
      return await updateAsset(parts, id, change, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await deleteAsset(parts, input.id, call.actor)
      return {}
    }),
    addAccount: routes.addAccount.handler(async ({ input: { id, ...account }, context: call }) => {
      administerOne(call)
      return await addAccount(parts, id, account, call.actor)
    }),
    updateAccount: routes.updateAccount.handler(async ({ input: { id, account, ...change }, context: call }) => {
      administerOne(call)
      return await updateAccount(parts, id, account, change, call.actor)
    }),
    removeAccount: routes.removeAccount.handler(async ({ input, context: call }) => {
      administerOne(call)
      await deleteAccount(parts, input.id, input.account, call.actor)
      return {}
    }),
    scanHostKeys: routes.scanHostKeys.handler(async ({ input, context: call }) => {
      administerOne(call)
      return { items: await scanAsset(parts, input.id, lookOf(call)) }
    }),
    trustHostKeys: routes.trustHostKeys.handler(async ({ input, context: call }) => {
      administerOne(call)
      return { items: await trustHostKeys(parts, input.id, input.trusted, call.actor) }
    }),
    changeMany: routes.changeMany.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { changed: await changeMany(parts, input, call.actor) }
    }),
    removeMany: routes.removeMany.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { removed: await removeMany(parts, input.ids, call.actor) }
    }),
    importMany: routes.importMany.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { items: await importAssets(parts, input.rows, input.dryRun, call.actor) }
    }),
    tags: routes.tags.handler(async ({ context: call }) => ({ items: await listTags(parts.store, await viewer(call)) })),
    setFavourite: routes.setFavourite.handler(async ({ input, context: call }) => {
      await setFavourite(parts.store, await viewer(call), input.id, parts.now())
      return {}
    }),
    unsetFavourite: routes.unsetFavourite.handler(async ({ input, context: call }) => {
      await unsetFavourite(parts.store, await viewer(call), input.id)
      return {}
    }),
    reach: routes.reach.handler(async ({ input, context: call }) => {
      administerOne(call)
      return await lookNow(parts, input.id, { operator: call.me.asker, signal: call.signal })
    }),
    check: routes.check.handler(async ({ input, context: call }) => {
      administerOne(call)
      return { steps: await checkAccount(parts, input.id, input.account, lookOf(call)) }
    }),
  }
}

export function checkRoutes(routes: Routes['checks'], parts: ApiParts) {
  return {
    scan: routes.scan.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { items: await scanAddress(parts, input, lookOf(call)) }
    }),
    run: routes.run.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { steps: await checkAddress(parts, input, lookOf(call)) }
    }),
  }
}
