// Which host keys are trusted for a session, and what is done about another one. A changed key is never accepted.
import { formatAddress } from '#domain/asset.ts'
import { decide, isRefusal } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import { judgeHostKey, type HostKey } from '#domain/host-key.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Ask } from '#wire/link.ts'
import { hostKeysOf } from '../assets/asset-rows.ts'
import { checkHostKeys } from '../assets/host-keys.ts'
import { record } from '../audit/ledger.ts'
import { askerOf } from '../sign-in/sign-ins.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { openingSession, type LeaseParts } from './leases.ts'
import { refuseForeign } from './own-session.ts'

/** Where the keys of a quick connect are pinned, in `hostKeys.place`. */
export const placeOfAddress = (address: string, port: number) => `address:${formatAddress(address.toLowerCase(), port)}`

type Place = { assetId: string | null; address: string; port: number }

/** Keys of the asset; for a quick connect those pinned for its address, or else for saved hosts with the same address: a known host stays known however it is named. */
export async function trustedKeys(trx: Trx, place: Place): Promise<HostKey[]> {
  if (place.assetId !== null) return hostKeysOf(trx, place.assetId)
  const columns = ['type', 'fingerprint', 'key'] as const
  const pinned = await trx.selectFrom('hostKeys').select(columns).where('place', '=', placeOfAddress(place.address, place.port)).execute()
  if (pinned.length > 0) return pinned
  const assets = await trx
    .selectFrom('assets')
    .select('id')
    .where((eb) => eb(eb.fn('lower', ['address']), '=', place.address.toLowerCase()))
    .where('port', '=', place.port)
    .limit(20)
    .execute()
  const saved = await Promise.all(assets.map((asset) => hostKeysOf(trx, asset.id)))
  return [...new Map(saved.flat().map((key) => [key.key, key])).values()]
}

type Judged = { verdict: 'trusted' | 'unknown' | 'changed'; trusted: HostKey[] }

/** Judges a key by the present rows and writes what was not trusted. Throws `forbidden` for a lease that is not this gateway's. */
export async function judgeOffered(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'judge-host-key' }>): Promise<Judged> {
  const [offered] = checkHostKeys([ask.offered], 'offered')
  const judged = await parts.store.transaction(async (trx): Promise<Judged | undefined> => {
    const check = parts.checkOf(gateway, ask.lease)
    const row = check ? undefined : await openingSession(trx, gateway, ask.lease)
    if (!offered || (!check && !row)) return undefined
    const trusted = check ? [...check.hostKeys] : row ? await trustedKeys(trx, row) : []
    const verdict = judgeHostKey(offered, trusted)
    if (verdict !== 'trusted' && !(await wasRefused(trx, ask.lease, 10)))
      await record(
        trx,
        {
          code: 'host_key.refused',
          outcome: 'refused',
          operator: row?.operatorId ?? parts.checks.find(ask.lease)?.operator.id,
          object: ask.lease,
          source: row?.source,
          detail: {
            verdict,
            asset: row?.assetName,
            address: formatAddress(row?.address ?? check?.address ?? '', row?.port ?? check?.port ?? 0),
            offered: offered.fingerprint,
            type: offered.type,
            trusted: trusted.map((key) => key.fingerprint),
            gateway,
          },
        },
        parts.now(),
      )
    return { verdict, trusted }
  })
  if (!judged) throw await refuseForeign(parts.refusals, gateway, 'judge-host-key', ask.lease)
  return judged
}

/** A dial meets one key; a gateway that offers more than a few is filling the ledger. */
async function wasRefused(trx: Trx, lease: string, times: number): Promise<boolean> {
  const rows = await trx.selectFrom('audit').select('seq').where('object', '=', lease).where('code', '=', 'host_key.refused').limit(times).execute()
  return rows.length >= times
}

/** Pins an unknown key for a quick connect, on the word of the administrator in front of it. Throws `host_key_changed` when another is pinned, `forbidden` when the lease is not this gateway's, not a quick connect, or its operator may not (any more). */
export async function trustOffered(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'trust-host-key' }>): Promise<Record<string, never>> {
  const [offered] = checkHostKeys([ask.offered], 'offered')
  const outcome = await parts.store.transaction(async (trx): Promise<'trusted' | Failure | undefined> => {
    const row = await openingSession(trx, gateway, ask.lease)
    if (!row || !offered) return undefined
    if (row.assetId !== null || !(await mayQuickConnect(trx, row))) return new Failure('forbidden', 'Keys of saved hosts are trusted on the page of the host.')
    const verdict = judgeHostKey(offered, await trustedKeys(trx, row))
    if (verdict === 'trusted') return 'trusted'
    const event = {
      operator: row.operatorId,
      object: row.id,
      source: row.source,
      detail: { address: formatAddress(row.address, row.port), type: offered.type, fingerprint: offered.fingerprint, gateway },
    }
    if (verdict === 'changed') return new Failure('host_key_changed', 'The key of this host has changed. It is not trusted.')
    const place = placeOfAddress(row.address, row.port)
    await trx
      .insertInto('hostKeys')
      .values({ place, ...offered, trustedAt: parts.now(), trustedBy: row.operatorName })
      .execute()
    await record(trx, { code: 'host_key.trusted', outcome: 'done', ...event }, parts.now())
    return 'trusted'
  })
  if (outcome === undefined) throw await refuseForeign(parts.refusals, gateway, 'trust-host-key', ask.lease)
  if (outcome === 'trusted') return {}
  await parts.refusals.note(gateway, `trust-host-key: ${outcome.message}`, ask.lease)
  throw outcome
}

async function mayQuickConnect(trx: Trx, row: Row<'sessions'>): Promise<boolean> {
  const operator = await trx.selectFrom('operators').selectAll().where('id', '=', row.operatorId).executeTakeFirst()
  if (!operator) return false
  return !isRefusal(decide({ operator: askerOf(operator), action: 'quick-connect', door: 'web', source: row.source }))
}
