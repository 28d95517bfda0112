import { generateSync } from 'otplib'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { grantTo } from '../access/test-grants.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { OwnSecondFactor } from './own-second-factor.ts'
import { openDoor, password } from './test-door.ts'

describe.each(engines)('one’s own second factor on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const door = await openDoor(await engine.open(), engine.makeFolder())
    const { store, passwords, signIns, factors, now, required, pushEnds, clock } = door
    const own = new OwnSecondFactor({ store, passwords, signIns, factors, now, pushEnds, mustHaveSecondFactor: (role) => required.has(role) })
    const here = await door.signIn()
    const me = { operatorId: here.operator.id, signInId: here.signInId, source: '192.0.2.1' }
    const right = new Secret(password)
    const codeOf = (secret: string) => generateSync({ secret, epoch: Math.floor(clock.now / 1000), digits: 6, period: 30, algorithm: 'sha1' })
    /** Sets one up, and waits for a code that was not taken. */
    const setUp = async () => {
      const { secret } = await own.begin(me, right)
      const codes = await own.confirm(me, codeOf(secret))
      clock.now += 30_000
      return { secret, codes }
    }
    return { ...door, own, here, me, right, codeOf, setUp }
  }

  it('is begun with the password, holds from its first code on, and ends every other sign-in; the one that set it up has not signed in with it', async () => {
    const { own, me, right, codeOf, signIn, signIns, here, tryIn, clock } = await start()
    const other = await signIn()
    expect(await own.view(me.operatorId)).toEqual({ set: false, recoveryCodesLeft: 0, required: false })
    const { secret } = await own.begin(me, right)
    expect(await own.view(me.operatorId)).toMatchObject({ set: false })
    expect(await tryIn()).toBe('in')
    expect(await own.confirm(me, codeOf(secret))).toHaveLength(10)
    expect(await own.view(me.operatorId)).toEqual({ set: true, since: new Date(clock.now).toISOString(), recoveryCodesLeft: 10, required: false })
    expect(await signIns.identify(other.cookie)).toBeUndefined()
    expect((await signIns.identify(here.cookie))?.asker.secondFactor).toBe(false)
    expect(await tryIn()).toBe('totp')
    // The code that set it up is taken.
    expect(await tryIn({ code: codeOf(secret) })).toBe('second_factor_wrong')
    await expect(own.begin(me, right)).rejects.toMatchObject({ code: 'second_factor_set' })
    await expect(own.confirm(me, codeOf(secret))).rejects.toMatchObject({ code: 'second_factor_set' })
  })

  it('asks for the password, and counts a wrong one and a wrong code as failed sign-ins', async () => {
    const { own, me, right, tryIn, store, clock } = await start()
    const wrong = new Secret('wrong horse battery')
    await expect(own.begin(me, wrong)).rejects.toMatchObject({ code: 'sign_in_failed', field: 'password' })
    expect(await store.db.selectFrom('secondFactors').selectAll().execute()).toEqual([])
    clock.now += 3_600_001
    await own.begin(me, right)
    for (let tries = 0; tries < 5; tries += 1) await expect(own.confirm(me, 'abcdef')).rejects.toMatchObject({ code: 'second_factor_wrong', field: 'code' })
    await expect(own.confirm(me, 'abcdef')).rejects.toMatchObject({ code: 'sign_in_slowed' })
    expect(await tryIn()).toBe('sign_in_slowed')
    expect(await listLedger(store.db, { code: 'second_factor.refused' })).toHaveLength(6)
  })

  it('is removed with the password and a code, and no sign-in counts as one with it any more', async () => {
    const { own, me, right, codeOf, setUp, signIn, signIns, tryIn, clock, store } = await start()
    await expect(own.remove(me, right, '123456')).rejects.toMatchObject({ code: 'conflict' })
    const { secret } = await setUp()
    const raised = await signIn({ code: codeOf(secret) })
    expect((await signIns.identify(raised.cookie))?.asker.secondFactor).toBe(true)
    await expect(own.remove(me, right, codeOf(secret))).rejects.toMatchObject({ code: 'second_factor_wrong' })
    clock.now += 30_000
    await expect(own.remove(me, new Secret('wrong horse battery'), codeOf(secret))).rejects.toMatchObject({ code: 'sign_in_failed' })
    await own.remove(me, right, codeOf(secret))
    expect((await signIns.identify(raised.cookie))?.asker.secondFactor).toBe(false)
    expect(await store.db.selectFrom('recoveryCodes').selectAll().execute()).toEqual([])
    expect(await tryIn()).toBe('in')
    expect(await listLedger(store.db, { code: 'second_factor.removed' })).toMatchObject([{ operator: me.operatorId, object: me.operatorId }])
  })

  it('stays where the role or a grant asks for it, and the try to remove it counts as none', async () => {
    const { own, me, right, codeOf, setUp, required, store } = await start()
    const { secret } = await setUp()
    required.add('admin')
    expect(await own.view(me.operatorId)).toMatchObject({ required: true })
    await expect(own.remove(me, right, codeOf(secret))).rejects.toMatchObject({ code: 'second_factor_needed' })
    required.clear()
    await store.transaction((trx) => grantTo(trx, { operators: [me.operatorId] }, { secondFactor: true }))
    await expect(own.remove(me, right, codeOf(secret))).rejects.toMatchObject({ code: 'second_factor_needed' })
    expect(await store.db.selectFrom('signInTries').selectAll().where('failures', '>', 0).execute()).toEqual([])
    expect(await own.view(me.operatorId)).toMatchObject({ set: true, required: true })
  })

  it('has new recovery codes for the password and a code; the old ones are void', async () => {
    const { own, me, right, codeOf, setUp, tryIn } = await start()
    const { secret, codes } = await setUp()
    const renewed = await own.renewCodes(me, right, codeOf(secret))
    expect(renewed.filter((code) => codes.includes(code))).toEqual([])
    expect([await tryIn({ code: codes[0] ?? '' }), await tryIn({ code: renewed[0] ?? '' })]).toEqual(['second_factor_wrong', 'in'])
    expect(await own.view(me.operatorId)).toMatchObject({ recoveryCodesLeft: 9 })
  })
})
