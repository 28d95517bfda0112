// A gateway shows a ticket: in one transaction it is used, access is decided on present rows, what it is for is done, and the ledger is written.
import { randomBytes } from 'node:crypto'
import { Failure, isFailure } from '#domain/failure.ts'
import { makeId, SessionId, WatchId, type GatewayId } from '#domain/id.ts'
import type { Ask, Redeemed } from '#wire/link.ts'
import { noteTicketRefusal, takeTicket } from '../access/tickets.ts'
import { record } from '../audit/ledger.ts'
import type { Trx } from '../store/open-store.ts'
import { admit, type Asked } from './admit.ts'
import { admitFiles } from './admit-files.ts'
import type { AdmitParts } from './begin-session.ts'
import { noSuchSession, reachSession } from './reach-session.ts'

/** Watchers' names are shown to the owner; the terminal protocol carries no longer ones. */
const maxNameLength = 256

/**
 * Redeems a ticket for a gateway. Every refusal leaves the ticket used and a ledger row. Throws `ticket_invalid`, `ticket_expired`, `ticket_used`; for a shell
 * `asset_not_found`, `account_not_found`, `forbidden`, `disk_full`, `too_many_sessions`; and of `admitFiles` for files; for attach and watch `session_not_found`.
 */
export async function redeem(parts: AdmitParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'redeem' }>): Promise<Redeemed> {
  const { store } = parts
  const now = parts.now()
  try {
    const outcome = await store.transaction(async (trx): Promise<Redeemed | Failure> => {
      const asked: Asked = { gateway, source: ask.source, now, ...(await takeTicket(trx, ask.ticket, now, ask.signIn)) }
      const answer = await answerOf(parts, trx, asked, ask.signIn !== undefined)
      if (answer instanceof Failure) await noteRefusal(trx, asked, answer)
      return answer
    })
    if (outcome instanceof Failure) throw outcome
    return outcome
  } catch (error) {
    if (isFailure(error) && error.code.startsWith('ticket_')) await parts.refusals.within(() => noteTicketRefusal(store, ask.ticket, error, ask.source, now))
    throw error
  }
}

/** `isShown`: the sign-in or token that asked for the ticket came with it. */
async function answerOf(parts: AdmitParts, trx: Trx, asked: Asked, isShown: boolean): Promise<Redeemed | Failure> {
  switch (asked.body.kind) {
    case 'shell': {
      const admission = await admit(parts, trx, asked)
      return admission instanceof Failure ? admission : { kind: 'shell', admission }
    }
    case 'attach':
      return attach(trx, asked)
    case 'watch':
      return watch(trx, asked)
    case 'files':
      return isShown ? admitFiles(parts, trx, asked) : new Failure('ticket_invalid', 'A ticket for files is good with the sign-in that asked for it alone.')
  }
}

const reached = async (trx: Trx, reach: 'attach' | 'watch', { gateway, operator, source, body, now }: Asked) => {
  const row = await reachSession(trx, reach, { session: body.session ?? '', operator, source, now })
  // A gateway can hand out only what it holds.
  return row?.gatewayId === gateway ? row : undefined
}

/** From here on the session ends with the sign-in that took it over, and no more with the one before; what that one has shown of a second factor counts. */
async function attach(trx: Trx, asked: Asked): Promise<Redeemed | Failure> {
  const { gateway, source, operator, signInId, now } = asked
  const row = await reached(trx, 'attach', asked)
  if (!row) return noSuchSession()
  await trx
    .updateTable('sessions')
    .set({ signInId, secondFactor: operator.secondFactor ? 1 : 0 })
    .where('id', '=', row.id)
    .execute()
  const detail = { gateway, fromAnotherSignIn: row.signInId !== signInId }
  await record(trx, { code: 'session.attached', outcome: 'done', operator: operator.id, object: row.id, source, detail }, now)
  return { kind: 'attach', session: SessionId.parse(row.id) }
}

async function watch(trx: Trx, asked: Asked): Promise<Redeemed | Failure> {
  const { gateway, source, operator, signInId, now } = asked
  const row = await reached(trx, 'watch', asked)
  if (!row) return noSuchSession()
  const id = makeId(WatchId, 'wa', randomBytes(15))
  await trx
    .insertInto('watches')
    .values({ id, sessionId: row.id, operatorId: operator.id, signInId, gatewayId: gateway, startedAt: now, endedAt: null, mustLeave: null })
    .execute()
  const { name } = await trx.selectFrom('operators').select('name').where('id', '=', operator.id).executeTakeFirstOrThrow()
  const detail = { watch: id, owner: row.operatorId, gateway }
  await record(trx, { code: 'session.watched', outcome: 'done', operator: operator.id, object: row.id, source, detail }, now)
  return { kind: 'watch', session: SessionId.parse(row.id), watch: id, name: name.slice(0, maxNameLength) }
}

async function noteRefusal(trx: Trx, { operator, body, source, gateway, now }: Asked, { code: failure }: Failure): Promise<void> {
  const detail = { failure, kind: body.kind, address: body.address, gateway }
  await record(trx, { code: 'session.refused', outcome: 'refused', operator: operator.id, object: body.asset ?? body.session, source, detail }, now)
}
