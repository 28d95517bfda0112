// Opaque, branded identifiers. Randomness is passed in: this room has no I/O.
import { z } from 'zod'

const brandedId = <Brand extends string>(prefix: string, _brand: Brand) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[a-z2-7]{16,40}$`), `expected an id that begins with ${prefix}_`)
    .brand<Brand>()

export const OperatorId = brandedId('op', 'OperatorId')
export type OperatorId = z.infer<typeof OperatorId>
export const AssetId = brandedId('as', 'AssetId')
export type AssetId = z.infer<typeof AssetId>
export const AccountId = brandedId('ac', 'AccountId')
export type AccountId = z.infer<typeof AccountId>
export const SessionId = brandedId('se', 'SessionId')
export type SessionId = z.infer<typeof SessionId>
export const GatewayId = brandedId('gw', 'GatewayId')
export type GatewayId = z.infer<typeof GatewayId>
/** One person's watching of one session. */
export const WatchId = brandedId('wa', 'WatchId')
export type WatchId = z.infer<typeof WatchId>
export const CredentialId = brandedId('cr', 'CredentialId')
export type CredentialId = z.infer<typeof CredentialId>
export const GroupId = brandedId('gr', 'GroupId')
export type GroupId = z.infer<typeof GroupId>
export const GrantId = brandedId('gt', 'GrantId')
export type GrantId = z.infer<typeof GrantId>
/** Of an API token, not the token itself. */
export const TokenId = brandedId('tk', 'TokenId')
export type TokenId = z.infer<typeof TokenId>
export const CommandRuleId = brandedId('ru', 'CommandRuleId')
export type CommandRuleId = z.infer<typeof CommandRuleId>
/** A key that somebody signs in with at the SSH door. */
export const OperatorKeyId = brandedId('ok', 'OperatorKeyId')
export type OperatorKeyId = z.infer<typeof OperatorKeyId>
/** A key that a host showed instead of the trusted ones. */
export const KeyChangeId = brandedId('kc', 'KeyChangeId')
export type KeyChangeId = z.infer<typeof KeyChangeId>
/** What a gateway names when it asks for a signature or a password: a session, or one check of a credential. */
export const LeaseId = z.union([SessionId, brandedId('ck', 'CheckId')])
export type LeaseId = z.infer<typeof LeaseId>
export const CheckId = brandedId('ck', 'CheckId')
export type CheckId = z.infer<typeof CheckId>

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32, lower case, without padding: safe in URLs, file names and double-click selection. */
export function base32(bytes: Uint8Array): string {
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) text += alphabet[(held << (5 - bits)) & 31]
  return text
}

type Schema<Id> = { parse(value: unknown): Id }

/** Makes an id of the given kind from 15 random bytes (120 bits, 24 characters). */
export function makeId<Id>(schema: Schema<Id>, prefix: string, random: Uint8Array): Id {
  return schema.parse(`${prefix}_${base32(random.subarray(0, 15))}`)
}

/** The part of a gateway's id by which its sessions name it: eight characters, 40 bits. */
export const gatewayMark = (id: GatewayId): string => id.slice(3, 11)

/** A session's id: `se_`, the mark of its gateway, then 24 characters of the random bytes (15). */
export function makeSessionId(gateway: GatewayId, random: Uint8Array): SessionId {
  return SessionId.parse(`se_${gatewayMark(gateway)}${base32(random.subarray(0, 15))}`)
}

/** The mark in a session's id; undefined when the id is too short to have one. */
export const markOf = (session: SessionId): string | undefined => (session.length === 35 ? session.slice(3, 11) : undefined)
