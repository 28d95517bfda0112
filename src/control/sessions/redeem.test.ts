import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redeemed } from '#wire/link.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('a ticket for a live session on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  type Person = Awaited<ReturnType<TestLinks['seedOperator']>>
  type Gateway = Awaited<ReturnType<TestLinks['join']>>
  const live = async (gateway: Gateway, person: Person, address?: string) => {
    const { session } = await rooms.open(gateway, { person, ...(address === undefined ? {} : { address }) })
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    return session
  }
  /** The same person on another device. */
  const elsewhere = async (person: Person): Promise<Person> => {
    const signInId = randomBytes(32).toString('hex')
    const times = { createdAt: rooms.clock.now, lastSeenAt: rooms.clock.now, expiresAt: rooms.clock.now + 3_600_000 }
    await rooms.store.transaction((trx) =>
      trx
        .insertInto('signIns')
        .values({ id: signInId, operatorId: person.id, ...times, source: '192.0.2.2', agent: 'phone' })
        .execute(),
    )
    return { ...person, signInId }
  }
  const ticketed = async (gateway: Gateway, person: Person, kind: 'attach' | 'watch', session: string) =>
    gateway.ask(redeem(await rooms.ticketFor(person, { kind, session })))
  const watches = () => rooms.store.db.selectFrom('watches').selectAll().execute()

  it('takes one’s own over: the session belongs to the newer sign-in, and the ledger says so', async () => {
    const gateway = await rooms.join()
    const ann = await rooms.seedOperator({ username: 'ann' })
    const session = await live(gateway, ann)
    const phone = await elsewhere(ann)
    expect(Redeemed.parse((await ticketed(gateway, phone, 'attach', session)).body)).toEqual({ kind: 'attach', session })
    expect(await rooms.row(session)).toMatchObject({ signInId: phone.signInId, state: 'live' })
    expect(await rooms.ledger('session.attached')).toMatchObject([
      { operator: ann.id, object: session, source: '192.0.2.1', outcome: 'done', detail: { gateway: gateway.id, fromAnotherSignIn: true } },
    ])
  })

  it('takes a quick connect over, too', async () => {
    const gateway = await rooms.join()
    const ann = await rooms.seedOperator()
    const session = await live(gateway, ann, 'root@192.0.2.77')
    expect(await ticketed(gateway, ann, 'attach', session)).toEqual({ body: { kind: 'attach', session } })
  })

  it('lets watch: a row with who, of what and since when, and the ledger', async () => {
    const gateway = await rooms.join()
    const [ann, audra] = [await rooms.seedOperator(), await rooms.seedOperator({ username: 'audra', role: 'auditor' })]
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ name: '李雷' }).where('id', '=', audra.id).execute())
    const session = await live(gateway, ann)
    const redeemed = Redeemed.parse((await ticketed(gateway, audra, 'watch', session)).body)
    if (redeemed.kind !== 'watch') throw new Error(redeemed.kind)
    expect(redeemed).toMatchObject({ session, name: '李雷' })
    expect(await watches()).toEqual([
      {
        id: redeemed.watch,
        sessionId: session,
        operatorId: audra.id,
        signInId: audra.signInId,
        gatewayId: gateway.id,
        startedAt: rooms.clock.now,
        endedAt: null,
        mustLeave: null,
      },
    ])
    expect(await rooms.row(session)).toMatchObject({ signInId: ann.signInId })
    expect(await rooms.ledger('session.watched')).toMatchObject([
      { operator: audra.id, object: session, detail: { watch: redeemed.watch, owner: ann.id, gateway: gateway.id } },
    ])
  })

  it('lets people watch their own, whatever they are', async () => {
    const gateway = await rooms.join()
    const ann = await rooms.seedOperator()
    const session = await live(gateway, ann)
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ role: 'member', mayWatch: 0 }).where('id', '=', ann.id).execute())
    expect(await ticketed(gateway, ann, 'watch', session)).toMatchObject({ body: { kind: 'watch', session } })
  })

  it('decides again on present rows, with one answer to everything that is refused', async () => {
    const gateway = await rooms.join()
    const inStore = (change: { role?: string; mayWatch?: number }) => (person: Person) =>
      rooms.store.transaction((trx) => trx.updateTable('operators').set(change).where('id', '=', person.id).execute())
    const session = (change: { state?: string; mustEnd?: string }) => (_person: Person, id: string) =>
      rooms.store.transaction((trx) => trx.updateTable('sessions').set(change).where('id', '=', id).execute())
    const withoutGrants = (person: Person) => rooms.store.transaction((trx) => trx.deleteFrom('grantOperators').where('operatorId', '=', person.id).execute())
    const cases = [
      ['attach', withoutGrants],
      ['attach', session({ state: 'ended' })],
      ['attach', session({ state: 'opening' })],
      ['attach', session({ mustEnd: 'revoked' })],
      ['watch', inStore({ role: 'member' })],
      ['watch', inStore({ mayWatch: 0 })],
      ['watch', session({ state: 'ended' })],
      ['watch', session({ mustEnd: 'terminated' })],
    ] as const
    const words = new Set<string>()
    for (const [kind, change] of cases) {
      const [owner, admin] = [await rooms.seedOperator(), await rooms.seedOperator()]
      const id = await live(gateway, owner)
      const asker = kind === 'attach' ? owner : admin
      const ticket = await rooms.ticketFor(asker, { kind, session: id })
      await change(asker, id)
      const { failure } = await gateway.ask(redeem(ticket))
      expect(failure?.code).toBe('session_not_found')
      words.add(JSON.stringify(failure))
      expect(await gateway.ask(redeem(ticket))).toMatchObject({ failure: { code: 'ticket_used' } })
      expect((await rooms.ledger('session.refused')).at(-1)).toMatchObject({
        operator: asker.id,
        object: id,
        outcome: 'refused',
        detail: { failure: 'session_not_found', kind, gateway: gateway.id },
      })
    }
    expect([...words]).toHaveLength(1)
    expect(await watches()).toEqual([])
    expect(await rooms.ledger('session.attached')).toEqual([])
  })

  it('gives a session to its own owner alone, and to the gateway alone that holds it', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const [ann, ben] = [await rooms.seedOperator(), await rooms.seedOperator()]
    const session = await live(gateway, ann)
    expect(await ticketed(gateway, ben, 'attach', session)).toMatchObject({ failure: { code: 'session_not_found' } })
    expect(await ticketed(other, ann, 'attach', session)).toMatchObject({ failure: { code: 'session_not_found' } })
    expect(await ticketed(other, ben, 'watch', session)).toMatchObject({ failure: { code: 'session_not_found' } })
    expect(await rooms.row(session)).toMatchObject({ signInId: ann.signInId, gatewayId: gateway.id })
    expect(await watches()).toEqual([])
    expect(await rooms.ledger('session.refused')).toHaveLength(3)
  })

  it('is refused as every ticket: used, late, shown by another sign-in', async () => {
    const gateway = await rooms.join()
    const [ann, audra] = [await rooms.seedOperator(), await rooms.seedOperator({ role: 'auditor' })]
    const session = await live(gateway, ann)
    const ticket = await rooms.ticketFor(audra, { kind: 'watch', session })
    expect(await gateway.ask({ ...redeem(ticket), signIn: ann.signInId })).toMatchObject({ failure: { code: 'ticket_invalid' } })
    expect(await gateway.ask(redeem(ticket))).toMatchObject({ body: { kind: 'watch' } })
    expect(await gateway.ask(redeem(ticket))).toMatchObject({ failure: { code: 'ticket_used' } })
    const late = await rooms.ticketFor(ann, { kind: 'attach', session })
    rooms.clock.now += 30_000
    expect(await gateway.ask(redeem(late))).toMatchObject({ failure: { code: 'ticket_expired' } })
    expect(await watches()).toHaveLength(1)
    expect((await rooms.ledger('ticket.refused')).map(({ detail }) => detail.failure)).toEqual(['ticket_invalid', 'ticket_used', 'ticket_expired'])
  })
})
