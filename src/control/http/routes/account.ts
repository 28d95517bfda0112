// What one sees and changes of oneself. Nobody is asked for permission: it is the asker's own.
import { Secret } from '#domain/secret.ts'
import { shownId } from '../../sign-in/opaque-token.ts'
import { changeOneself, ownSignIns } from '../../sign-in/own-sign-ins.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

export function accountRoutes(routes: Routes['account'], { signIns, store, now }: ApiParts) {
  return {
    rename: routes.rename.handler(({ input, context: call }) => changeOneself(store, { operatorId: call.me.asker.id, ...input, source: call.source }, now())),
    changePassword: routes.changePassword.handler(async ({ input, context: call }) => {
      const { asker, signInId } = call.me
      const passwords = { current: new Secret(input.current), next: new Secret(input.password) }
      return { ended: await signIns.changePassword({ operatorId: asker.id, signInId, ...passwords, source: call.source }) }
    }),
    signIns: routes.signIns.handler(async ({ context: call }) => ({ items: await ownSignIns(store, call.me.asker.id, call.me.signInId, now()) })),
    endSignIn: routes.endSignIn.handler(async ({ input, context: call }) => {
      const { asker, signInId } = call.me
      await signIns.endOwn({ operatorId: asker.id, id: input.id, source: call.source })
      if (shownId(signInId) === input.id) call.cookie = null
      return {}
    }),
    endOtherSignIns: routes.endOtherSignIns.handler(async ({ context: call }) => {
      const { asker, signInId } = call.me
      return { ended: await signIns.endOthers({ operatorId: asker.id, signInId, source: call.source }) }
    }),
  }
}
