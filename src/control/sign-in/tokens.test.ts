import { describe, expect, it } from 'vitest'
import { issueTicket, takeTicket } from '../access/tickets.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { digestOf } from './opaque-token.ts'
import { openDoor } from './test-door.ts'
import { Tokens } from './tokens.ts'

const source = '192.0.2.1'

describe.each(engines)('API tokens on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const door = await openDoor(await engine.open(), engine.makeFolder())
    const { operator } = await door.signIn()
    const tokens = new Tokens(door.store, door.pushEnds, door.now)
    const by = { operatorId: operator.id, source }
    const { id, token } = await tokens.create(by, { name: 'ci', scopes: ['connect', 'read'], expiresAt: new Date(door.clock.now + 3_600_000).toISOString() })
    const ticket = async () => {
      const { asker, signInId } = await tokens.identify(token, source)
      return (
        await door.store.transaction((trx) => issueTicket(trx, { operator: asker, signInId, body: { kind: 'shell', address: 'a@b:22' }, now: door.clock.now }))
      ).ticket
    }
    const take = (shown: string, shownBy?: string) => door.store.transaction((trx) => takeTicket(trx, shown, door.clock.now, shownBy))
    return { ...door, tokens, by, id, token, ticket, take }
  }

  it('name their owner, their scopes in one order, and never count as shown with a second factor', async () => {
    const { tokens, token, id, by, store } = await start()
    await store.transaction((trx) =>
      trx.insertInto('secondFactors').values({ operatorId: by.operatorId, sealed: 'x', createdAt: 1, confirmedAt: 1, lastStep: 1 }).execute(),
    )
    expect(await tokens.identify(token, source)).toMatchObject({
      signInId: id,
      scopes: ['read', 'connect'],
      asker: { name: 'ann', role: 'admin', secondFactor: false },
    })
    expect(await listLedger(store.db, { code: 'token.created' })).toMatchObject([{ operator: by.operatorId, object: id, source }])
  })

  it('open what they asked a ticket for, shown with the same token or with none', async () => {
    const { ticket, take, token, id } = await start()
    expect(await take(await ticket())).toMatchObject({ signInId: id, operator: { name: 'ann', secondFactor: false } })
    expect(await take(await ticket(), digestOf(token))).toMatchObject({ signInId: id })
    for (const other of [digestOf('another'), id]) await expect(take(await ticket(), other)).rejects.toMatchObject({ code: 'ticket_invalid' })
  })

  it.each([
    ['it expires', ({ clock }: Awaited<ReturnType<typeof start>>) => Promise.resolve((clock.now += 3_600_000))],
    ['it is removed', ({ tokens, by, id }: Awaited<ReturnType<typeof start>>) => tokens.remove(by, id)],
    [
      'its owner is disabled',
      ({ store }: Awaited<ReturnType<typeof start>>) => store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).execute()),
    ],
  ])('open nothing once %s, with a ticket from before neither', async (_when, happens) => {
    const all = await start()
    // The ticket is asked for at the last moment, so that it has not expired itself.
    all.clock.now += 3_600_000 - 1
    const ticket = await all.ticket()
    all.clock.now -= 3_600_000 - 1
    await happens(all)
    await expect(all.tokens.identify(all.token, source)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(all.take(ticket)).rejects.toMatchObject({ code: 'ticket_invalid' })
  })

  it('are swept when they have been over for a month', async () => {
    const { tokens, by, clock } = await start()
    clock.now += 3_600_000 + 29 * 24 * 3_600_000
    await tokens.sweep()
    expect(await tokens.list(by.operatorId)).toHaveLength(1)
    clock.now += 2 * 24 * 3_600_000
    await tokens.sweep()
    expect(await tokens.list(by.operatorId)).toEqual([])
  })
})
