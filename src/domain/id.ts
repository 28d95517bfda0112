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
