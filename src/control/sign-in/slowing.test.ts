import { describe, expect, it } from 'vitest'
import { engines, useEngine } from '../store/test-engines.ts'
import { maxTries, sweepTries } from './slowing.ts'
import { openDoor, type TestDoor } from './test-door.ts'

const wrong = 'wrong horse battery'
const away = (host: number) => `198.51.100.${host}`

/** Fails until slowed; returns how often. */
async function failUntilSlowed(door: TestDoor, change: (tries: number) => { username?: string; source?: string }): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) if ((await door.tryIn({ password: wrong, ...change(tries) })) === 'sign_in_slowed') return tries
  return Infinity
}
const waitOf = async (door: TestDoor, change: { username?: string; password?: string; source?: string }) =>
  door.signIn(change).then(
    () => 0,
    (error: { code: string; detail?: { retryAfterSeconds?: number } }) => error.detail?.retryAfterSeconds ?? error.code,
  )

describe.each(engines)('slowing on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => openDoor(await engine.open(), engine.makeFolder())

  it('slows an account however many addresses guess at it, with delays that double up to a minute', async () => {
    const door = await start()
    expect(await failUntilSlowed(door, (tries) => ({ source: away(tries) }))).toBe(5)
    const waits: unknown[] = []
    for (let round = 0; round < 9; round += 1) {
      const wait = await waitOf(door, { password: wrong, source: away(100 + round) })
      waits.push(wait)
      door.clock.now += Number(wait) * 1000
      expect(await door.tryIn({ password: wrong, source: away(100 + round) })).toBe('sign_in_failed')
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('slows a name that nobody has in the same way', async () => {
    const door = await start()
    expect(await failUntilSlowed(door, (tries) => ({ username: 'nobody', source: away(tries) }))).toBe(5)
    expect(await waitOf(door, { username: 'nobody', password: wrong, source: away(99) })).toBe(1)
  })

  it('slows an address however many accounts it guesses at, and all of an IPv6 /64 as one', async () => {
    const door = await start()
    expect(await failUntilSlowed(door, (tries) => ({ username: `name${tries}`, source: `2001:db8::${tries.toString(16)}` }))).toBe(10)
    expect(await door.tryIn({ source: '2001:db8::ffff' })).toBe('sign_in_slowed')
    expect(await door.tryIn({ source: '2001:db8:0:1::1' })).toBe('in')
  })

  it('never locks: the right password is taken as soon as the wait is over', async () => {
    const door = await start()
    await failUntilSlowed(door, (tries) => ({ source: away(tries) }))
    for (let tries = 0; tries < 50; tries += 1) expect(await door.tryIn({ password: wrong, source: away(tries) })).toBe('sign_in_slowed')
    door.clock.now += 1000
    expect(await door.tryIn({ source: away(200) })).toBe('in')
  })

  it('does not slow an operator at home while strangers guess', async () => {
    const door = await start()
    expect(await door.tryIn()).toBe('in')
    await failUntilSlowed(door, (tries) => ({ source: away(tries) }))
    expect(await door.tryIn({ source: away(150) })).toBe('sign_in_slowed')
    expect(await door.tryIn()).toBe('in')
    expect(await door.tryIn({ source: away(150) })).toBe('sign_in_slowed')
  })

  it('slows guesses from a known address too', async () => {
    const door = await start()
    expect(await door.tryIn()).toBe('in')
    expect(await failUntilSlowed(door, () => ({}))).toBe(5)
  })

  it('does not let an own account wipe out guesses at others', async () => {
    const door = await start()
    for (let tries = 0; tries < 9; tries += 1) {
      await door.tryIn({ username: `name${tries}`, password: wrong })
      expect(await door.tryIn()).toBe('in')
    }
    await door.tryIn({ username: 'name9', password: wrong })
    expect(await door.tryIn()).toBe('sign_in_slowed')
  })

  it('lets no more through when many tries come at once', async () => {
    const door = await start()
    const answers = await Promise.all(Array.from({ length: 30 }, (_each, host) => door.tryIn({ password: wrong, source: away(host) })))
    expect(answers.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'sign_in_failed'), ...Array.from({ length: 25 }, () => 'sign_in_slowed')])
  })

  it('forgets after an hour without a try', async () => {
    const door = await start()
    await failUntilSlowed(door, (tries) => ({ source: away(tries) }))
    door.clock.now += 3_600_000
    expect(await failUntilSlowed(door, (tries) => ({ source: away(tries) }))).toBe(5)
  })

  it('waits no longer than its delay when the clock was set back', async () => {
    const door = await start()
    await failUntilSlowed(door, (tries) => ({ source: away(tries) }))
    door.clock.now -= 86_400_000
    expect(await waitOf(door, { source: away(9) })).toBe(1)
  })

  it('keeps no name as it was typed', async () => {
    const door = await start()
    await door.tryIn({ username: 'my-password-by-mistake' })
    expect(JSON.stringify(await door.store.db.selectFrom('signInTries').selectAll().execute())).not.toContain('mistake')
  })

  it('keeps a bounded number of rows, the newest', async () => {
    const { store } = await start()
    const rows = Array.from({ length: maxTries + 500 }, (_each, at) => ({ what: `account:${at}`, failures: 1, lastAt: at }))
    for (let at = 0; at < rows.length; at += 5000)
      await store.transaction((trx) =>
        trx
          .insertInto('signInTries')
          .values(rows.slice(at, at + 5000))
          .execute(),
      )
    await store.transaction((trx) => sweepTries(trx, maxTries))
    const { count, oldest } = await store.db
      .selectFrom('signInTries')
      .select((row) => [row.fn.countAll<number>().as('count'), row.fn.min('lastAt').as('oldest')])
      .executeTakeFirstOrThrow()
    expect({ count, oldest }).toEqual({ count: maxTries, oldest: 500 })
  })
})
