import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { Redeemed } from '#wire/link.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { Passwords } from '../sign-in/passwords.ts'
import { SignIns } from '../sign-in/sign-ins.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { pushEnds } from './desk.ts'

const password = 'correct horse battery'
const from = { source: '192.0.2.1', agent: 'Firefox' }
const passwords = new Passwords()

describe.each(engines)('sessions and the sign-in that opened them on %s (WEB-08)', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let signIns: SignIns
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    const now = () => rooms.clock.now
    const push = (gateway: string, mustEnd: Parameters<TestLinks['links']['push']>[1]) => rooms.links.push(gateway, mustEnd)
    signIns = new SignIns(rooms.store, passwords, now, undefined, (ends) => pushEnds({ push, log: () => undefined }, ends))
  })
  afterEach(() => rooms.close())

  async function ann() {
    const { id, username } = await rooms.seedOperator({ username: 'ann' })
    const passwordHash = await passwords.hash(new Secret(password), username)
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ passwordHash }).where('id', '=', id).execute())
    const row = await rooms.store.db.selectFrom('operators').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    return { id, username, enter: () => rooms.store.transaction((trx) => signIns.begin(trx, row, from)) }
  }

  it('end at sign-out: the row must end, the gateway is told at once, and the ledger says both', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const [mine, other] = [await enter(), await enter()]
    const [opening, live, elsewhere] = [
      await rooms.open(gateway, { person: { id, username, signInId: mine.signInId } }),
      await rooms.open(gateway, { person: { id, username, signInId: mine.signInId } }),
      await rooms.open(gateway, { person: { id, username, signInId: other.signInId } }),
    ]
    expect(await gateway.report({ report: 'began', session: live.session, at: rooms.clock.now })).toBeUndefined()
    await signIns.signOut(mine.cookie, from.source)
    const told = [await gateway.next('push'), await gateway.next('push')].map(({ mustEnd }) => mustEnd)
    expect(told.map(({ session }) => session).toSorted()).toEqual([opening.session, live.session].toSorted())
    expect(told[0]).toMatchObject({ reason: 'revoked', by: 'ann', text: 'You signed out.' })
    expect(await rooms.row(elsewhere.session)).toMatchObject({ mustEnd: null })
    expect(await gateway.ask({ ask: 'release', lease: opening.session })).toMatchObject({ failure: { code: 'forbidden' } })
    // Said again with every beat until it is true.
    expect((await gateway.beat([])).mustEnd).toHaveLength(2)
    expect(await rooms.ledger('operator.signed_out')).toHaveLength(1)
    expect(await rooms.ledger('session.terminate_asked')).toMatchObject([
      { operator: id, source: from.source, outcome: 'intent' },
      { operator: id, source: from.source, outcome: 'intent' },
    ])
  })

  it('end with every other sign-in when the password changes, and not with the one that changed it', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const [mine, other] = [await enter(), await enter()]
    const kept = await rooms.open(gateway, { person: { id, username, signInId: mine.signInId } })
    const stolen = await rooms.open(gateway, { person: { id, username, signInId: other.signInId } })
    await signIns.changePassword({
      operatorId: id,
      signInId: mine.signInId,
      current: new Secret(password),
      next: new Secret('another horse battery'),
      source: from.source,
    })
    expect(await rooms.row(stolen.session)).toMatchObject({ mustEnd: 'revoked' })
    expect(await rooms.row(kept.session)).toMatchObject({ mustEnd: null })
    expect((await gateway.next('push')).mustEnd).toMatchObject({ session: stolen.session, reason: 'revoked' })
  })

  const watch = async (gateway: Awaited<ReturnType<TestLinks['join']>>, person: Parameters<TestLinks['ticketFor']>[0]) => {
    const { session } = await rooms.open(gateway)
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    const redeemed = Redeemed.parse((await gateway.ask(redeem(await rooms.ticketFor(person, { kind: 'watch', session })))).body)
    if (redeemed.kind !== 'watch') throw new Error(redeemed.kind)
    return { session, watch: redeemed.watch }
  }

  it('end a watcher’s place at sign-out: pushed at once, said again until the gateway reports it', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const [mine, other] = [await enter(), await enter()]
    const { session, watch: left } = await watch(gateway, { id, username, signInId: mine.signInId })
    await watch(gateway, { id, username, signInId: other.signInId })
    await signIns.signOut(mine.cookie, from.source)
    const wish = { watch: left, text: 'You signed out.' }
    expect((await gateway.next('push-leave')).mustLeave).toEqual(wish)
    expect((await gateway.beat()).mustLeave).toEqual([wish])
    expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
    await gateway.report({ report: 'watch-ended', session, watch: left, at: rooms.clock.now })
    expect((await gateway.beat()).mustLeave).toEqual([])
  })

  it('end watching with every other sign-in when the password changes', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const [mine, other] = [await enter(), await enter()]
    await watch(gateway, { id, username, signInId: mine.signInId })
    const stolen = await watch(gateway, { id, username, signInId: other.signInId })
    const passwordsGiven = { current: new Secret(password), next: new Secret('another horse battery') }
    await signIns.changePassword({ operatorId: id, signInId: mine.signInId, ...passwordsGiven, source: from.source })
    expect((await gateway.next('push-leave')).mustLeave).toMatchObject({ watch: stolen.watch })
    expect((await gateway.beat()).mustLeave).toMatchObject([{ watch: stolen.watch }])
  })

  it('end also while nobody is attached, so that the grace time keeps nothing for whoever signed out', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const mine = await enter()
    const { session } = await rooms.open(gateway, { person: { id, username, signInId: mine.signInId } })
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    await gateway.beat([{ id: session, bytesIn: 0, bytesOut: 0, idleMs: 0, away: true }])
    await signIns.signOut(mine.cookie, from.source)
    expect((await gateway.next('push')).mustEnd).toMatchObject({ session, reason: 'revoked', text: 'You signed out.' })
    const ticket = rooms.ticketFor({ id, username, signInId: mine.signInId }, { kind: 'attach', session })
    expect(await gateway.ask(redeem(await ticket))).toMatchObject({ failure: { code: 'ticket_invalid' } })
    const later = await enter()
    const again = await rooms.ticketFor({ id, username, signInId: later.signInId }, { kind: 'attach', session })
    expect(await gateway.ask(redeem(again))).toMatchObject({ failure: { code: 'session_not_found' } })
  })

  it('follow the sign-in that took the session over', async () => {
    const gateway = await rooms.join()
    const { id, username, enter } = await ann()
    const [laptop, phone] = [await enter(), await enter()]
    const { session } = await rooms.open(gateway, { person: { id, username, signInId: laptop.signInId } })
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    const ticket = await rooms.ticketFor({ id, username, signInId: phone.signInId }, { kind: 'attach', session })
    expect(await gateway.ask(redeem(ticket))).toMatchObject({ body: { kind: 'attach' } })
    await signIns.signOut(laptop.cookie, from.source)
    expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
    await signIns.signOut(phone.cookie, from.source)
    expect((await gateway.next('push')).mustEnd).toMatchObject({ session, reason: 'revoked' })
  })
})
