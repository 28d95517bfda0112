// A session begins here, in the transaction that uses the ticket: access is decided on present rows, the session is written, and so is the ledger. The Admission is the answer.
import { decide, isRefusal, type Asker, type Question } from '#domain/access.ts'
import type { Admission } from '#domain/admission.ts'
import { parseTarget } from '#domain/asset.ts'
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import { askedAsset, decideNow } from '../access/grant-rows.ts'
import { refuseWithoutReason, secondFactorNeeded } from '../access/host-access.ts'
import type { TicketBody } from '../access/tickets.ts'
import { mayDialLoopback } from '../assets/allowed-address.ts'
import { isTokenId } from '../sign-in/tokens.ts'
import type { Trx } from '../store/open-store.ts'
import { type AdmitParts, beginSession, type Goal, goalOf, orFailure } from './begin-session.ts'

/** What a ticket that was just used asks for. */
export type Asked = { gateway: GatewayId; source: string; operator: Asker; signInId: string; body: TicketBody; now: number }

/**
 * Writes the session and its ledger row in the caller's transaction. Gives back `asset_not_found`, `account_not_found`, `forbidden`, `disk_full`, `too_many_sessions`,
 * `second_factor_needed`, `reason_required`, `address_invalid`, `address_not_allowed`, `via_invalid` or `credential_missing` instead of throwing, so that the refusal is committed with the used ticket.
 */
export async function admit(parts: AdmitParts, trx: Trx, asked: Asked): Promise<Admission | Failure> {
  const { body, ...who } = asked
  const refusing = parts.refusing()
  if (refusing !== undefined) return new Failure('disk_full', refusing)
  const goal = body.address === undefined ? await savedHost(parts, trx, asked) : quickConnect(parts, asked, body.address)
  if (goal instanceof Failure) return goal
  const may = body.address === undefined ? (['shell'] as const) : []
  return beginSession(parts, trx, goal, { ...who, door: doorBy(asked.signInId), kind: 'shell', may, reason: body.reason })
}

/** Programs ask for tickets with a token, browsers with a sign-in. */
export const doorBy = (signInId: string): Question['door'] => (isTokenId(signInId) ? 'api' : 'web')

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
  return goalOf(parts, trx, { asset, account, permit: answer })
}

function quickConnect(parts: AdmitParts, asked: Asked, typed: string): Goal | Failure {
  const target = parseTarget(typed)
  return target ? quickConnectTo(parts, asked, target) : new Failure('address_invalid', 'Write the address as user@host or user@host:port.')
}

/** A host that is not saved, for whoever may dial any. Gives back `forbidden`. */
export function quickConnectTo(
  parts: AdmitParts,
  { operator, source, now }: Asked,
  { address, port, username }: { address: string; port: number; username: string },
): Goal | Failure {
  const permit = decide({ operator, action: 'quick-connect', door: 'web', source }, [], now)
  if (isRefusal(permit)) return new Failure('forbidden', 'Quick connect is for administrators.')
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
