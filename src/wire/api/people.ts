// Claiming, signing in, and what one may see and change of oneself.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { OperatorName, Password, Role } from '#domain/operator.ts'
import { oneLine } from '#domain/shown-text.ts'
import { Id, Time } from './lists.ts'

/** In which the SSH door speaks to somebody: as they chose on a page. */
const Language = z.enum(['en', 'zh'])
export const OperatorView = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  role: Role,
  mayWatch: z.boolean(),
  language: Language.optional(),
})
export type OperatorView = z.infer<typeof OperatorView>
/** A browser or an ssh client that is signed in. `id` is no secret and cannot be used to sign in. */
export const SignInView = z.object({
  id: z.string(),
  createdAt: Time,
  lastSeenAt: Time,
  expiresAt: Time,
  source: z.string(),
  /** Its own words, at most 200 characters. */
  agent: z.string(),
  door: z.enum(['web', 'ssh']),
  /** Name of the key that it came with, of `ssh`. */
  key: z.string().optional(),
  current: z.boolean(),
})
export type SignInView = z.infer<typeof SignInView>

export const claim = {
  state: oc
    .route({ method: 'GET', path: '/claim', summary: 'Whether the first administrator still has to be made, and whose machine this is' })
    .output(z.object({ claimed: z.boolean(), machine: z.string(), signInNotice: z.string().optional() })),
  make: oc
    .route({ method: 'POST', path: '/claim', summary: 'Make the first administrator and sign in' })
    .input(z.strictObject({ token: z.string().max(100), username: OperatorName, password: Password }))
    .output(z.object({ operator: OperatorView })),
}
/**
 * Half a sign-in leaves nothing behind: what is missing is named, `password` first, and asked for anew together with what was given. `totp`: send it again with `code` (of the authenticator, or a recovery code).
 * `setup`: a second factor is required and there is none; `setup` is its secret, and `code` must be of it. `password`: send it again with `newPassword`.
 * `recoveryCodes` come once, with the sign-in that set the factor up. Each `setup` without a code voids the one before. Throws `second_factor_wrong`, `password_too_weak` with the field `newPassword`.
 */
export const signIn = oc
  .route({ method: 'POST', path: '/sign-in' })
  .input(
    z.strictObject({
      username: z.string().max(256),
      password: z.string().max(1024),
      code: z.string().max(20).optional(),
      newPassword: Password.optional(),
    }),
  )
  .output(
    z.union([
      z.object({ operator: OperatorView, recoveryCodes: z.array(z.string()).optional() }),
      z.object({ next: z.enum(['totp', 'password']) }),
      z.object({ next: z.literal('setup'), setup: z.object({ secret: z.string(), uri: z.string() }) }),
    ]),
  )
export const signOut = oc.route({ method: 'POST', path: '/sign-out' }).output(z.object({}))
export const me = oc.route({ method: 'GET', path: '/me' }).output(OperatorView)
/** What others read: any language, no control character and none that turns the direction of what follows. */
export const PersonName = oneLine(100)
export const account = {
  rename: oc
    .route({ method: 'PATCH', path: '/me', summary: 'The name that others see, and the language of the SSH door' })
    .input(z.strictObject({ name: PersonName.optional(), language: Language.optional() }))
    .output(OperatorView),
  /** Ends every other sign-in of the person, and the sessions that hang on them. Throws `sign_in_failed` with the field `current`, `sign_in_slowed`. */
  changePassword: oc
    .route({ method: 'POST', path: '/me/password', summary: 'A new password; every other sign-in ends' })
    .input(z.strictObject({ current: z.string().max(1024), password: Password }))
    .output(z.object({ ended: z.number() })),
  signIns: oc
    .route({ method: 'GET', path: '/me/sign-ins', summary: 'The browsers one is signed in with, the last seen first' })
    .output(z.object({ items: z.array(SignInView) })),
  /** With the sessions and watches that were opened from it, as signing out there does. */
  endSignIn: oc.route({ method: 'DELETE', path: '/me/sign-ins/{id}' }).input(Id).output(z.object({})),
  endOtherSignIns: oc.route({ method: 'DELETE', path: '/me/sign-ins', summary: 'All but the one that asks' }).output(z.object({ ended: z.number() })),
}
