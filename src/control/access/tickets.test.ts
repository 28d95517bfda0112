import { describe, expect, it } from 'vitest'
import { listLedger } from '../audit/ledger.ts'
import { openDoor } from '../sign-in/test-door.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { issueTicket, maxOpenTickets, noteTicketRefusal, sweepTickets, takeTicket, ticketMs, type TicketBody } from './tickets.ts'

const shell: TicketBody = { kind: 'shell', asset: 'as_1', account: 'ac_1' }

describe.each(engines)('ticket on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const door = await openDoor(await engine.open(), engine.makeFolder())
    const { store, clock, signIns } = door
    const { cookie } = await door.signIn()
    const me = await signIns.identify(cookie)
    if (!me) throw new Error('not signed in')
    const issue = (body = shell) =>
      store.transaction((trx) => issueTicket(trx, { operator: me.asker, signInId: me.signInId, body, now: clock.now, source: '192.0.2.1' }))
    const take = (ticket: string) => store.transaction((trx) => takeTicket(trx, ticket, clock.now))
    return { ...door, cookie, me, issue, take }
  }

  it('says whose it is and what for, once', async () => {
    const { issue, take, me, clock } = await start()
    const { ticket, expiresAt } = await issue()
    expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(expiresAt).toBe(clock.now + 30_000)
    expect(await take(ticket)).toEqual({ operator: me.asker, signInId: me.signInId, body: shell })
    await expect(take(ticket)).rejects.toMatchObject({ code: 'ticket_used' })
  })

  it('is stored as its digest alone', async () => {
    const { issue, store } = await start()
    const { ticket } = await issue()
    expect(JSON.stringify([await store.db.selectFrom('tickets').selectAll().execute(), await listLedger(store.db)])).not.toContain(ticket)
  })

  it('is taken by one of ten who come at once', async () => {
    const { issue, take } = await start()
    const { ticket } = await issue()
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => take(ticket)))
    const codes = answers.map((answer) => (answer.status === 'fulfilled' ? 'taken' : (answer.reason as { code: string }).code))
    expect(codes.toSorted()).toEqual(['taken', ...Array.from({ length: 9 }, () => 'ticket_used')])
  })

  it('expires after thirty seconds', async () => {
    const { issue, take, clock } = await start()
    const [early, late] = [await issue(), await issue()]
    clock.now += ticketMs - 1
    await take(early.ticket)
    clock.now += 1
    await expect(take(late.ticket)).rejects.toMatchObject({ code: 'ticket_expired' })
  })

  it('stays unused when the transaction that took it was undone', async () => {
    const { issue, take, store, clock } = await start()
    const { ticket } = await issue()
    const undone = store.transaction(async (trx) => {
      await takeTicket(trx, ticket, clock.now)
      throw new Error('refused by the grants')
    })
    await expect(undone).rejects.toThrow('refused by the grants')
    expect((await take(ticket)).body).toEqual(shell)
  })

  it('dies with the sign-in it came from', async () => {
    const { issue, take, signIns, cookie } = await start()
    const { ticket } = await issue()
    await signIns.signOut(cookie, '192.0.2.1')
    await expect(take(ticket)).rejects.toMatchObject({ code: 'ticket_invalid' })
  })

  it('dies when the operator is disabled', async () => {
    const { issue, take, store } = await start()
    const { ticket } = await issue()
    await store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).execute())
    await expect(take(ticket)).rejects.toMatchObject({ code: 'ticket_invalid' })
  })

  it.each(['', 'x', 'x'.repeat(43), '\u0000', "' or 1=1 --", 'x'.repeat(1_000_000)])('is invalid when it was never issued', async (ticket) => {
    const { take, store, clock } = await start()
    const refusal: unknown = await take(ticket).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'ticket_invalid' })
    await noteTicketRefusal(store, ticket, refusal, '192.0.2.9', clock.now)
    expect(await listLedger(store.db, { code: 'ticket.refused' })).toEqual([])
  })

  it('is limited to a hundred open ones of one operator', async () => {
    const { issue, take, clock } = await start()
    const tickets: string[] = []
    for (let count = 0; count < maxOpenTickets; count += 1) tickets.push((await issue()).ticket)
    await expect(issue()).rejects.toMatchObject({ code: 'rate_limited' })
    await take(tickets[0] ?? '')
    await issue()
    await expect(issue()).rejects.toMatchObject({ code: 'rate_limited' })
    clock.now += ticketMs
    await issue()
  })

  it('leaves a row when it is issued, and when a known one is refused', async () => {
    const { issue, take, me, store, clock } = await start()
    const { ticket } = await issue({ kind: 'shell', address: 'root@web1:22' })
    await take(ticket)
    const refusal: unknown = await take(ticket).catch((error: unknown) => error)
    await noteTicketRefusal(store, ticket, refusal, '192.0.2.9', clock.now)
    expect(await listLedger(store.db, { code: 'ticket.issued' })).toMatchObject([
      { operator: me.asker.id, source: '192.0.2.1', detail: '{"kind":"shell","address":"root@web1:22"}' },
    ])
    expect(await listLedger(store.db, { code: 'ticket.refused' })).toMatchObject([
      { operator: me.asker.id, outcome: 'refused', source: '192.0.2.9', detail: '{"failure":"ticket_used"}' },
    ])
  })

  it('is swept a minute after it expired', async () => {
    const { issue, take, store, clock } = await start()
    const { ticket } = await issue()
    clock.now += ticketMs + 60_000
    await sweepTickets(store, clock.now)
    await expect(take(ticket)).rejects.toMatchObject({ code: 'ticket_expired' })
    clock.now += 1
    await sweepTickets(store, clock.now)
    await expect(take(ticket)).rejects.toMatchObject({ code: 'ticket_invalid' })
  })
})
