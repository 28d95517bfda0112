// Writing a session that is permitted: its row, the ledger, what the dial needs. One way for browsers, programs and ssh clients.
import { randomBytes } from 'node:crypto'
import type { Asker, Permit, Question } from '#domain/access.ts'
import type { Admission } from '#domain/admission.ts'
import { formatAddress } from '#domain/asset.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { GrantAction } from '#domain/grant.ts'
import { makeSessionId, type GatewayId } from '#domain/id.ts'
import { keptOf, type SessionKind } from '#domain/session-kind.ts'
import { recordingFileName } from '#domain/session.ts'
import { mayDialLoopback, refuseForbiddenAddress } from '../assets/allowed-address.ts'
import { publicHalfOf } from '../assets/credential.ts'
import { noteUse } from '../assets/own-hosts.ts'
import { legacyOf } from '../assets/old-algorithms.ts'
import type { AssetParts } from '../assets/parts.ts'
import { viaOf } from '../assets/via.ts'
import { readWay, storeWay, type Way, wordsOfWay } from '../assets/way.ts'
import { record } from '../audit/ledger.ts'
import { keepCommandsIn } from '../commands/keep-commands.ts'
import type { Refusals } from '../link/refusals.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { FilesTold } from './files-told.ts'
import { trustedKeys } from './host-key-rules.ts'
import { dutiesColumn } from './kept-duties.ts'
import { sessionSearchText } from './search-text.ts'

export type AdmitParts = AssetParts & {
  refusals: Refusals
  limits: Admission['limits']
  /** Of one operator, opening, live or unreachable. */
  sessionsPerOperator: number
  /** The sentence why no session may begin (the disk); undefined when they may. */
  refusing(): string | undefined
}

/** A host and an account, and the proof that they may be used. */
export type Goal = {
  assetId: string | null
  assetName: string
  address: string
  port: number
  username: string
  account: Row<'accounts'> | undefined
  mayDialLoopback: boolean
  /** Algorithms with SHA-1 and CBC are offered to it before then. */
  legacyUntil?: number
  way: Way
  permit: Permit
}

/** Who begins what. `may`: the actions that the permit is for; none of a quick connect. `files`: of a session that moves files, what its gateway is told, and until when that holds as far as is known. `deniedBy`: the rule that keeps the command from being run. */
export type Beginning = {
  gateway: GatewayId
  source: string
  operator: Asker
  signInId: string
  door: Question['door']
  kind: SessionKind
  may: readonly GrantAction[]
  files?: FilesTold | undefined
  command?: string | undefined
  deniedBy?: string | undefined
  reason?: string | undefined
  now: number
}

/** Of a command as a list of sessions shows it; the log of commands has the whole. */
const maxShownCommand = 1000

/** A saved host, with the way that leads to it. Gives back `via_invalid`, `address_not_allowed` or `credential_missing` instead of throwing. */
export async function goalOf(
  parts: AssetParts,
  trx: Trx,
  { asset, account, permit }: { asset: Row<'assets'>; account: Row<'accounts'>; permit: Permit },
): Promise<Goal | Failure> {
  // Whoever may use the host may be brought there: its way is part of it, and its accounts are used on their behalf.
  const way = await orFailure(() => readWay(parts, trx, viaOf(asset)))
  if (way instanceof Failure) return way
  return {
    assetId: asset.id,
    assetName: asset.name,
    address: asset.address,
    port: asset.port,
    username: account.username,
    account,
    mayDialLoopback: mayDialLoopback(parts, asset.confirmedLoopback === 1),
    ...legacyOf(asset, parts.now()),
    way,
    permit,
  }
}

/**
 * Writes the session, its command and its ledger row in the caller's transaction. Gives back `too_many_sessions`, `address_not_allowed`, `credential_missing` or `command_denied` instead of
 * throwing, so that what was written of the refusal stays.
 */
export async function beginSession(parts: AdmitParts, trx: Trx, goal: Goal, beginning: Beginning): Promise<Admission | Failure> {
  const { operator, door, source, now, gateway, kind, may, deniedBy } = beginning
  // Asked again here: what Sallyport listens on may have changed since the host was saved.
  const reached = await orFailure(async () => {
    // The loopback of a host that is reached through another is that other's.
    refuseForbiddenAddress(parts, goal.address, goal.port, goal.mayDialLoopback || goal.way.hops.length > 0)
    return { auth: goal.account ? await publicHalfOf(trx, goal.account) : ({ kind: 'ask' } as const) }
  })
  if (reached instanceof Failure) return reached
  const crowded = await crowdOf(parts, trx, operator)
  if (crowded) return crowded
  const row = await insertSession(trx, goal, beginning)
  if (beginning.command !== undefined) {
    const told = { number: 0, atMs: 0, text: beginning.command, how: 'exec' as const, ...(deniedBy === undefined ? {} : { denied: deniedBy }) }
    await keepCommandsIn(trx, row, [told], now)
  }
  if (deniedBy !== undefined) return commandDenied(deniedBy)
  if (goal.assetId !== null) await noteUse(trx, { operator: operator.id, asset: goal.assetId, account: goal.account?.id ?? null }, now)
  await record(
    trx,
    {
      code: 'session.admitted',
      outcome: 'intent',
      operator: operator.id,
      object: row.id,
      source,
      detail: {
        asset: goal.assetId ?? undefined,
        assetName: goal.assetName,
        address: formatAddress(goal.address, goal.port),
        account: goal.username,
        auth: goal.account?.authKind ?? 'ask',
        credential: goal.account?.credentialId ?? undefined,
        via: goal.way.stops.length === 0 ? undefined : wordsOfWay(goal.way.stops),
        oldAlgorithmsUntil: goal.legacyUntil === undefined ? undefined : new Date(goal.legacyUntil).toISOString(),
        gateway,
        ...(door === 'ssh' || kind !== 'shell' ? { door, kind, may } : {}),
        grants: goal.permit.grants,
        because: goal.permit.because,
        reason: beginning.reason,
      },
    },
    now,
  )
  return {
    session: row.id,
    operator: { id: operator.id, name: operator.name },
    asset: { name: goal.assetName, ...(goal.assetId === null ? {} : { id: goal.assetId }) },
    target: { address: goal.address, port: goal.port, username: goal.username },
    auth: reached.auth,
    ...(goal.way.hops.length === 0 ? {} : { via: goal.way.hops }),
    hostKeys: await trustedKeys(trx, goal),
    ...(goal.legacyUntil === undefined ? {} : { legacyUntil: goal.legacyUntil }),
    mayTrustHostKey: goal.assetId === null,
    mayDialLoopback: goal.mayDialLoopback,
    record: 'must',
    limits: limitsUnder(parts.limits, goal.permit, beginning.files),
    startedAt: new Date(now).toISOString(),
  }
}

async function crowdOf(parts: AdmitParts, trx: Trx, operator: Asker): Promise<Failure | undefined> {
  const { count } = await trx
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('operatorId', '=', operator.id)
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow()
  if (Number(count) < parts.sessionsPerOperator) return undefined
  return new Failure(
    'too_many_sessions',
    `You have ${count} ${Number(count) === 1 ? 'session' : 'sessions'} open, which is as many as you may. End one of them first.`,
  )
}

async function insertSession(trx: Trx, goal: Goal, { operator, gateway, source, signInId, door, kind, may, files, command, deniedBy, reason, now }: Beginning) {
  const id = makeSessionId(gateway, randomBytes(15))
  const names = { operatorName: operator.name, assetName: goal.assetName, address: goal.address, port: goal.port, account: goal.username }
  const isRecorded = keptOf[kind] !== 'acts' && deniedBy === undefined
  const fileName = recordingFileName({ asset: goal.assetName, address: goal.address, startedAt: new Date(now), operator: operator.name })
  await trx
    .insertInto('sessions')
    .values({
      id,
      operatorId: operator.id,
      assetId: goal.assetId,
      ...names,
      search: sessionSearchText(names),
      accountId: goal.account?.id ?? null,
      door,
      kind,
      command: command === undefined ? null : shownCommand(command),
      may: may.length === 0 || (may.length === 1 && may[0] === 'shell') ? null : JSON.stringify(may),
      state: 'opening',
      source,
      signInId,
      gatewayId: gateway,
      startedAt: now,
      bytesIn: 0,
      bytesOut: 0,
      recordingState: isRecorded ? 'writing' : null,
      recordingFile: isRecorded ? fileName : null,
      recordingSeconds: 0,
      recordingBytes: 0,
      via: storeWay(goal.way.stops),
      grants: JSON.stringify(goal.permit.grants),
      duties: dutiesColumn(goal.permit, may.length === 0 ? undefined : files?.rules),
      reason: reason ?? null,
      endsAt: endOf(goal.permit, files) ?? null,
      secondFactor: operator.secondFactor ? 1 : 0,
      ...(deniedBy === undefined
        ? {}
        : { state: 'ended', endedAt: now, endReason: 'terminated', endMessage: commandDenied(deniedBy).message, failure: 'command_denied' }),
    })
    .execute()
  return { id, operatorId: operator.id, assetId: goal.assetId, ...names, startedAt: now }
}

const commandDenied = (rule: string) => new Failure('command_denied', `The rule “${rule}” does not let this command be run.`, { detail: { rule } })

function shownCommand(command: string): string {
  const text = command.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ')
  return text.length <= maxShownCommand ? text : `${text.slice(0, maxShownCommand - 1).toWellFormed()}…`
}

/** Undefined when no end is known. */
function endOf({ endsAt = Infinity }: Permit, files: Beginning['files']): number | undefined {
  const first = Math.min(endsAt, files?.until ?? Infinity)
  return first === Infinity ? undefined : first
}

/** A grant can shorten what the settings say, and never lengthen it. */
function limitsUnder(limits: Admission['limits'], permit: Permit, files: Beginning['files']): Admission['limits'] {
  const { maxSeconds, idleSeconds, idleOn } = permit.duties
  const endsAt = endOf(permit, files)
  const maxMs = Math.min(limits.maxMs ?? Infinity, (maxSeconds ?? Infinity) * 1000)
  return {
    ...limits,
    idleMs: Math.min(limits.idleMs, (idleSeconds ?? Infinity) * 1000),
    ...(maxMs === Infinity ? {} : { maxMs }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(idleOn === undefined ? {} : { idleOn: limits.idleOn === 'input' ? 'input' : idleOn }),
  }
}

export async function orFailure<Value>(act: () => Promise<Value>): Promise<Value | Failure> {
  try {
    return await act()
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
}
