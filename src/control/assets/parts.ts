// What the functions on assets work with.
import { randomBytes } from 'node:crypto'
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store } from '../store/open-store.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'

export type AssetParts = {
  readonly store: Store
  readonly vault: Vault
  /** Ms since the epoch. */
  now(): number
  /** Where Sallyport itself listens, and whether that is loopback alone. */
  readonly listeners: readonly { readonly host: string; readonly port: number }[]
  readonly listensOnLoopbackOnly: boolean
}

/** Of changes that can forbid what somebody is doing: gateways are told of it after the commit. */
export type EndingParts = AssetParts & { pushEnds(ends: readonly PendingEnd[]): void }

/** Who acts, as the ledger names them. */
export const byWhom = (actor: Actor) => ({ operator: actor.operator.id, source: actor.source, requestId: actor.requestId })
/** Where the secret of an account is sealed. */
export const secretPlace = (account: string): SealedPlace => ({ table: 'accounts', row: account, column: 'sealed' })
/** Where the secret of a shared credential is sealed. */
export const sharedSecretPlace = (credential: string): SealedPlace => ({ table: 'credentials', row: credential, column: 'sealed' })
export const random = (bytes: number): Uint8Array => randomBytes(bytes)
