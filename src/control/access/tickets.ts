// A ticket carries the right to open one thing from a page to a WebSocket: 256 random bits, one use, 30 s. Using it asks everything anew.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Asker } from '#domain/access.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { record } from '../audit/ledger.ts'
import { digestOf, makeToken, type Random } from '../sign-in/opaque-token.ts'
import { askerOf, findSignIn } from '../sign-in/sign-ins.ts'
import { findToken, isTokenId } from '../sign-in/tokens.ts'
import type { Store, Trx } from '../store/open-store.ts'

export const ticketMs = 30_000
/** Open ones of one operator; more are refused with `rate_limited`. */
export const maxOpenTickets = 100

/** What the ticket is for, as it was asked for. `account` is an account's id, `address` a quick connect as typed (`user@host:port`). */
export const TicketBody = z.strictObject({
  kind: z.enum(['shell', 'files', 'watch', 'attach']),
  asset: z.string().max(60).optional(),
  account: z.string().max(64).optional(),
  session: z.string().max(60).optional(),
  address: z.string().max(400).optional(),
  reason: z.string().max(500).optional(),
})
export type TicketBody = z.infer<typeof TicketBody>

/** Makes a ticket and its ledger row in the caller's transaction, after `decide` said yes. `now` and `expiresAt` in ms since the epoch. Throws `rate_limited`. */
export async function issueTicket(
  trx: Trx,
  facts: { operator: Pick<Asker, 'id'>; signInId: string; body: TicketBody; now: number; source?: string; random?: Random },
): Promise<{ ticket: string; expiresAt: number }> {
  const { operator, signInId, now } = facts
  const body = TicketBody.parse(facts.body)
  const open = await trx
    .selectFrom('tickets')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('operatorId', '=', operator.id)
    .where('expiresAt', '>', now)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  if (open.count >= maxOpenTickets) throw new Failure('rate_limited', 'Too many terminals are being opened at once. Wait half a minute.')
  const ticket = makeToken(facts.random ?? randomBytes)
  const expiresAt = now + ticketMs
  await trx
    .insertInto('tickets')
    .values({ id: digestOf(ticket), operatorId: operator.id, signInId, body: JSON.stringify(body), expiresAt, usedAt: null })
    .execute()
  await record(
    trx,
    { code: 'ticket.issued', outcome: 'done', operator: operator.id, object: body.asset ?? body.session, source: facts.source, detail: body },
    now,
  )
  return { ticket, expiresAt }
}

/**
 * Marks the ticket used in the caller's transaction and says whose it is and what for. `shownBy`: the sign-in of the browser that shows it, or the digest of the API token of a program, when
 * it has one.
 * Throws `ticket_invalid` (also when it was asked for from another sign-in, when that has ended, or the operator is disabled), `ticket_expired`, `ticket_used`.
 */
export async function takeTicket(trx: Trx, ticket: string, now: number, shownBy?: string): Promise<{ operator: Asker; signInId: string; body: TicketBody }> {
  const id = digestOf(ticket)
  const row = await trx.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new Failure('ticket_invalid', 'This ticket is not known. Open the terminal again.')
  if (row.usedAt !== null) throw new Failure('ticket_used', 'This ticket was used already. Open the terminal again.')
  if (row.expiresAt <= now) throw new Failure('ticket_expired', 'This ticket has expired. Open the terminal again.')
  const ended = () => new Failure('ticket_invalid', 'The sign-in behind this ticket has ended. Sign in again.')
  const token = isTokenId(row.signInId) ? await findToken(trx, row.signInId, now) : undefined
  if (isTokenId(row.signInId) && !token) throw ended()
  if (shownBy !== undefined && shownBy !== (token?.hash ?? row.signInId))
    throw new Failure('ticket_invalid', 'This ticket was asked for from another sign-in. Open the terminal again.')
  // Nobody shows a second factor with a token.
  const operator = token ? { ...token, secondFactorAt: null } : await findSignIn(trx, row.signInId, now)
  if (!operator || operator.id !== row.operatorId) throw ended()
  await trx.updateTable('tickets').set({ usedAt: now }).where('id', '=', id).execute()
  return { operator: await askerOf(trx, operator, operator.secondFactorAt !== null), signInId: row.signInId, body: TicketBody.parse(JSON.parse(row.body)) }
}

/** Writes `ticket.refused` after the transaction that threw was undone. A ticket that was never issued leaves no row: strangers could fill the ledger with them. */
export async function noteTicketRefusal(store: Store, ticket: string, refusal: unknown, source: string, now: number): Promise<void> {
  const row = await store.db.selectFrom('tickets').selectAll().where('id', '=', digestOf(ticket)).executeTakeFirst()
  if (!row) return
  const failure = isFailure(refusal) ? refusal.code : 'internal'
  await store.transaction((trx) => record(trx, { code: 'ticket.refused', outcome: 'refused', operator: row.operatorId, source, detail: { failure } }, now))
}

/** Used and expired tickets are kept for a minute more, so that a second use is told apart from a ticket that never was. */
export async function sweepTickets(store: Store, now: number): Promise<void> {
  await store.transaction((trx) =>
    trx
      .deleteFrom('tickets')
      .where('expiresAt', '<', now - 60_000)
      .execute(),
  )
}
