// The hosts on the way to another: as a gateway is told of them, and as they are kept with what they were told for.
import { z } from 'zod'
import { type Hop, maxHops } from '#domain/admission.ts'
import { formatAddress } from '#domain/asset.ts'
import { Failure } from '#domain/failure.ts'
import { mayDialLoopback, refuseForbiddenAddress } from './allowed-address.ts'
import { hostKeysOf, type Reading } from './asset-rows.ts'
import { publicHalfOf } from './credential.ts'
import { legacyOf } from './old-algorithms.ts'
import type { AssetParts } from './parts.ts'
import { viaOf, type Via } from './via.ts'

/** `asset` and `account` are ids; the rest is what they were when the way was told, and what is given for the account holds only while its name is the same. */
export const WayStop = z.strictObject({
  asset: z.string(),
  assetName: z.string(),
  account: z.string(),
  username: z.string(),
  address: z.string(),
  port: z.number(),
})
export type WayStop = z.infer<typeof WayStop>
const StoredWay = z.array(WayStop).max(maxHops)

/** The one that is dialled first comes first. */
export type Way = { stops: WayStop[]; hops: Hop[] }

/** A key that is left out is judged by control, when it is met: hosts on the way must not fill a message. */
const maxKeysOfHop = 10
const maxKeyChars = 2048

/** The way that begins with `via`, on present rows. Throws `via_invalid` when a host or an account on it is gone, or it is too long; `address_not_allowed`; `credential_missing`. */
export async function readWay(parts: AssetParts, db: Reading, via: Via | null): Promise<Way> {
  const way: Way = { stops: [], hops: [] }
  for (let next = via; next !== null;) {
    if (way.stops.length >= maxHops) throw new Failure('via_invalid', `There would be more than ${maxHops} hosts on the way.`, { field: 'via' })
    const asset = await db.selectFrom('assets').selectAll().where('id', '=', next.asset).executeTakeFirst()
    const account = await db.selectFrom('accounts').selectAll().where('id', '=', next.account).where('assetId', '=', next.asset).executeTakeFirst()
    if (!asset || !account) throw new Failure('via_invalid', 'The host on the way, or this account of it, is not there (any more).', { field: 'via' })
    const { id, name, address, port } = asset
    const { username } = account
    next = viaOf(asset)
    const isFirst = next === null
    const mayLoopback = mayDialLoopback(parts, asset.confirmedLoopback === 1)
    refuseOnTheWay(parts, asset, isFirst)
    const hostKeys = (await hostKeysOf(db, id)).filter(({ key }) => key.length <= maxKeyChars).slice(0, maxKeysOfHop)
    way.stops.unshift({ asset: id, assetName: name, account: account.id, username, address, port })
    way.hops.unshift({
      asset: { id, name },
      target: { address, port, username },
      auth: await publicHalfOf(db, account),
      hostKeys,
      ...legacyOf(asset, parts.now()),
      mayDialLoopback: mayLoopback,
    })
  }
  return way
}

function refuseOnTheWay(parts: AssetParts, asset: { name: string; address: string; port: number; confirmedLoopback: number }, isFirst: boolean): void {
  try {
    // The loopback of a host that is reached through another is that other's.
    refuseForbiddenAddress(parts, asset.address, asset.port, !isFirst || asset.confirmedLoopback === 1)
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    throw new Failure(cause.code, `${asset.name}, on the way: ${cause.message}`, { field: 'via', ...(cause.detail ? { detail: { ...cause.detail } } : {}) })
  }
}

/** As it stands in `sessions.via`; null without a way. */
export const storeWay = (stops: readonly WayStop[]): string | null => (stops.length === 0 ? null : JSON.stringify(stops))

/** The stops of a session, outermost first. */
export const stopsOf = (row: { via: string | null }): WayStop[] => (row.via === null ? [] : StoredWay.parse(JSON.parse(row.via)))

/** How the ledger names it: `root@web1 (192.0.2.1:22)`. */
export const wordsOfWay = (stops: readonly WayStop[]): string[] =>
  stops.map(({ username, assetName, address, port }) => `${username}@${assetName} (${formatAddress(address, port)})`)
