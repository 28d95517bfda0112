import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { Entrance } from './entrance.ts'
import { Passwords } from './passwords.ts'
import { maxSignInsPerOperator, signInIdleMs, signInMaxMs } from './sign-ins.ts'
import { home, openDoor, password } from './test-door.ts'

describe.each(engines)('sign-in on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => openDoor(await engine.open(), engine.makeFolder())

  it('gives a cookie that says who it is, of which the database holds only the digest', async () => {
    const { signIns, signIn, store } = await start()
    const { cookie, operator } = await signIn()
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(operator).toMatchObject({ username: 'ann', role: 'admin', mayWatch: true })
    expect(await signIns.identify(cookie)).toMatchObject({ asker: { id: operator.id, name: 'ann', role: 'admin', enabled: true }, operator })
    expect(JSON.stringify(await store.db.selectFrom('signIns').selectAll().execute())).not.toContain(cookie)
    expect((await listLedger(store.db, { code: 'operator.signed_in' }))[0]).toMatchObject({
      operator: operator.id,
      source: '192.0.2.1',
      detail: '{"agent":"Firefox"}',
    })
  })

  it('answers a wrong password, an unknown name and a disabled operator with the same words', async () => {
    const { signIn, store } = await start()
    const told = async (change: Parameters<typeof signIn>[0]) =>
      signIn(change).then(
        () => 'in',
        (error: Error & { code: string; detail: unknown; field: unknown }) => JSON.stringify([error.code, error.message, error.detail, error.field]),
      )
    const wrong = await told({ password: 'wrong horse battery' })
    const unknown = await told({ username: 'nobody' })
    const invalid = await told({ username: 'a b\u0000c' })
    await store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).execute())
    const disabled = await told({})
    expect(new Set([wrong, unknown, invalid, disabled])).toEqual(new Set(['["sign_in_failed","The user name or the password is wrong.",null,null]']))
    const rows = await listLedger(store.db, { code: 'operator.sign_in_failed' })
    expect(rows.map((row) => JSON.parse(row.detail ?? ''))).toEqual(['wrong password', 'unknown name', 'unknown name', 'disabled'].map((why) => ({ why })))
    expect(JSON.stringify(rows)).not.toContain('nobody')
  })

  it('takes a name however the keyboard composes it', async () => {
    const { tryIn, store } = await start()
    await store.transaction((trx) => trx.updateTable('operators').set({ username: 'zo\u00eb' }).execute())
    expect([await tryIn({ username: 'zo\u00eb' }), await tryIn({ username: 'zoe\u0308' }), await tryIn({ username: 'zoe' })]).toEqual([
      'in',
      'in',
      'sign_in_failed',
    ])
  })

  it('ends at sign-out at once, and leaves the others', async () => {
    const { signIn, signIns, store } = await start()
    const [one, other] = [await signIn(), await signIn()]
    await signIns.signOut(one.cookie, home.source)
    expect(await signIns.identify(one.cookie)).toBeUndefined()
    expect(await signIns.identify(other.cookie)).toBeDefined()
    await signIns.signOut(one.cookie, home.source)
    await signIns.signOut('never issued', home.source)
    expect(await listLedger(store.db, { code: 'operator.signed_out' })).toHaveLength(1)
  })

  it('ends after two idle hours, lives on while used, and ends after twelve hours whatever happens', async () => {
    const { signIn, signIns, clock } = await start()
    const began = clock.now
    const [idle, used] = [await signIn(), await signIn()]
    clock.now = began + signInIdleMs - 1
    expect(await signIns.identify(used.cookie)).toBeDefined()
    clock.now = began + signInIdleMs
    expect(await signIns.identify(idle.cookie)).toBeUndefined()
    while (clock.now < began + signInMaxMs - 1) {
      clock.now = Math.min(clock.now + signInIdleMs / 2, began + signInMaxMs - 1)
      expect(await signIns.identify(used.cookie)).toBeDefined()
    }
    clock.now = began + signInMaxMs
    expect(await signIns.identify(used.cookie)).toBeUndefined()
  })

  it('notes that it was seen at most once a minute', async () => {
    const { signIn, signIns, clock, store } = await start()
    const { cookie } = await signIn()
    const began = clock.now
    const seen = async (afterMs: number) => {
      clock.now = began + afterMs
      await signIns.identify(cookie)
      return (await store.db.selectFrom('signIns').select('lastSeenAt').executeTakeFirstOrThrow()).lastSeenAt - began
    }
    expect([await seen(1), await seen(59_999), await seen(60_000), await seen(100_000), await seen(120_000)]).toEqual([0, 0, 60_000, 60_000, 120_000])
  })

  it('ends at once when the operator is disabled or removed', async () => {
    const { signIn, signIns, store } = await start()
    const { cookie } = await signIn()
    await store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).execute())
    expect(await signIns.identify(cookie)).toBeUndefined()
    await store.transaction((trx) => trx.updateTable('operators').set({ enabled: 1 }).execute())
    expect(await signIns.identify(cookie)).toBeDefined()
    await store.transaction((trx) => trx.deleteFrom('operators').execute())
    expect(await signIns.identify(cookie)).toBeUndefined()
  })

  it.each(['', 'x', 'x'.repeat(43), 'x'.repeat(1_000_000), '\u0000'.repeat(43)])('knows nobody by a made-up cookie', async (cookie) => {
    const { signIns } = await start()
    expect(await signIns.identify(cookie)).toBeUndefined()
  })

  it('keeps at most fifty of one operator: the oldest ends', async () => {
    const { signIn, signIns, clock } = await start()
    const cookies: string[] = []
    for (let count = 0; count < maxSignInsPerOperator + 2; count += 1) {
      clock.now += 1
      cookies.push((await signIn()).cookie)
    }
    const held = await Promise.all(cookies.map((cookie) => signIns.identify(cookie)))
    expect(held.map((each) => each !== undefined)).toEqual(cookies.map((_each, index) => index >= 2))
  }, 30_000)

  it('ends all others when the password changes, and wants the present one', async () => {
    const { signIn, tryIn, signIns, store } = await start()
    const [mine, other] = [await signIn(), await signIn()]
    const change = (current: string, next: string) =>
      signIns.changePassword({
        operatorId: mine.operator.id,
        signInId: mine.signInId,
        current: new Secret(current),
        next: new Secret(next),
        source: home.source,
      })
    await expect(change('wrong', 'another horse battery')).rejects.toMatchObject({ code: 'sign_in_failed', field: 'current' })
    await expect(change(password, 'short')).rejects.toMatchObject({ code: 'password_too_weak' })
    expect(await signIns.identify(other.cookie)).toBeDefined()
    await change(password, 'another horse battery')
    expect(await signIns.identify(mine.cookie)).toBeDefined()
    expect(await signIns.identify(other.cookie)).toBeUndefined()
    expect([await tryIn(), await tryIn({ password: 'another horse battery' })]).toEqual(['sign_in_failed', 'in'])
    expect((await listLedger(store.db, { code: 'operator.password_changed' })).map((row) => row.outcome)).toEqual(['refused', 'done'])
  })

  it('does not let a password in that was changed while it was being checked', async () => {
    const { signIn, signIns, store, factors, now, pushEnds } = await start()
    const mine = await signIn()
    const change = { operatorId: mine.operator.id, signInId: mine.signInId, current: new Secret(password), next: new Secret('another horse battery') }
    /** The change comes when the old password has been found right and before that is acted on. */
    class Overtaken extends Passwords {
      override async isRight(...given: Parameters<Passwords['isRight']>): Promise<boolean> {
        const isRight = await super.isRight(...given)
        await signIns.changePassword({ ...change, source: home.source })
        return isRight
      }
    }
    const late = new Entrance({ store, passwords: new Overtaken(), signIns, factors, now, pushEnds, mustHaveSecondFactor: () => false })
    await expect(late.enter({ username: 'ann', password: new Secret(password), ...home })).rejects.toMatchObject({ code: 'sign_in_failed' })
    expect(await signIns.identify(mine.cookie)).toBeDefined()
  })

  it('sweeps what has ended', async () => {
    const { signIn, signIns, clock, store } = await start()
    await signIn()
    clock.now += signInIdleMs
    await signIn()
    await signIns.sweep()
    expect(await store.db.selectFrom('signIns').select('createdAt').execute()).toEqual([{ createdAt: clock.now }])
  })

  it('refuses a password of a megabyte cheaply and counts nothing', async () => {
    const { tryIn, store } = await start()
    expect(await tryIn({ password: 'x'.repeat(1 << 20) })).toBe('too_large')
    expect(await store.db.selectFrom('signInTries').selectAll().execute()).toEqual([])
  })
})
