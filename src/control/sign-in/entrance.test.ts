import { generateSync } from 'otplib'
import { describe, expect, it } from 'vitest'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { setupMs } from './second-factors.ts'
import { openDoor, password, type TestDoor } from './test-door.ts'

const next = 'another horse battery'

describe.each(engines)('sign-in with more than a password on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => openDoor(await engine.open(), engine.makeFolder())
  const annId = async ({ store }: TestDoor) => (await store.db.selectFrom('operators').select('id').executeTakeFirstOrThrow()).id
  const codeOf = (secret: string, { clock }: TestDoor, steps = 0) =>
    generateSync({ secret, epoch: Math.floor(clock.now / 1000) + steps * 30, digits: 6, period: 30, algorithm: 'sha1' })
  /** Signs in where a second factor is required, which sets one up; the clock goes on to a step whose code was not taken. */
  const setUp = async (door: TestDoor) => {
    door.required.add('admin')
    const step = await door.enter()
    if (!('next' in step) || step.next !== 'setup') throw new Error('no setup')
    const { secret, uri } = step.setup
    const { recoveryCodes = [], ...signedIn } = await door.signIn({ code: codeOf(secret, door) })
    door.clock.now += 30_000
    return { secret, uri, recoveryCodes, signedIn }
  }
  const failures = async ({ store }: TestDoor) => {
    const rows = await store.db.selectFrom('signInTries').select(['what', 'failures']).where('failures', '>', 0).orderBy('what').execute()
    return rows.map(({ what, failures: count }) => `${what.split(':')[0]} ${count}`)
  }

  it('names the setup of a second factor where the role must have one, and nothing is left of half of it', async () => {
    const door = await start()
    expect(await door.tryIn()).toBe('in')
    await door.store.transaction((trx) => trx.deleteFrom('signIns').execute())
    door.required.add('auditor')
    expect(await door.tryIn()).toBe('in')
    await door.store.transaction((trx) => trx.deleteFrom('signIns').execute())
    door.required.add('admin')
    const half = await door.enter()
    expect(half).toEqual({
      next: 'setup',
      setup: { secret: expect.stringMatching(/^[A-Z2-7]{32}$/), uri: expect.stringContaining('otpauth://totp/Sallyport:ann') },
    })
    expect(await door.store.db.selectFrom('signIns').selectAll().execute()).toEqual([])
    expect(await failures(door)).toEqual([])
    const row = await door.store.db.selectFrom('secondFactors').selectAll().executeTakeFirstOrThrow()
    expect(row.confirmedAt).toBeNull()
    if (!('setup' in half)) throw new Error('no setup')
    expect(JSON.stringify([row, await listLedger(door.store.db)])).not.toContain(half.setup.secret)
    // As every authenticator reads it.
    const uri = new URL(half.setup.uri)
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: half.setup.secret, issuer: 'Sallyport' })
    expect(decodeURIComponent(uri.pathname)).toBe('/Sallyport:ann@bastion')
  })

  it('sets it up with the first code, gives ten recovery codes once, and ends every other sign-in', async () => {
    const door = await start()
    const before = await door.signIn()
    const { recoveryCodes, signedIn } = await setUp(door)
    expect(recoveryCodes).toHaveLength(10)
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
    expect(await door.signIns.identify(before.cookie)).toBeUndefined()
    expect((await door.signIns.identify(signedIn.cookie))?.asker.secondFactor).toBe(true)
    const kept = JSON.stringify([await door.store.db.selectFrom('recoveryCodes').selectAll().execute(), await listLedger(door.store.db)])
    for (const code of recoveryCodes) for (const text of [code, code.replaceAll('-', '')]) expect(kept).not.toContain(text)
    expect(await listLedger(door.store.db, { code: 'second_factor.set' })).toHaveLength(1)
  })

  it('gives another secret to whoever asks anew, and the one before is void, as it is after an hour', async () => {
    const door = await start()
    door.required.add('admin')
    const [one, other] = [await door.enter(), await door.enter()]
    if (!('setup' in one && 'setup' in other)) throw new Error('no setup')
    expect(await door.tryIn({ code: codeOf(one.setup.secret, door) })).toBe('second_factor_wrong')
    door.clock.now += setupMs
    expect(await door.tryIn({ code: codeOf(other.setup.secret, door) })).toBe('second_factor_wrong')
    const last = await door.enter()
    if (!('setup' in last)) throw new Error('no setup')
    expect(await door.tryIn({ code: codeOf(last.setup.secret, door) })).toBe('in')
  })

  it('asks for the code of whoever has a second factor, required or not, and takes none twice (AUTH-11)', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    door.required.clear()
    expect(await door.tryIn()).toBe('totp')
    expect(await door.tryIn({ code: codeOf(secret, door) })).toBe('in')
    expect(await door.tryIn({ code: codeOf(secret, door) })).toBe('second_factor_wrong')
    // The step before was never shown, but a later one was.
    expect(await door.tryIn({ code: codeOf(secret, door, -1) })).toBe('second_factor_wrong')
    expect(await door.tryIn({ code: codeOf(secret, door, 1) })).toBe('in')
    expect(await listLedger(door.store.db, { code: 'second_factor.refused' })).toHaveLength(2)
  })

  it('takes the code of one step before and after, and of no other (AUTH-11)', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    const answers: Record<number, string> = {}
    for (const steps of [-3, -2, -1, 0, 1, 2, 3]) {
      door.clock.now += 7_200_000
      answers[steps] = await door.tryIn({ code: codeOf(secret, door, steps) })
    }
    expect(answers).toEqual({
      ...{ [-3]: 'second_factor_wrong', [-2]: 'second_factor_wrong', [-1]: 'in', 0: 'in', 1: 'in', 2: 'second_factor_wrong', 3: 'second_factor_wrong' },
    })
  })

  it('takes no eight digits, no digits of other scripts, no sign and no empty code (AUTH-11)', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    const inScript = (zero: number) => (code: string) => code.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)))
    const eight = () => generateSync({ secret, epoch: Math.floor(door.clock.now / 1000), digits: 8, period: 30, algorithm: 'sha1' })
    const wrongs: ((code: string) => string)[] = [
      ...[eight, inScript(0x660), inScript(0xff10), inScript(0x1d7ce)],
      ...[(code: string) => `00${code}`, (code: string) => `+${code.slice(1)}`, (code: string) => `${code}\n`, (code: string) => code.slice(1)],
      ...['', '      ', 'abcdef', '1e5000'].map((text) => () => text),
    ]
    for (const [at, wrong] of wrongs.entries()) {
      // Beyond the hour after which failures are forgotten: nothing is slowed.
      door.clock.now += 3_600_001
      expect(await door.tryIn({ code: wrong(codeOf(secret, door)) }), `wrong code ${at}`).toBe('second_factor_wrong')
    }
    door.clock.now += 3_600_001
    expect(await door.tryIn({ code: codeOf(secret, door).replace(/(...)/, '$1 ') })).toBe('in')
  })

  it('lets one of two in who show the same code at once (AUTH-11)', async () => {
    const door = await start()
    const { secret, recoveryCodes } = await setUp(door)
    for (const code of [codeOf(secret, door), recoveryCodes[0] ?? '']) {
      const answers = await Promise.all([door.tryIn({ code }), door.tryIn({ code }), door.tryIn({ code })])
      expect(answers.toSorted()).toEqual(['in', 'second_factor_wrong', 'second_factor_wrong'])
    }
  })

  it('counts wrong codes as wrong passwords, and the right password does not wipe them out', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    door.clock.now += 3_600_001
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await door.tryIn({ code: '000000' === codeOf(secret, door) ? '000001' : '000000' })).toBe('second_factor_wrong')
      if (tries < 4) expect(await door.tryIn()).toBe('totp')
    }
    expect(await door.tryIn()).toBe('sign_in_slowed')
    expect(await failures(door)).toEqual(['known 5', 'source 5'])
    door.clock.now += 61_000
    expect(await door.tryIn({ code: codeOf(secret, door) })).toBe('in')
  })

  it('does not slow an office in which many sign in with two steps', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    for (let people = 0; people < 15; people += 1) {
      door.clock.now += 30_000
      expect(await door.tryIn()).toBe('totp')
      expect(await door.tryIn({ code: codeOf(secret, door) })).toBe('in')
    }
    expect(await failures(door)).toEqual([])
  })

  it('takes each recovery code once, however it is typed, and says how many are left', async () => {
    const door = await start()
    const { recoveryCodes } = await setUp(door)
    const [one = '', two = ''] = recoveryCodes
    expect(await door.tryIn({ code: one })).toBe('in')
    expect(await door.tryIn({ code: one })).toBe('second_factor_wrong')
    expect(await door.tryIn({ code: two.replaceAll('-', '').toUpperCase() })).toBe('in')
    const rows = await listLedger(door.store.db, { code: 'recovery_code.used' })
    expect(rows.map(({ detail }) => detail)).toEqual(['{"left":9}', '{"left":8}'])
  })

  it('asks for another password where one must be changed, before the code, and takes all at once', async () => {
    const door = await start()
    const { secret } = await setUp(door)
    const operatorId = await annId(door)
    await door.store.transaction((trx) => trx.updateTable('operators').set({ mustChangePassword: 1 }).where('id', '=', operatorId).execute())
    expect(await door.tryIn()).toBe('password')
    expect(await door.tryIn({ code: codeOf(secret, door) })).toBe('password')
    expect(await door.tryIn({ newPassword: next })).toBe('totp')
    expect(await door.tryIn({ newPassword: next, code: '00000' })).toBe('second_factor_wrong')
    for (const weak of ['short', password, 'ann'])
      await expect(door.enter({ newPassword: weak, code: codeOf(secret, door) })).rejects.toMatchObject({ code: 'password_too_weak', field: 'newPassword' })
    expect(await failures(door)).toEqual(['known 1', 'source 1'])
    expect(await door.store.db.selectFrom('signIns').selectAll().execute()).toHaveLength(1)
    const other = await door.signIn({ newPassword: next, code: codeOf(secret, door) })
    expect(await door.signIns.identify(other.cookie)).toBeDefined()
    expect([await door.tryIn(), await door.tryIn({ password: next })]).toEqual(['sign_in_failed', 'totp'])
    expect(await listLedger(door.store.db, { code: 'operator.password_changed' })).toHaveLength(1)
    expect(await door.store.db.selectFrom('signIns').selectAll().execute()).toHaveLength(1)
  })

  it('changes no password that need not be changed', async () => {
    const door = await start()
    expect(await door.tryIn({ newPassword: next })).toBe('bad_request')
    expect(await door.tryIn({ password: next })).toBe('sign_in_failed')
  })

  it('says nothing of a second factor or a new password to whoever has the wrong password', async () => {
    const door = await start()
    await setUp(door)
    for (const more of [{}, { code: '123456' }, { newPassword: next }])
      expect(await door.tryIn({ password: 'wrong horse battery', ...more })).toBe('sign_in_failed')
    expect(await door.tryIn({ newPassword: 'x'.repeat(1 << 20) })).toBe('too_large')
  })
})
