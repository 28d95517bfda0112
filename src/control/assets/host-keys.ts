// The host keys that are trusted for an asset. Only administrators change them, as a whole list, and the ledger keeps what was before.
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { fingerprintOf } from '#ssh/private-key.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { hostKeysOf, placeOfAsset } from './asset-rows.ts'
import { forgetTrustedChanges } from './key-changes.ts'
import { byWhom, type AssetParts } from './parts.ts'

/** Throws `bad_request` naming the key whose type or fingerprint is not that of its blob: what a person compared must be what is trusted. Twice the same key counts once. */
export function checkHostKeys(keys: readonly HostKey[], at: string): HostKey[] {
  const found = new Map<string, HostKey>()
  for (const [index, key] of keys.entries()) {
    const blob = Buffer.from(key.key, 'base64')
    const isWhole = blob.toString('base64') === key.key && typeOf(blob) === key.type && fingerprintOf(blob) === key.fingerprint
    if (!isWhole) throw new Failure('bad_request', 'The type or the fingerprint is not the one of the key.', { field: `${at}.${index}` })
    found.set(key.fingerprint, key)
  }
  return [...found.values()]
}

/** RFC 4253 section 6.6: a key blob begins with its type as a string. */
function typeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined
  const length = blob.readUInt32BE(0)
  return length > 0 && length <= 64 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : undefined
}

/** Replaces the list for an asset and writes `host_key.trusted` with the fingerprints before and after. Throws `asset_not_found`. */
export async function trustHostKeys(parts: AssetParts, asset: string, trusted: readonly HostKey[], actor: Actor): Promise<HostKey[]> {
  const keys = checkHostKeys(trusted, 'trusted')
  return await parts.store.transaction(async (trx) => {
    const known = await trx.selectFrom('assets').select('name').where('id', '=', asset).executeTakeFirst()
    if (!known) throw new Failure('asset_not_found', 'There is no such host.')
    const before = await hostKeysOf(trx, asset)
    await putHostKeys(trx, asset, keys, actor, parts.now())
    const detail = { name: known.name, before: before.map(({ fingerprint }) => fingerprint), after: keys.map(({ fingerprint }) => fingerprint) }
    const held = { before: detail.before, after: detail.after }
    await record(trx, { code: 'host_key.trusted', outcome: 'done', ...byWhom(actor), object: asset, detail, ...held }, parts.now())
    return await hostKeysOf(trx, asset)
  })
}

export async function putHostKeys(trx: Trx, asset: string, keys: readonly HostKey[], actor: Actor, now: number): Promise<void> {
  const place = placeOfAsset(asset)
  await trx.deleteFrom('hostKeys').where('place', '=', place).execute()
  if (keys.length === 0) return
  await forgetTrustedChanges(trx, asset, keys)
  await trx
    .insertInto('hostKeys')
    .values(hostKeyRows(asset, keys, actor, now))
    .execute()
}

export const hostKeyRows = (asset: string, keys: readonly HostKey[], actor: Actor, now: number) =>
  keys.map(({ type, key, fingerprint }) => ({ place: placeOfAsset(asset), type, key, fingerprint, trustedAt: now, trustedBy: actor.operator.name }))
