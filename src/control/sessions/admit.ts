// A session begins here, in the transaction that uses the ticket: access is decided on present rows, the session is written, and so is the ledger. The Admission is the answer.
import { randomBytes } from 'node:crypto'
import { decide, isRefusal, type Asker, type Permit, type Question } from '#domain/access.ts'
import type { Admission } from '#domain/admission.ts'
import { formatAddress, parseTarget } from '#domain/asset.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { makeSessionId, type GatewayId } from '#domain/id.ts'
import { recordingFileName } from '#domain/session.ts'
import { askedAsset, decideNow } from '../access/grant-rows.ts'
import { refuseWithoutReason, secondFactorNeeded } from '../access/host-access.ts'
import type { TicketBody } from '../access/tickets.ts'
import { mayDialLoopback, refuseForbiddenAddress } from '../assets/allowed-address.ts'
import { publicHalfOf } from '../assets/credential.ts'
import { noteUse } from '../assets/own-hosts.ts'
import type { AssetParts } from '../assets/parts.ts'
import { viaOf } from '../assets/via.ts'
import { readWay, storeWay, type Way, wordsOfWay } from '../assets/way.ts'
import { record } from '../audit/ledger.ts'
import type { Refusals } from '../link/refusals.ts'
import { isTokenId } from '../sign-in/tokens.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { trustedKeys } from './host-key-rules.ts'
import { sessionSearchText } from './search-text.ts'

export type AdmitParts = AssetParts & {
  refusals: Refusals
  limits: Admission['limits']
  /** Of one operator, opening, live or unreachable. */
  sessionsPerOperator: number
  /** The sentence why no session may begin (the disk); undefined when they may. */
  refusing(): string | undefined
}

type Goal = {
  assetId: string | null
  assetName: string
  address: string
  port: number
  username: string
  account: Row<'accounts'> | undefined
  mayDialLoopback: boolean
  way: Way
  permit: Permit
}

/** What a ticket that was just used asks for. */
export type Asked = { gateway: GatewayId; source: string; operator: Asker; signInId: string; body: TicketBody; now: number }

/**
 * Writes the session and its ledger row in the caller's transaction. Gives back `asset_not_found`, `account_not_found`, `forbidden`, `disk_full`, `too_many_sessions`,
 * `second_factor_needed`, `reason_required`, `address_invalid`, `address_not_allowed`, `via_invalid` or `credential_missing` instead of throwing, so that the refusal is committed with the used ticket.
 */
export async function admit(parts: AdmitParts, trx: Trx, asked: Asked): Promise<Admission | Failure> {
  const { gateway, source, operator, signInId, body, now } = asked
  const refusing = parts.refusing()
  if (refusing !== undefined) return new Failure('disk_full', refusing)
  const goal = body.address === undefined ? await savedHost(parts, trx, asked) : quickConnect(parts, asked, body.address)
  if (goal instanceof Failure) return goal
  // Asked again here: what Sallyport listens on may have changed since the host was saved.
  const reached = await orFailure(async () => {
    // The loopback of a host that is reached through another is that other's.
    refuseForbiddenAddress(parts, goal.address, goal.port, goal.mayDialLoopback || goal.way.hops.length > 0)
    return { auth: goal.account ? await publicHalfOf(trx, goal.account) : ({ kind: 'ask' } as const) }
  })
  if (reached instanceof Failure) return reached
  const { count } = await trx
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('operatorId', '=', operator.id)
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow()
  if (Number(count) >= parts.sessionsPerOperator)
    return new Failure(
      'too_many_sessions',
      `You have ${count} ${Number(count) === 1 ? 'session' : 'sessions'} open, which is as many as you may. End one of them first.`,
    )
  const session = makeSessionId(gateway, randomBytes(15))
  const place = formatAddress(goal.address, goal.port)
  await trx
    .insertInto('sessions')
    .values({
      id: session,
      operatorId: operator.id,
      operatorName: operator.name,
      assetId: goal.assetId,
      assetName: goal.assetName,
      address: goal.address,
      port: goal.port,
      account: goal.username,
      search: sessionSearchText({ operatorName: operator.name, assetName: goal.assetName, address: goal.address, port: goal.port, account: goal.username }),
      accountId: goal.account?.id ?? null,
      door: doorBy(signInId),
      kind: 'shell',
      state: 'opening',
      source,
      signInId,
      gatewayId: gateway,
      startedAt: now,
      bytesIn: 0,
      bytesOut: 0,
      recordingState: 'writing',
      recordingFile: recordingFileName({ asset: goal.assetName, address: goal.address, startedAt: new Date(now), operator: operator.name }),
      recordingSeconds: 0,
      recordingBytes: 0,
      via: storeWay(goal.way.stops),
      grants: JSON.stringify(goal.permit.grants),
      duties: JSON.stringify(goal.permit.duties),
      reason: body.reason ?? null,
      endsAt: goal.permit.endsAt ?? null,
      secondFactor: operator.secondFactor ? 1 : 0,
    })
    .execute()
  if (goal.assetId !== null) await noteUse(trx, { operator: operator.id, asset: goal.assetId, account: goal.account?.id ?? null }, now)
  await record(
    trx,
    {
      code: 'session.admitted',
      outcome: 'intent',
      operator: operator.id,
      object: session,
      source,
      detail: {
        asset: goal.assetId ?? undefined,
        assetName: goal.assetName,
        address: place,
        account: goal.username,
        auth: goal.account?.authKind ?? 'ask',
        credential: goal.account?.credentialId ?? undefined,
        via: goal.way.stops.length === 0 ? undefined : wordsOfWay(goal.way.stops),
        gateway,
        grants: goal.permit.grants,
        because: goal.permit.because,
        reason: body.reason,
      },
    },
    now,
  )
  return {
    session,
    operator: { id: operator.id, name: operator.name },
    asset: { name: goal.assetName, ...(goal.assetId === null ? {} : { id: goal.assetId }) },
    target: { address: goal.address, port: goal.port, username: goal.username },
    auth: reached.auth,
    ...(goal.way.hops.length === 0 ? {} : { via: goal.way.hops }),
    hostKeys: await trustedKeys(trx, goal),
    mayTrustHostKey: goal.assetId === null,
    mayDialLoopback: goal.mayDialLoopback,
    record: 'must',
    limits: limitsUnder(parts.limits, goal.permit),
    startedAt: new Date(now).toISOString(),
  }
}

/** A grant can shorten what the settings say, and never lengthen it. */
function limitsUnder(limits: Admission['limits'], { duties, endsAt }: Permit): Admission['limits'] {
  const { maxSeconds, idleSeconds, idleOn } = duties
  const maxMs = Math.min(limits.maxMs ?? Infinity, (maxSeconds ?? Infinity) * 1000)
  return {
    ...limits,
    idleMs: Math.min(limits.idleMs, (idleSeconds ?? Infinity) * 1000),
    ...(maxMs === Infinity ? {} : { maxMs }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(idleOn === undefined ? {} : { idleOn: limits.idleOn === 'input' ? 'input' : idleOn }),
  }
}

/** Programs ask for tickets with a token, browsers with a sign-in. */
const doorBy = (signInId: string): Question['door'] => (isTokenId(signInId) ? 'api' : 'web')

async function savedHost(parts: AdmitParts, trx: Trx, { operator, body, source, now, signInId }: Asked): Promise<Goal | Failure> {
  const asset = await trx
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', body.asset ?? '')
    .executeTakeFirst()
  // Removed since the ticket was made, or not permitted any more: both look the same.
  const gone = new Failure('asset_not_found', 'There is no such host (any more).')
  if (!asset) return gone
  const account = await trx
    .selectFrom('accounts')
    .selectAll()
    .where('assetId', '=', asset.id)
    .where('id', '=', body.account ?? '')
    .executeTakeFirst()
  const question = {
    operator,
    action: 'shell',
    asset: askedAsset(asset),
    ...(account ? { account: account.username } : {}),
    door: doorBy(signInId),
    source,
  } as const
  const answer = await decideNow(trx, question, now)
  if (isRefusal(answer)) return answer.code === 'second_factor_needed' ? secondFactorNeeded() : gone
  const withoutReason = await orFailure(async () => refuseWithoutReason(answer, body.reason))
  if (withoutReason instanceof Failure) return withoutReason
  if (!account) return new Failure('account_not_found', 'The host has no such account (any more).')
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
    way,
    permit: answer,
  }
}

function quickConnect(parts: AdmitParts, { operator, source, now }: Asked, typed: string): Goal | Failure {
  const permit = decide({ operator, action: 'quick-connect', door: 'web', source }, [], now)
  if (isRefusal(permit)) return new Failure('forbidden', 'Quick connect is for administrators.')
  const target = parseTarget(typed)
  if (!target) return new Failure('address_invalid', 'Write the address as user@host or user@host:port.')
  const { address, port, username } = target
  return {
    assetId: null,
    assetName: address,
    address,
    port,
    username,
    account: undefined,
    mayDialLoopback: mayDialLoopback(parts, false),
    way: { stops: [], hops: [] },
    permit,
  }
}

async function orFailure<Value>(act: () => Promise<Value>): Promise<Value | Failure> {
  try {
    return await act()
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
}
