// Credentials that many hosts share: changed in one place, used wherever an account names them.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { AccountName } from '#domain/asset.ts'
import { SecretInput, SecretView } from '#domain/credential.ts'
import { oneLine } from '#domain/shown-text.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'

/** `username` is offered when an account is made with it; the account has its own. */
export const CredentialView = z.object({
  id: z.string(),
  name: z.string(),
  username: z.string(),
  auth: SecretView,
  createdAt: Time,
  /** When its secret was last replaced. */
  rotatedAt: Time,
  hosts: z.number(),
  accounts: z.number(),
})
export type CredentialView = z.infer<typeof CredentialView>

const CredentialName = oneLine(100).transform((name) => name.normalize('NFC'))
const CredentialInput = z.strictObject({ name: CredentialName, username: AccountName, auth: SecretInput })

export const credentials = {
  list: oc
    .route({ method: 'GET', path: '/credentials' })
    .input(listQuery(['name', 'username', 'createdAt', 'rotatedAt', 'hosts']))
    .output(listOf(CredentialView)),
  get: oc.route({ method: 'GET', path: '/credentials/{id}' }).input(Id).output(CredentialView),
  create: oc.route({ method: 'POST', path: '/credentials', successStatus: 201 }).input(CredentialInput).output(CredentialView),
  /** A new `auth` is used by every dial from then on. */
  update: oc.route({ method: 'PATCH', path: '/credentials/{id}' }).input(CredentialInput.partial().extend(Id.shape)).output(CredentialView),
  /** Throws `conflict` while an account uses it. */
  remove: oc.route({ method: 'DELETE', path: '/credentials/{id}' }).input(Id).output(z.object({})),
}
