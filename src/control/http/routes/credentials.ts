// Shared credentials: administrators alone.
import { getCredential, listCredentials } from '../../assets/credential-rows.ts'
import { createCredential, deleteCredential, noCredential, updateCredential } from '../../assets/write-credential.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noCredential())
}

export function credentialRoutes(routes: Routes['credentials'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await listCredentials(parts.store.db, input)
    }),
    get: routes.get.handler(async ({ input, context: call }) => {
      administerOne(call)
      const credential = await getCredential(parts.store.db, input.id)
      if (!credential) throw noCredential()
      return credential
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createCredential(parts, input, call.actor)
    }),
    update: routes.update.handler(async ({ input: { id, ...change }, context: call }) => {
      administerOne(call)
      return await updateCredential(parts, id, change, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await deleteCredential(parts, input.id, call.actor)
      return {}
    }),
  }
}
