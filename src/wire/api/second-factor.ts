// One's own second factor, and tokens for programs.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Id, Time } from './lists.ts'
import { PersonName } from './people.ts'

const Code = z.string().min(6).max(20)
const CurrentPassword = z.string().min(1).max(1024)
/** What an authenticator needs: the secret in base32 (RFC 4648) and the `otpauth://` address of it. */
export const TotpSetup = z.object({ secret: z.string(), uri: z.string() })
export type TotpSetup = z.infer<typeof TotpSetup>
export const SecondFactorView = z.object({ set: z.boolean(), since: Time.optional(), recoveryCodesLeft: z.number(), required: z.boolean() })
export type SecondFactorView = z.infer<typeof SecondFactorView>

/** None of these takes a token. A wrong code or password counts as a failed sign-in. */
export const secondFactor = {
  get: oc.route({ method: 'GET', path: '/me/second-factor' }).output(SecondFactorView),
  begin: oc
    .route({ method: 'POST', path: '/me/second-factor', summary: 'A new secret; it holds once a code of it was shown' })
    .input(z.strictObject({ password: CurrentPassword }))
    .output(TotpSetup),
  confirm: oc
    .route({
      method: 'POST',
      path: '/me/second-factor/confirm',
      summary: 'Sets it up; every other sign-in ends, and this one counts as before. The recovery codes are shown this once',
    })
    .input(z.strictObject({ code: Code }))
    .output(z.object({ recoveryCodes: z.array(z.string()) })),
  remove: oc
    .route({ method: 'DELETE', path: '/me/second-factor', summary: 'Refused where it is required' })
    .input(z.strictObject({ password: CurrentPassword, code: Code }))
    .output(z.object({})),
  renewCodes: oc
    .route({ method: 'POST', path: '/me/recovery-codes', summary: 'New ones; the old ones are void' })
    .input(z.strictObject({ password: CurrentPassword, code: Code }))
    .output(z.object({ recoveryCodes: z.array(z.string()) })),
}

/** `read`: look. `connect`: tickets. `manage`: change. All within what its owner may, as it is at that moment; it dies when they are disabled, removed, or given a password by an administrator. */
export const TokenScope = z.enum(['read', 'connect', 'manage'])
export type TokenScope = z.infer<typeof TokenScope>
export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(TokenScope),
  createdAt: Time,
  expiresAt: Time.optional(),
  lastUsedAt: Time.optional(),
  lastSource: z.string().optional(),
})
export type TokenView = z.infer<typeof TokenView>
/** One's own, at most 50. None is made or listed with a token. What a token opens counts as opened without a second factor. */
export const tokens = {
  list: oc.route({ method: 'GET', path: '/tokens' }).output(z.object({ items: z.array(TokenView) })),
  create: oc
    .route({ method: 'POST', path: '/tokens', successStatus: 201, summary: 'The token is shown this once' })
    .input(z.strictObject({ name: PersonName, scopes: z.array(TokenScope).min(1).max(3).default(['read', 'connect', 'manage']), expiresAt: Time.optional() }))
    .output(TokenView.extend({ token: z.string() })),
  remove: oc.route({ method: 'DELETE', path: '/tokens/{id}' }).input(Id).output(z.object({})),
}
