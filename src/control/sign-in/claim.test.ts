import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { Claim } from './claim.ts'
import { home, openDoor, password } from './test-door.ts'

describe.each(engines)('claim on %s', (name) => {
  const engine = useEngine(name)
  const start = async (isClaimed = false) => {
    const folder = engine.makeFolder()
    const door = await openDoor(await engine.open(), folder, isClaimed)
    const token = door.claim.token() ?? ''
    const make = (change: Partial<{ token: string; username: string; password: string }> = {}) => {
      const given = { token, username: 'ann', password, ...home, ...change }
      return door.claim.make({ ...given, password: new Secret(given.password) })
    }
    return { ...door, folder, token, make, file: join(folder, 'keys', 'claim-token') }
  }

  it('waits with 256 random bits in a file for its owner alone, the same after a restart', async () => {
    const { claim, token, file } = await start()
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(await claim.state()).toEqual({ claimed: false })
    expect(await claim.prepare()).toEqual({ madeFirst: false })
    expect(claim.token()).toBe(token)
  })

  it('makes the first administrator, who may watch, and signs them in', async () => {
    const { make, claim, signIns, store, file, token, tryIn } = await start()
    const { cookie, operator } = await make()
    expect(operator).toMatchObject({ username: 'ann', role: 'admin', mayWatch: true })
    expect(await signIns.identify(cookie)).toMatchObject({ operator })
    expect(await claim.state()).toEqual({ claimed: true })
    expect([claim.token(), statSync(file, { throwIfNoEntry: false })]).toEqual([undefined, undefined])
    expect(await tryIn()).toBe('in')
    const rows = await listLedger(store.db, { code: 'operator.claimed' })
    expect(rows).toMatchObject([{ operator: operator.id, source: home.source }])
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  it('is won by one of twenty who come at once', async () => {
    const { make, store } = await start()
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_each, index) => make({ username: `ann${index}` })))
    const codes = answers.map((answer) => (answer.status === 'fulfilled' ? 'won' : (answer.reason as { code: string }).code))
    expect(codes.toSorted()).toEqual([...Array.from({ length: 19 }, () => 'already_claimed'), 'won'])
    expect(await store.db.selectFrom('operators').selectAll().execute()).toHaveLength(1)
    expect(await store.db.selectFrom('signIns').selectAll().execute()).toHaveLength(1)
    expect(await listLedger(store.db, { code: 'operator.claimed' })).toHaveLength(1)
  })

  it.each([
    ['a wrong token', { token: 'x'.repeat(43) }, 'claim_token_invalid'],
    ['no token', { token: '' }, 'claim_token_invalid'],
    ['a weak password', { password: 'short' }, 'password_too_weak'],
    ['the name as password', { username: 'administrator', password: 'Administrator' }, 'password_too_weak'],
    ['a name with a colon', { username: 'a:b' }, 'name_invalid'],
    ['a reserved name', { username: 'resume' }, 'name_invalid'],
    ['a megabyte as password', { password: 'x'.repeat(1 << 20) }, 'too_large'],
  ])('refuses %s and stays open for the right one', async (_what, change, code) => {
    const { make, claim } = await start()
    await expect(make(change)).rejects.toMatchObject({ code })
    expect(await claim.state()).toEqual({ claimed: false })
    expect((await make()).operator.username).toBe('ann')
  })

  it('refuses the same token a second time', async () => {
    const { make } = await start()
    await make()
    await expect(make({ username: 'bob' })).rejects.toMatchObject({ code: 'already_claimed' })
  })

  it('takes the first administrator from the settings at the first start only', async () => {
    const { claim, store, tryIn, make } = await start(true)
    expect([claim.token(), await claim.state()]).toEqual([undefined, { claimed: true }])
    expect(await claim.prepare({ username: 'bob', password })).toEqual({ madeFirst: false })
    expect(await store.db.selectFrom('operators').select('username').execute()).toEqual([{ username: 'ann' }])
    expect([await tryIn(), await tryIn({ username: 'bob' })]).toEqual(['in', 'sign_in_failed'])
    await expect(make({ token: '' })).rejects.toMatchObject({ code: 'already_claimed' })
  })

  it('stays claimed when everybody was deleted', async () => {
    const { claim, store } = await start(true)
    await store.transaction((trx) => trx.deleteFrom('operators').execute())
    await claim.prepare({ username: 'bob', password })
    expect([claim.token(), await claim.state()]).toEqual([undefined, { claimed: true }])
  })

  it('removes a token that was left behind by a crash after the claim', async () => {
    const { make, folder, store, passwords, signIns } = await start()
    await make()
    const elsewhere = engine.makeFolder()
    const late = new Claim({ store, passwords, signIns, dataFolder: elsewhere })
    await late.prepare()
    expect(late.token()).toBeUndefined()
    expect(statSync(join(folder, 'keys', 'claim-token'), { throwIfNoEntry: false })).toBeUndefined()
  })
})
