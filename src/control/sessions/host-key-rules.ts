// Which host keys are trusted for a session, and what is done about another one, by the policy of the host.
import { formatAddress } from '#domain/asset.ts'
import { decide, isRefusal } from '#domain/access.ts'
import type { AuditCode } from '#domain/audit-event.ts'
import { Failure } from '#domain/failure.ts'
import { answerByPolicy, type HostKey, HostKeyPolicy, judgeHostKey, type KeyAnswer } from '#domain/host-key.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Ask } from '#wire/link.ts'
import { hostKeysOf, placeOfAsset } from '../assets/asset-rows.ts'
import { checkHostKeys } from '../assets/host-keys.ts'
import { noteKeyChange } from '../assets/key-changes.ts'
import { stopsOf, type WayStop } from '../assets/way.ts'
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

type Judged = { verdict: KeyAnswer; trusted: HostKey[] }
/** A host that a key is offered for, at the end of a lease's way or on it. */
type Met = {
  operator?: { id: string; name: string } | undefined
  source?: string
  assetId: string | null
  assetName?: string
  address: string
  port: number
  trusted: HostKey[]
}

/** Judges a key by the present rows and the policy of the host, and writes what was not trusted. Throws `forbidden` for a lease that is not this gateway's, or has no such host on its way. */
export async function judgeOffered(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'judge-host-key' }>): Promise<Judged> {
  const [offered] = checkHostKeys([ask.offered], 'offered')
  const judged = await parts.store.transaction(async (trx): Promise<Judged | undefined> => {
    const met = await metAt(parts, trx, gateway, ask)
    if (!offered || !met) return undefined
    const { trusted } = met
    const verdict = answerByPolicy(judgeHostKey(offered, trusted), await policyOf(trx, met.assetId))
    if (verdict !== 'trusted') await act(trx, { lease: ask.lease, hop: ask.hop, gateway, met, offered, verdict, now: parts.now() })
    return { verdict, trusted }
  })
  if (!judged) throw await refuseForeign(parts.refusals, gateway, 'judge-host-key', ask.lease)
  return judged
}

async function metAt(parts: LeaseParts, trx: Trx, gateway: GatewayId, { lease, hop }: { lease: string; hop?: number | undefined }): Promise<Met | undefined> {
  const check = parts.isProbing(gateway, lease) ? parts.checks.find(lease) : undefined
  if (check) {
    const { operator, asset, target, way = [], hostKeys } = check
    if (hop !== undefined) return metOnTheWay(trx, { operator }, way[hop])
    return {
      operator,
      ...target,
      assetId: asset?.id ?? null,
      ...(asset ? { assetName: asset.name } : {}),
      trusted: asset ? await hostKeysOf(trx, asset.id) : [...hostKeys],
    }
  }
  const row = await openingSession(trx, gateway, lease)
  if (!row) return undefined
  const who = { operator: { id: row.operatorId, name: row.operatorName }, source: row.source }
  if (hop !== undefined) return metOnTheWay(trx, who, stopsOf(row)[hop])
  return { ...who, assetId: row.assetId, assetName: row.assetName, address: row.address, port: row.port, trusted: await trustedKeys(trx, row) }
}

async function metOnTheWay(trx: Trx, who: Pick<Met, 'operator' | 'source'>, stop: WayStop | undefined): Promise<Met | undefined> {
  return stop && { ...who, assetId: stop.asset, assetName: stop.assetName, address: stop.address, port: stop.port, trusted: await hostKeysOf(trx, stop.asset) }
}

/** What is not saved, or not any more, is strict. */
async function policyOf(trx: Trx, asset: string | null): Promise<HostKeyPolicy> {
  if (asset === null) return 'strict'
  const row = await trx.selectFrom('assets').select('hostKeyPolicy').where('id', '=', asset).executeTakeFirst()
  return HostKeyPolicy.catch('strict').parse(row?.hostKeyPolicy)
}

type Offer = { lease: string; hop: number | undefined; gateway: GatewayId; met: Met; offered: HostKey; verdict: Exclude<KeyAnswer, 'trusted'>; now: number }

/** Does what the answer says and writes it, in the transaction that gives it. */
async function act(trx: Trx, { lease, hop, gateway, met, offered, verdict, now }: Offer): Promise<void> {
  const code = verdict === 'pinned' ? 'host_key.pinned' : verdict === 'accepted' ? 'host_key.accepted' : 'host_key.refused'
  const { operator, source, assetId, assetName, trusted } = met
  if (verdict === 'pinned' && assetId !== null)
    await trx
      .insertInto('hostKeys')
      .values({ place: placeOfAsset(assetId), ...offered, trustedAt: now, trustedBy: operator?.name ?? 'Sallyport' })
      .execute()
  if (await wasWritten(trx, lease, code, 10)) return
  if (verdict === 'changed' && assetId !== null) await noteKeyChange(trx, { asset: assetId, offered, operatorName: operator?.name, gateway, now })
  await record(
    trx,
    {
      code,
      outcome: code === 'host_key.refused' ? 'refused' : 'done',
      operator: operator?.id,
      object: lease,
      source,
      detail: {
        verdict,
        asset: assetName,
        assetId: assetId ?? undefined,
        hop,
        address: formatAddress(met.address, met.port),
        offered: offered.fingerprint,
        type: offered.type,
        trusted: trusted.map((key) => key.fingerprint),
        gateway,
      },
    },
    now,
  )
}

/** A dial meets one key of each host on its way; a gateway that offers more than a few is filling the ledger. */
async function wasWritten(trx: Trx, lease: string, code: AuditCode, times: number): Promise<boolean> {
  const rows = await trx.selectFrom('audit').select('seq').where('object', '=', lease).where('code', '=', code).limit(times).execute()
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
  return !isRefusal(decide({ operator: await askerOf(trx, operator, row.secondFactor === 1), action: 'quick-connect', door: 'web', source: row.source }, [], 0))
}
