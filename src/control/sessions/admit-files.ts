// A session that moves files over HTTP begins here, in the transaction that uses the ticket: which host and account, what may go in and out, and which terminal stands beside it.
import { decideSome, isRefusal } from '#domain/access.ts'
import { type FileDirection, fileDirections } from '#domain/file-rule.ts'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { Redeemed } from '#wire/link.ts'
import { quickConnectRules } from '../access/file-rules.ts'
import { askedAsset, grantsOf } from '../access/grant-rows.ts'
import { refuseWithoutReason, secondFactorNeeded } from '../access/host-access.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { type Asked, doorBy, quickConnectTo } from './admit.ts'
import { type AdmitParts, beginSession, type Goal, goalOf, orFailure } from './begin-session.ts'
import { type FilesTold, filesTold } from './files-told.ts'
import { noSuchSession, reachSession } from './reach-session.ts'

/** `may`: none of a quick connect, which no grant is about. */
type Opening = { goal: Goal; files: FilesTold; may: readonly FileDirection[] }

/**
 * Writes the session and its ledger row in the caller's transaction. Gives back `session_not_found` (the terminal is over, or not theirs), `asset_not_found`, `account_not_found`, `forbidden`,
 * `disk_full`, `too_many_sessions`, `second_factor_needed`, `reason_required`, `address_not_allowed`, `via_invalid` or `credential_missing` instead of throwing, so that the refusal is committed
 * with the used ticket.
 */
export async function admitFiles(parts: AdmitParts, trx: Trx, asked: Asked): Promise<Redeemed | Failure> {
  const { body, ...who } = asked
  const refusing = parts.refusing()
  if (refusing !== undefined) return new Failure('disk_full', refusing)
  const terminal = body.session === undefined ? undefined : await ownTerminal(trx, asked, body.session)
  if (body.session !== undefined && !terminal) return noSuchSession()
  // Why has been said when the terminal was opened.
  const reason = body.reason ?? terminal?.reason ?? undefined
  const opening = terminal?.assetId === null ? anyHost(parts, asked, terminal) : await savedHost(parts, trx, asked, terminal, reason)
  if (opening instanceof Failure) return opening
  const { goal, files, may } = opening
  const door = doorBy(asked.signInId)
  const admission = await beginSession(parts, trx, goal, { ...who, door, kind: 'sftp', may, files, reason })
  if (admission instanceof Failure) return admission
  const beside = await terminalBeside(trx, asked, goal, terminal)
  return { kind: 'files', admission, rules: [...files.rules], way: door === 'api' ? 'api' : 'web', ...(beside === undefined ? {} : { beside }) }
}

const ownTerminal = (trx: Trx, { operator, source, now }: Asked, session: string) => reachSession(trx, 'attach', { session, operator, source, now })

/** The host of a quick connect has no grants: its administrator may move everything. */
function anyHost(parts: AdmitParts, asked: Asked, { address, port, account }: Row<'sessions'>): Opening | Failure {
  const goal = quickConnectTo(parts, asked, { address, port, username: account })
  return goal instanceof Failure ? goal : { goal, files: { rules: quickConnectRules, until: Infinity }, may: [] }
}

async function savedHost(
  parts: AdmitParts,
  trx: Trx,
  { operator, body, source, now, signInId }: Asked,
  terminal: Row<'sessions'> | undefined,
  reason: string | undefined,
): Promise<Opening | Failure> {
  const id = terminal?.assetId ?? body.asset ?? ''
  const asset = await trx.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
  // Removed since the ticket was made, or not permitted any more: both look the same.
  const gone = new Failure('asset_not_found', 'There is no such host (any more).')
  if (!asset) return gone
  const account = await trx
    .selectFrom('accounts')
    .selectAll()
    .where('assetId', '=', asset.id)
    .where((eb) => (terminal && terminal.accountId === null ? eb('username', '=', terminal.account) : eb('id', '=', terminal?.accountId ?? body.account ?? '')))
    .executeTakeFirst()
  const question = { operator, asset: askedAsset(asset), ...(account ? { account: account.username } : {}), door: doorBy(signInId), source }
  const grants = await grantsOf(trx, operator)
  const answer = decideSome(question, fileDirections, grants, now)
  if (isRefusal(answer)) return answer.code === 'second_factor_needed' ? secondFactorNeeded() : gone
  const withoutReason = await orFailure(async () => refuseWithoutReason(answer.permit, reason))
  if (withoutReason instanceof Failure) return withoutReason
  if (!account) return new Failure('account_not_found', 'The host has no such account (any more).')
  const may = fileDirections.filter((direction) => answer.may.includes(direction))
  const goal = await goalOf(parts, trx, { asset, account, permit: answer.permit })
  return goal instanceof Failure ? goal : { goal, files: filesTold(question, may, grants, now), may }
}

/** A live terminal that the asking gateway holds, whose connection may be used: the one that was named, else the newest of the same operator, host and account. */
async function terminalBeside(trx: Trx, { gateway, operator }: Asked, goal: Goal, named: Row<'sessions'> | undefined): Promise<SessionId | undefined> {
  if (named?.gatewayId === gateway && named.door !== 'ssh') return SessionId.parse(named.id)
  if (goal.assetId === null || goal.account === undefined) return undefined
  const row = await trx
    .selectFrom('sessions')
    .select('id')
    .where('operatorId', '=', operator.id)
    .where('assetId', '=', goal.assetId)
    .where('accountId', '=', goal.account.id)
    .where('account', '=', goal.account.username)
    .where('gatewayId', '=', gateway)
    .where('kind', '=', 'shell')
    .where('door', '<>', 'ssh')
    .where('state', '=', 'live')
    .where('mustEnd', 'is', null)
    .orderBy('startedAt', 'desc')
    .orderBy('id')
    .executeTakeFirst()
  return row && SessionId.parse(row.id)
}
