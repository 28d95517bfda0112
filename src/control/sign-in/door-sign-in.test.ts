import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { Secret } from '#domain/secret.ts'
import type { DoorSignIn } from '#wire/door.ts'
import type { Ask } from '#wire/link.ts'
import { totpCode } from '../../../test/harness/totp.ts'
import { grantTo } from '../access/test-grants.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { endLostDoorSignIns, maxDoorSignIns } from './door-rows.ts'
import { endAllOf } from '../operators/end-access.ts'
import { lostAfterMs } from '../sessions/unheard.ts'
import { ownSignIns } from './own-sign-ins.ts'
import { beginSetup, confirmSetup } from './second-factors.ts'
import { findSignIn, signInIdleMs, signInMaxMs, SignIns } from './sign-ins.ts'
import { makeUserKey, signedBy } from './test-ssh-client.ts'

const password = 'correct horse battery'
const from = { source: '192.0.2.1', client: 'OpenSSH_9.2p1' }
type Proof = Extract<Ask, { ask: 'sign-in' }>['proof']

describe.each(engines)('signing in at the SSH door, on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  let ann: Awaited<ReturnType<TestLinks['seedOperator']>>
  const key = makeUserKey()
  const other = makeUserKey()

  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
    ann = await rooms.seedOperator({ username: 'ann', role: 'member' })
    const passwordHash = await rooms.passwords.hash(new Secret(password), 'ann')
    await change({ passwordHash })
    await rooms.door.operatorKeys.add({ operator: ann.id, name: 'ann', source: from.source }, { line: key.publicLine })
  })
  afterEach(() => rooms.close())

  const change = (set: Record<string, unknown>) => rooms.store.transaction((trx) => trx.updateTable('operators').set(set).where('id', '=', ann.id).execute())
  const ask = async (typed: string, proof: Proof, more: Partial<typeof from> = {}, by = gateway) => {
    const { body, failure } = await by.ask({ ask: 'sign-in', typed, ...from, ...more, proof })
    if (failure) throw new Error(`${failure.code}: ${failure.message}`)
    return body as DoorSignIn
  }
  const byKey = (typed = 'ann', how: Parameters<typeof signedBy>[2] & { key?: typeof key } = {}) =>
    ask(typed, { by: 'key', ...signedBy(how.key ?? key, typed, how) })
  const byPassword = (typed = 'ann', text = password, more = {}) => ask(typed, { by: 'password', password: text }, more)
  const signedIn = (answer: DoorSignIn) => {
    if (answer.state !== 'signed-in') throw new Error(`it is ${JSON.stringify(answer)}`)
    return answer
  }
  const halfOf = (answer: DoorSignIn) => {
    if (answer.state !== 'code') throw new Error(`it is ${JSON.stringify(answer)}`)
    return answer.half
  }
  const rowOf = (id: string) => rooms.store.db.selectFrom('signIns').selectAll().where('id', '=', id).executeTakeFirst()
  const setFactor = async () => {
    const { secret } = await rooms.store.transaction((trx) => beginSetup(trx, rooms.factors, ann, rooms.clock.now))
    const recovery = await rooms.store.transaction((trx) => confirmSetup(trx, rooms.factors, ann.id, totpCode(secret, rooms.clock.now), rooms.clock.now))
    rooms.clock.now += 60_000
    return { code: () => totpCode(secret, rooms.clock.now), recovery: recovery ?? [] }
  }
  const failures = async () => (await rooms.ledger('operator.sign_in_failed')).map(({ detail, operator }) => [operator === ann.id, detail['why']])

  it('takes a key of theirs, and says who they are', async () => {
    const answer = signedIn(await byKey('ann+root+web1'))
    expect(answer.operator).toEqual({ id: ann.id, username: 'ann', name: 'ann' })
    expect(await rowOf(answer.signIn)).toMatchObject({ door: 'ssh', gatewayId: gateway.id, agent: from.client, source: from.source, secondFactorAt: null })
    const [used] = await rooms.door.operatorKeys.list(ann.id)
    expect(used).toMatchObject({ lastSource: from.source, addedBy: 'page' })
    expect((await rooms.ledger('operator.signed_in'))[0]?.detail).toMatchObject({ door: 'ssh', by: 'key', key: key.fingerprint, agent: from.client })
  })

  it.each<[string, () => Parameters<typeof byKey>]>([
    ['a key of nobody', () => ['ann', { key: other }]],
    ['a name that is nobody’s', () => ['bob']],
    ['what is no name', () => ['a+b+c+d']],
    ['the name that enrolls', () => ['enroll']],
    ['a signature over another name', () => ['ann', { username: 'bob' }]],
    ['a signature over the same person at another host', () => ['ann+web1', { username: 'ann' }]],
    ['a signature by another key', () => ['ann', { signedBy: other }]],
    ['a signature over another key', () => ['ann', { publicKey: other.publicBlob }]],
    ['a signature for another service', () => ['ann', { service: 'ssh-userauth' }]],
    ['a signature over another message', () => ['ann', { byte: 51 }]],
    ['a signature over more', () => ['ann', { after: 'x' }]],
  ])('refuses %s, and says no more', async (_what, how) => {
    expect(await byKey(...how())).toEqual({ state: 'refused' })
    expect(await rooms.ledger('operator.signed_in')).toEqual([])
    expect(await failures()).toHaveLength(1)
  })

  it('takes a signature once, whichever gateway brings it', async () => {
    const proof = { by: 'key', ...signedBy(key, 'ann') } as const
    signedIn(await ask('ann', proof))
    expect(await ask('ann', proof)).toEqual({ state: 'refused' })
    expect(await ask('ann', proof, {}, await rooms.join())).toEqual({ state: 'refused' })
    expect(await failures()).toEqual([
      [true, 'the same signature again'],
      [true, 'the same signature again'],
    ])
  })

  it('says of a key without a signature whether it would do, and nothing to those who are disabled', async () => {
    const offer = async (typed: string, blob = key.publicBlob) =>
      (await gateway.ask({ ask: 'key-offered', typed, publicKey: blob.toString('base64'), source: from.source })).body
    expect([await offer('ann'), await offer('ann+root+web1')]).toEqual([{ isKnown: true }, { isKnown: true }])
    expect([await offer('bob'), await offer('ann', other.publicBlob), await offer(''), await offer('ann', Buffer.alloc(0))]).toEqual(
      Array.from({ length: 4 }, () => ({ isKnown: false })),
    )
    await change({ enabled: 0 })
    expect([await offer('ann'), await byKey(), await byPassword()]).toEqual([{ isKnown: false }, { state: 'refused' }, { state: 'refused' }])
    expect(await failures()).toEqual([
      [true, 'disabled'],
      [true, 'disabled'],
    ])
  })

  it('takes the password, and refuses a wrong one, an unknown name and an oversize one alike', async () => {
    signedIn(await byPassword('ann+web1'))
    expect([await byPassword('ann', 'wrong'), await byPassword('bob'), await byPassword('enroll'), await byPassword('ann', 'x'.repeat(1024))]).toEqual(
      Array.from({ length: 4 }, () => ({ state: 'refused' })),
    )
    expect(await failures()).toEqual([
      [true, 'wrong password'],
      [false, 'unknown name'],
      [false, 'unknown name'],
    ])
  })

  it('counts tries with those of the web, and says nothing of slowing', async () => {
    for (let count = 0; count < 5; count += 1) expect(await byPassword('ann', 'wrong')).toEqual({ state: 'refused' })
    expect(await byPassword()).toEqual({ state: 'refused' })
    expect(await failures()).toHaveLength(5)
    const slowed = await rooms.store.db.selectFrom('signInTries').select('failures').where('what', 'like', 'account:%').executeTakeFirstOrThrow()
    expect(slowed.failures).toBe(5)
    // Nobody guesses a key: others must not keep its owner out.
    signedIn(await byKey())
    rooms.clock.now += 60_000
    signedIn(await byPassword())
  })

  it('writes a bounded number of wrong keys down', async () => {
    for (let count = 0; count < 30; count += 1) expect(await byKey('ann', { key: other })).toEqual({ state: 'refused' })
    expect(await failures()).toHaveLength(10)
  })

  it('asks for the code after a password, once for each', async () => {
    const factor = await setFactor()
    const half = halfOf(await byPassword())
    const answer = signedIn(await ask('ann', { by: 'code', half, code: factor.code() }))
    expect((await rowOf(answer.signIn))?.secondFactorAt).toBe(rooms.clock.now)
    expect(await ask('ann', { by: 'code', half, code: factor.recovery[0] ?? '' })).toEqual({ state: 'refused' })
    // The same code opens nothing again, as on the web.
    expect(await ask('ann', { by: 'code', half: halfOf(await byPassword()), code: factor.code() })).toEqual({ state: 'refused' })
    expect(await rooms.ledger('second_factor.refused')).toHaveLength(1)
    signedIn(await ask('ann', { by: 'code', half: halfOf(await byPassword()), code: factor.recovery[1] ?? '' }))
    expect(await rooms.ledger('recovery_code.used')).toHaveLength(1)
  })

  it.each<[string, (half: string, right: string) => Promise<DoorSignIn>]>([
    ['another gateway', async (half, code) => ask('ann', { by: 'code', half, code }, {}, await rooms.join())],
    ['another name', (half, code) => ask('ann+web1', { by: 'code', half, code })],
    [
      'two minutes later',
      (half, code) => {
        rooms.clock.now += 120_000
        return ask('ann', { by: 'code', half, code })
      },
    ],
    [
      'whoever was given another password',
      async (half, code) => {
        await change({ passwordHash: 'x' })
        return ask('ann', { by: 'code', half, code })
      },
    ],
    [
      'whoever was disabled',
      async (half, code) => {
        await change({ enabled: 0 })
        return ask('ann', { by: 'code', half, code })
      },
    ],
    [
      'a fourth try',
      async (half, code) => {
        for (let count = 0; count < 3; count += 1) await ask('ann', { by: 'code', half, code: '000000' })
        return ask('ann', { by: 'code', half, code })
      },
    ],
  ])('refuses the right code for half a sign-in from %s', async (_what, attempt) => {
    const factor = await setFactor()
    const half = halfOf(await byPassword())
    const code = factor.recovery[0] ?? ''
    expect(await attempt(half, code)).toEqual({ state: 'refused' })
    expect(await rooms.ledger('operator.signed_in')).toEqual([])
  })

  it('asks for a code after a key where the role or a grant for the host wants it, and else not', async () => {
    const factor = await setFactor()
    const [plain, strict] = [await rooms.seedAsset(undefined, { name: 'plain' }), await rooms.seedAsset(undefined, { name: 'strict' })]
    await rooms.store.transaction(async (trx) => {
      await grantTo(trx, { operators: [ann.id], assets: [plain.id] })
      await grantTo(trx, { operators: [ann.id], assets: [strict.id] }, { secondFactor: true })
    })
    const states = []
    for (const typed of ['ann+plain', 'ann+root+plain', 'ann+strict', 'ann+root+strict', 'ann+other+absent', 'ann']) states.push((await byKey(typed)).state)
    expect(states).toEqual(['signed-in', 'signed-in', 'code', 'code', 'signed-in', 'code'])
    rooms.required.add('member')
    const half = halfOf(await byKey('ann+plain'))
    signedIn(await ask('ann+plain', { by: 'code', half, code: factor.code() }))
    expect((await rooms.ledger('operator.signed_in')).at(-1)?.detail).toMatchObject({ by: 'key', secondFactor: 'totp', key: key.fingerprint })
  })

  it('sends those to the browser who have something to set up there, in their language', async () => {
    rooms.required.add('member')
    const text = /second factor in the browser.*https:\/\/bastion\.example/
    expect([await byKey(), await byPassword()]).toEqual(Array.from({ length: 2 }, () => ({ state: 'refused', text: expect.stringMatching(text) as string })))
    await change({ mustChangePassword: 1, language: 'zh' })
    expect(await byPassword()).toMatchObject({ state: 'refused', text: expect.stringContaining('初始密码') as string })
    await change({ mustChangePassword: 0 })
    rooms.required.clear()
    expect(await byKey()).toMatchObject({ state: 'signed-in', language: 'zh' })
  })

  it('begins sign-ins that last 12 hours without an idle end, and open no page', async () => {
    const { signIn } = signedIn(await byKey())
    rooms.clock.now += signInIdleMs * 2
    await new SignIns(rooms.store, rooms.passwords, () => rooms.clock.now).sweep()
    expect(await findSignIn(rooms.store.db, signIn, rooms.clock.now)).toMatchObject({ id: ann.id, door: 'ssh' })
    rooms.clock.now += signInMaxMs - signInIdleMs * 2
    expect(await findSignIn(rooms.store.db, signIn, rooms.clock.now)).toBeUndefined()
  })

  it('stands in the list of the person, and ends with what ends their browsers, as do its sessions', async () => {
    const web = new SignIns(
      rooms.store,
      rooms.passwords,
      () => rooms.clock.now,
      randomBytes,
      (ends) => void rooms.pushed.push(...ends),
    )
    const admin = await rooms.seedOperator()
    const by = { operator: { id: admin.id, name: 'root' }, source: 'x' } as never
    const endings: (() => Promise<unknown>)[] = [
      () => web.endOthers({ operatorId: ann.id, signInId: ann.signInId, source: 'x' }),
      () =>
        web.changePassword({ operatorId: ann.id, signInId: ann.signInId, current: new Secret(password), next: new Secret('another long one'), source: 'y' }),
      () => rooms.store.transaction((trx) => endAllOf(trx, ann.id, { by, text: 'x', tokens: false }, rooms.clock.now)),
    ]
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [ann.id] }))
    for (const end of endings) {
      const { signIn } = signedIn(await byKey())
      const shown = async (later: number) =>
        (await ownSignIns(rooms.store, ann.id, ann.signInId, rooms.clock.now + later)).map(({ door, agent, current }) => [door, agent, current])
      const own = ['ssh', from.client, false]
      expect([await shown(0), await shown(signInIdleMs)]).toEqual([[['web', 'test', true], own], [own]])
      const { session } = await rooms.open(gateway, { person: ann })
      await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ signInId: signIn }).where('id', '=', session).execute())
      await end()
      expect([await rowOf(signIn), (await rooms.row(session)).mustEnd]).toEqual([undefined, 'revoked'])
    }
  })

  it('ends one when its gateway says so, or has begun anew; no other gateway’s word counts', async () => {
    const [first, second] = [signedIn(await byKey()).signIn, signedIn(await byKey()).signIn]
    const elsewhere = await rooms.join()
    expect(await elsewhere.report({ report: 'signed-out', signIn: first, at: rooms.clock.now })).toBeUndefined()
    expect(await rowOf(first)).toBeDefined()
    for (let count = 0; count < 2; count += 1) expect(await gateway.report({ report: 'signed-out', signIn: first, at: rooms.clock.now })).toBeUndefined()
    expect([await rowOf(first), await rooms.ledger('operator.signed_out')]).toEqual([undefined, [expect.objectContaining({ operator: ann.id })]])
    await rooms.join({ startedAt: 2000 }, gateway.keys)
    expect([await rowOf(second), (await rooms.ledger('operator.signed_out')).length]).toEqual([undefined, 2])
  })

  it('ends those of a gateway that does not come back, and not before it had the time to', async () => {
    const { signIn } = signedIn(await byKey())
    const began = rooms.clock.now
    const sweep = (ms: number, since = began) => endLostDoorSignIns(rooms.store, (rooms.clock.now = began + ms), since)
    await sweep(lostAfterMs - 1)
    expect(await rowOf(signIn)).toBeDefined()
    // This control has just been started: nobody was there to be told.
    await sweep(lostAfterMs + 1, began + 1000)
    expect(await rowOf(signIn)).toBeDefined()
    await gateway.beat([])
    await sweep(lostAfterMs + 2)
    expect(await rowOf(signIn)).toBeDefined()
    await sweep(2 * lostAfterMs + 3)
    expect([await rowOf(signIn), await rowOf(ann.signInId)]).toEqual([undefined, expect.anything()])
    expect(await rooms.ledger('operator.signed_out')).toMatchObject([{ operator: ann.id, detail: { why: 'the gateway has not come back' } }])
  })

  it('bounds the connections of one person, and leaves their browsers signed in', async () => {
    const times = { createdAt: rooms.clock.now, lastSeenAt: rooms.clock.now, expiresAt: rooms.clock.now + 1000 }
    const rows = Array.from({ length: maxDoorSignIns }, () => ({
      id: randomBytes(32).toString('hex'),
      operatorId: ann.id,
      ...times,
      source: 'x',
      agent: 'x',
      door: 'ssh',
    }))
    await rooms.store.transaction((trx) => trx.insertInto('signIns').values(rows).execute())
    expect(await byKey()).toMatchObject({ state: 'refused', text: expect.stringContaining('too many connections') as string })
    // Neither does one more browser end the one that there is.
    const web = new SignIns(rooms.store, rooms.passwords, () => rooms.clock.now + 1)
    const operator = await rooms.store.db.selectFrom('operators').selectAll().where('id', '=', ann.id).executeTakeFirstOrThrow()
    await rooms.store.transaction((trx) => web.begin(trx, operator, { source: 'x', agent: 'x' }))
    expect(await rowOf(ann.signInId)).toBeDefined()
    rooms.clock.now += 1000
    signedIn(await byKey())
  })
})
