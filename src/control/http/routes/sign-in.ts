// Claiming, signing in and out, and who one is.
import { Failure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

export function claimRoutes(routes: Routes['claim'], { claim, machine, settings }: ApiParts) {
  return {
    state: routes.state.handler(async () => {
      const { claimed } = await claim.state()
      // Whoever claims must know whose machine it is; afterwards strangers have no use for its name.
      const { signInNotice } = settings.current()
      return { claimed, machine: claimed ? '' : machine, ...(signInNotice === '' ? {} : { signInNotice }) }
    }),
    make: routes.make.handler(async ({ input, context: call }) => {
      const signedIn = await claim.make({ ...input, password: new Secret(input.password), source: call.source, agent: call.agent })
      call.cookie = signedIn.cookie
      return { operator: signedIn.operator }
    }),
  }
}

export function signInRoutes(routes: Routes, { signIns, entrance }: ApiParts) {
  return {
    signIn: routes.signIn.handler(async ({ input, context: call }) => {
      const { username, password, code, newPassword } = input
      const missing = { ...(code === undefined ? {} : { code }), ...(newPassword === undefined ? {} : { newPassword: new Secret(newPassword) }) }
      // Always a new token: one that was in the browser before, planted or not, is never raised to a signed-in one, and is void from here on.
      const from = { source: call.source, agent: call.agent, replaces: call.shownCookie }
      const entered = await entrance.enter({ username, password: new Secret(password), ...missing, ...from })
      if ('next' in entered) return entered
      call.cookie = entered.cookie
      return { operator: entered.operator, ...(entered.recoveryCodes ? { recoveryCodes: entered.recoveryCodes } : {}) }
    }),
    signOut: routes.signOut.handler(async ({ context: call }) => {
      const { shownCookie } = call
      if (shownCookie === undefined) throw new Failure('unauthenticated', 'Sign in first.')
      await signIns.signOut(shownCookie, call.source)
      call.cookie = null
      return {}
    }),
    me: routes.me.handler(({ context: call }) => call.me.operator),
  }
}
