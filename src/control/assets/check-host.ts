// Looking at a host through a gateway: its keys, and whether an account gets in. Control has no SSH of its own. An act on the world: the ledger has a row before it and one after.
import type { AuditCode } from '#domain/audit-event.ts'
import type { AuthInput } from '#domain/credential.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { CheckStep, Probe, ProbeAnswer } from '#wire/link.ts'
import { recordIntent, recordOutcome } from '../audit/ledger.ts'
import type { Actor, GatewaysDesk } from '../http/desks.ts'
import { mayDialLoopback, refuseForbiddenAddress } from './allowed-address.ts'
import { hostKeysOf } from './asset-rows.ts'
import type { CheckLease, CheckLeases } from './check-leases.ts'
import { forgetCredential, openAccountCredential, openSharedCredential, readCredential, type Credential } from './credential.ts'
import { checkHostKeys } from './host-keys.ts'
import { legacyOf, readLegacyUntil } from './old-algorithms.ts'
import { byWhom, type AssetParts } from './parts.ts'
import { type Found, noteReach } from './reach.ts'
import { viaOf, type Via } from './via.ts'
import { readWay, type Way, wordsOfWay } from './way.ts'

export type CheckParts = AssetParts & { readonly gateways: Pick<GatewaysDesk, 'probe'>; readonly leases: CheckLeases }
/** `object` is the id of what is looked at, when it is saved already. */
type Look = { actor: Actor; signal?: AbortSignal; object?: string }
type Place = { address: string; port: number; confirmLoopback?: boolean | undefined; via?: Via | null | undefined; legacyUntil?: string | null | undefined }

/** The host keys that an address offers now. Throws `address_not_allowed`, `via_invalid`, `gateway_unavailable`, and why the host could not be reached. */
export async function scanAddress(parts: CheckParts, place: Place, look: Look): Promise<HostKey[]> {
  const { way, target, legacy } = await placed(parts, place)
  const facts = { address: place.address, port: place.port, ...viaWords(way), ...legacyWords(legacy) }
  const asked = { credential: { kind: 'ask' } as const, target: { ...target, username: '' }, hostKeys: [], way: way.stops }
  const answer = await withLease(parts, asked, look, (lease) =>
    probeWithLedger(parts, 'host_key.scanned', facts, { probe: 'scan', lease, ...viaOfWay(way), ...target, ...legacy }, look),
  )
  if (answer.probe !== 'scan') throw new Failure('internal', 'The gateway answered another question.')
  return checkHostKeys(answer.keys.slice(0, 20), 'keys')
}

/** Throws `asset_not_found` and the codes of `scanAddress`. */
export async function scanAsset(parts: CheckParts, asset: string, look: Look): Promise<HostKey[]> {
  return await scanAddress(parts, await placeOf(parts, asset), { ...look, object: asset })
}

/** Reach, host key and sign-in of an address that is not saved. The credential is held in memory for this check alone. */
export async function checkAddress(
  parts: CheckParts,
  input: Place & { username: string; auth: AuthInput; trusted: HostKey[] },
  look: Look,
): Promise<CheckStep[]> {
  const hostKeys = checkHostKeys(input.trusted, 'trusted')
  const credential =
    input.auth.kind === 'credential' ? await openSharedCredential(parts.vault, parts.store.db, input.auth.id) : readCredential(input.auth, 'auth')
  return await check(parts, { ...input, credential, hostKeys }, look)
}

/** The same for a saved account, against the keys that are trusted for its host. Throws `asset_not_found`, `account_not_found`, `credential_missing`. */
export async function checkAccount(parts: CheckParts, asset: string, account: string, look: Look): Promise<CheckStep[]> {
  const place = await placeOf(parts, asset)
  const row = await parts.store.db.selectFrom('accounts').selectAll().where('id', '=', account).where('assetId', '=', asset).executeTakeFirst()
  if (!row) throw new Failure('account_not_found', 'The host has no such account.')
  const hostKeys = await hostKeysOf(parts.store.db, asset)
  const credential = await openAccountCredential(parts.vault, parts.store.db, row)
  return await check(parts, { ...place, username: row.username, credential, hostKeys, saved: { id: asset, name: place.name } }, { ...look, object: account })
}

async function placeOf(parts: CheckParts, asset: string): Promise<Place & { name: string }> {
  const row = await parts.store.db.selectFrom('assets').selectAll().where('id', '=', asset).executeTakeFirst()
  if (!row) throw new Failure('asset_not_found', 'There is no such host.')
  const legacyUntil = row.legacyUntil === null ? null : new Date(row.legacyUntil).toISOString()
  return { name: row.name, address: row.address, port: row.port, confirmLoopback: row.confirmedLoopback === 1, via: viaOf(row), legacyUntil }
}

/** Where the gateway is sent, and the way there. Throws `address_not_allowed`, `via_invalid`. */
async function placed(parts: CheckParts, { address, port, confirmLoopback, via = null, legacyUntil }: Place) {
  const confirmed = confirmLoopback === true
  const way = await readWay(parts, parts.store.db, via)
  refuseForbiddenAddress(parts, address, port, confirmed || way.stops.length > 0)
  const legacy = legacyOf({ legacyUntil: readLegacyUntil(legacyUntil, parts.now()) }, parts.now())
  return { target: { address, port, mayDialLoopback: mayDialLoopback(parts, confirmed) }, legacy, way }
}

const viaOfWay = (way: Way) => (way.hops.length === 0 ? {} : { via: way.hops })
const legacyWords = ({ legacyUntil }: { legacyUntil?: number }) =>
  legacyUntil === undefined ? {} : { oldAlgorithmsUntil: new Date(legacyUntil).toISOString() }
const viaWords = (way: Way) => (way.stops.length === 0 ? {} : { via: wordsOfWay(way.stops) })

type Given = Place & { username: string; credential: Credential; hostKeys: HostKey[]; saved?: { id: string; name: string } }

async function check(parts: CheckParts, given: Given, look: Look): Promise<CheckStep[]> {
  const { username, credential, hostKeys, saved } = given
  try {
    const { way, target, legacy } = await placed(parts, given)
    const asked = { target: { ...target, username }, credential, hostKeys, way: way.stops, ...(saved ? { asset: saved } : {}) }
    return await withLease(parts, asked, look, async (lease) => {
      const probe: Probe = { probe: 'check', lease, ...viaOfWay(way), ...target, ...legacy, username, auth: publicHalf(credential), hostKeys }
      const facts = { lease, address: given.address, port: given.port, username, auth: credential.kind, ...viaWords(way), ...legacyWords(legacy) }
      const answer = await probeWithLedger(parts, 'credential.checked', facts, probe, look)
      if (answer.probe !== 'check') throw new Failure('internal', 'The gateway answered another question.')
      if (saved) await keepReach(parts, saved.id, answer.steps)
      return answer.steps
    })
  } finally {
    forgetCredential(credential)
  }
}

async function keepReach(parts: CheckParts, asset: string, [reached]: readonly CheckStep[]): Promise<void> {
  if (reached?.step !== 'reach') return
  const found: Found | undefined = reached.ok ? { ok: true } : reached.failure && { ok: false, failure: reached.failure }
  if (found) await parts.store.transaction((trx) => noteReach(trx, asset, found, parts.now()))
}

/** What the gateway asks for while it looks is found under the lease, which ends with the look. */
async function withLease<Result>(
  parts: CheckParts,
  asked: Omit<CheckLease, 'id' | 'operator'>,
  look: Look,
  act: (lease: CheckLease['id']) => Promise<Result>,
): Promise<Result> {
  const { id, name } = look.actor.operator
  const lease = parts.leases.open({ operator: { id, name }, ...asked })
  try {
    return await act(lease.id)
  } finally {
    parts.leases.close(lease.id)
  }
}

function publicHalf(credential: Credential): Extract<Probe, { probe: 'check' }>['auth'] {
  return credential.kind === 'key' ? { kind: 'key', publicKey: credential.publicKey, algorithm: credential.algorithm } : { kind: credential.kind }
}

async function probeWithLedger(parts: CheckParts, code: AuditCode, facts: Record<string, unknown>, probe: Probe, look: Look): Promise<ProbeAnswer> {
  const event = { code, ...byWhom(look.actor), object: look.object }
  const intent = await recordIntent(parts.store, { ...event, detail: facts }, parts.now())
  try {
    const answer = await parts.gateways.probe(probe, look.signal)
    const isGood = answer.probe !== 'check' || answer.steps.every((step) => step.ok)
    await recordOutcome(parts.store, intent, { ...event, outcome: isGood ? 'done' : 'failed', detail: { ...facts, ...toldOf(answer) } }, parts.now())
    return answer
  } catch (error) {
    await recordOutcome(
      parts.store,
      intent,
      { ...event, outcome: 'failed', detail: { ...facts, failure: isFailure(error) ? error.code : 'internal' } },
      parts.now(),
    )
    throw error
  }
}

/** What the ledger keeps of an answer: codes and fingerprints, none of the host's own words. */
function toldOf(answer: ProbeAnswer): Record<string, unknown> {
  if (answer.probe === 'scan') return { fingerprints: answer.keys.map(({ fingerprint }) => fingerprint) }
  if (answer.probe === 'reach') return {}
  return { steps: answer.steps.map(({ step, ok, failure }) => ({ step, ok, failure })) }
}
