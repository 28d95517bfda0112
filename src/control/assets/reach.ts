// Whether hosts answer: a TCP connection and the line that says SSH, through a gateway. Nothing is signed in to but what stands on the way, and nothing is written but what was found.
import type { FailureCode } from '#domain/failure.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { ReachView } from '#wire/api/assets.ts'
import type { ReachLook } from '#wire/link.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { mayDialLoopback, refuseForbiddenAddress } from './allowed-address.ts'
import type { CheckParts } from './check-host.ts'
import { viaOf, type Via } from './via.ts'
import { readWay } from './way.ts'

export type Found = { ok: true; rttMs?: number | undefined } | { ok: false; failure: FailureCode }
export type ReachTarget = Pick<Row<'assets'>, 'id' | 'address' | 'port' | 'confirmedLoopback' | 'viaAssetId' | 'viaAccountId'>
type Reacher = { operator?: { id: string; name: string }; signal?: AbortSignal | undefined }

export const reachColumns = ['id', 'address', 'port', 'confirmedLoopback', 'viaAssetId', 'viaAccountId'] as const
/** What says that a host is not there, rather than that something else went wrong with a session. */
const away: ReadonlySet<string> = new Set<FailureCode>(['host_unreachable', 'host_refused', 'host_timeout'])
export const saysAway = (failure: string | undefined): failure is FailureCode => failure !== undefined && away.has(failure)

/** In the transaction of whoever found it. A round trip that was not measured leaves the last. */
export async function noteReach(trx: Trx, asset: string, found: Found, now: number): Promise<void> {
  const columns = found.ok
    ? { reachState: 'reachable', reachFailure: null, ...(found.rttMs === undefined ? {} : { reachRttMs: Math.round(found.rttMs) }) }
    : { reachState: 'unreachable', reachFailure: found.failure, reachRttMs: null }
  await trx
    .updateTable('assets')
    .set({ ...columns, reachAt: now })
    .where('id', '=', asset)
    .execute()
}

/**
 * Looks at hosts that are reached the same way, at most `maxLooks`. Throws `gateway_unavailable`, `rate_limited`, `via_invalid`, and `credential_missing` when a host on the way asks the person
 * who connects: without one nothing can be said of what lies behind.
 */
export async function lookAt(parts: CheckParts, targets: readonly ReachTarget[], via: Via | null, { operator, signal }: Reacher = {}): Promise<Found[]> {
  const way = await readWay(parts, parts.store.db, via)
  const asking = way.hops.find((hop) => hop.auth.kind === 'ask')
  if (asking) throw new Failure('credential_missing', `${asking.asset.name}, on the way, asks whoever connects for a password, so nobody can look behind it.`)
  const refused = targets.map((target) => refusalOf(parts, target, way.hops.length > 0))
  const asked = targets.filter((_target, at) => refused[at] === undefined)
  const looks = asked.length === 0 ? [] : await ask(parts, asked, way, { ...(operator ? { operator } : {}), signal })
  let next = 0
  return targets.map((_target, at) => refused[at] ?? foundBy(looks[next++]))
}

async function ask(
  parts: CheckParts,
  targets: readonly ReachTarget[],
  way: Awaited<ReturnType<typeof readWay>>,
  { operator, signal }: Reacher,
): Promise<ReachLook[]> {
  const nowhere = { address: '', port: 0, username: '' }
  const lease = parts.leases.open({ operator, target: nowhere, credential: { kind: 'ask' }, hostKeys: [], way: way.stops })
  try {
    const places = targets.map(({ address, port, confirmedLoopback }) => ({ address, port, mayDialLoopback: mayDialLoopback(parts, confirmedLoopback === 1) }))
    const via = way.hops.length === 0 ? {} : { via: way.hops }
    const answer = await parts.gateways.probe({ probe: 'reach', lease: lease.id, ...via, targets: places }, signal)
    if (answer.probe !== 'reach' || answer.looks.length !== targets.length) throw new Failure('internal', 'The gateway answered another question.')
    return answer.looks
  } finally {
    parts.leases.close(lease.id)
  }
}

/** What is never dialled is not asked of a gateway either. */
function refusalOf(parts: CheckParts, { address, port, confirmedLoopback }: ReachTarget, isBehind: boolean): Found | undefined {
  try {
    refuseForbiddenAddress(parts, address, port, isBehind || confirmedLoopback === 1)
    return undefined
  } catch (cause) {
    if (isFailure(cause)) return { ok: false, failure: cause.code }
    throw cause
  }
}

function foundBy(look: ReachLook | undefined): Found {
  if (look === undefined) throw new Error('fewer looks than hosts')
  return look.ok ? { ok: true, rttMs: look.rttMs } : { ok: false, failure: look.failure }
}

/** Looks now, and keeps what is found. Throws `asset_not_found` and the codes of `lookAt`. */
export async function lookNow(parts: CheckParts, asset: string, looker: Reacher): Promise<ReachView> {
  const row = await parts.store.db.selectFrom('assets').select(reachColumns).where('id', '=', asset).executeTakeFirst()
  if (!row) throw new Failure('asset_not_found', 'There is no such host.')
  const [found] = await lookAt(parts, [row], viaOf(row), looker)
  if (!found) throw new Error('fewer looks than hosts')
  const now = parts.now()
  await parts.store.transaction((trx) => noteReach(trx, asset, found, now))
  const at = new Date(now).toISOString()
  return found.ok
    ? { state: 'reachable', at, ...(found.rttMs === undefined ? {} : { rttMs: Math.round(found.rttMs) }) }
    : { state: 'unreachable', at, failure: found.failure }
}
