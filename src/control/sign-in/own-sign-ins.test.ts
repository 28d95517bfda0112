import { beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { ownSignIns, changeOneself } from './own-sign-ins.ts'
import { digestOf } from './opaque-token.ts'
import { signInIdleMs } from './sign-ins.ts'
import { openDoor, password, type TestDoor } from './test-door.ts'

describe.each(engines)('one’s own sign-ins on %s', (name) => {
  const engine = useEngine(name)
  let door: TestDoor
  let operatorId: string
  beforeEach(async () => {
    door = await openDoor(await engine.open(), engine.makeFolder())
    operatorId = (await door.store.db.selectFrom('operators').select('id').executeTakeFirstOrThrow()).id
  })
  const list = (current: string) => ownSignIns(door.store, operatorId, current, door.clock.now)

  it('are listed, this one first, without anything that opens a door', async () => {
    const old = await door.signIn({ agent: 'Old browser', source: '192.0.2.9' })
    door.clock.now += 60_000
    const here = await door.signIn({ agent: 'x'.repeat(300) })
    const items = await list(here.signInId)
    expect(items.map(({ agent, source, current }) => [agent.length, source, current])).toEqual([
      [200, '192.0.2.1', true],
      [11, '192.0.2.9', false],
    ])
    for (const signIn of [old, here])
      for (const secret of [signIn.cookie, signIn.signInId, digestOf(signIn.cookie)]) expect(JSON.stringify(items)).not.toContain(secret)
    door.clock.now += signInIdleMs
    expect(await list('')).toEqual([])
  })

  it('are ended by name, or all the others at once, each with its line; another person’s are not there', async () => {
    const here = await door.signIn()
    const [one, two, three] = [await door.signIn(), await door.signIn(), await door.signIn()]
    const [, first] = await list(here.signInId)
    await expect(door.signIns.endOwn({ operatorId: 'op_other', id: first?.id ?? '', source: '' })).rejects.toMatchObject({ code: 'not_found' })
    await door.signIns.endOwn({ operatorId, id: first?.id ?? '', source: '192.0.2.1' })
    const left = async () => (await Promise.all([one, two, three].map(({ cookie }) => door.signIns.identify(cookie)))).filter(Boolean).length
    expect(await left()).toBe(2)
    expect(await door.signIns.endOthers({ operatorId, signInId: here.signInId, source: '192.0.2.1' })).toBe(2)
    expect([await left(), await door.signIns.identify(here.cookie)]).toEqual([0, expect.objectContaining({ signInId: here.signInId })])
    expect(await listLedger(door.store.db, { code: 'operator.sign_in_ended' })).toHaveLength(3)
  })

  it('take the terminals that were opened from them along', async () => {
    const [here, other] = [await door.signIn(), await door.signIn()]
    const session = (id: string, signInId: string) => ({
      ...{ id, operatorId, operatorName: 'ann', assetName: 'web', address: '10.0.0.1', port: 22, account: 'root', door: 'web', kind: 'shell', state: 'live' },
      ...{ source: '', gatewayId: 'gw_x', startedAt: 1, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0, signInId },
    })
    const sessions = [session(`se_${'a'.repeat(28)}`, here.signInId), session(`se_${'b'.repeat(28)}`, other.signInId)]
    await door.store.transaction((trx) => trx.insertInto('sessions').values(sessions).execute())
    const id = (await list(here.signInId)).find(({ current }) => !current)?.id ?? ''
    await door.signIns.endOwn({ operatorId, id, source: '192.0.2.1' })
    const rows = await door.store.db.selectFrom('sessions').select(['mustEnd', 'mustEndText']).orderBy('id').execute()
    expect(rows).toEqual([
      { mustEnd: null, mustEndText: null },
      { mustEnd: 'revoked', mustEndText: 'This sign-in was ended from another browser.' },
    ])
  })

  it('are counted when a new password ends them', async () => {
    const here = await door.signIn()
    await door.signIn()
    const change = { operatorId, signInId: here.signInId, current: new Secret(password), next: new Secret('another long sentence'), source: '192.0.2.1' }
    expect(await door.signIns.changePassword(change)).toBe(1)
    expect(await list(here.signInId)).toHaveLength(1)
  })

  it('show the new name, with a line in the ledger, and the language of the SSH door', async () => {
    const source = '192.0.2.1'
    const given = { operatorId, name: '王小明', source }
    expect(await changeOneself(door.store, given, 1)).toMatchObject({ username: 'ann', name: '王小明' })
    await changeOneself(door.store, given, 1)
    const rows = async () => (await listLedger(door.store.db, { code: 'operator.changed' })).map(({ detail }) => JSON.parse(detail ?? '') as unknown)
    expect(await rows()).toEqual([{ before: { name: 'ann', language: null }, after: { name: '王小明', language: null } }])
    expect(await changeOneself(door.store, { operatorId, source, language: 'zh' }, 1)).toMatchObject({ name: '王小明', language: 'zh' })
    expect((await rows()).at(-1)).toEqual({ before: { name: '王小明', language: null }, after: { name: '王小明', language: 'zh' } })
  })
})
