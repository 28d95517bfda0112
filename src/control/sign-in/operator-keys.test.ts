import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GatewayId } from '#domain/id.ts'
import { maxOperatorKeys } from '#wire/api/door.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { makeUserKey, signedBy } from './test-ssh-client.ts'

describe.each(engines)('keys of people, on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let ann: Awaited<ReturnType<TestLinks['seedOperator']>>
  let bob: typeof ann
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    ann = await rooms.seedOperator({ username: 'ann' })
    bob = await rooms.seedOperator({ username: 'bob' })
  })
  afterEach(() => rooms.close())

  const by = (who: typeof ann, source = '192.0.2.1') => ({ operator: who.id, name: who.username, source })
  const add = (line: string, who = ann, keyName?: string) => rooms.door.operatorKeys.add(by(who), { line, ...(keyName === undefined ? {} : { name: keyName }) })
  const failureOf = (asking: Promise<unknown>) =>
    asking.then(
      () => undefined,
      (error: { code: string; field?: string }) => [error.code, error.field],
    )

  it('are called as said, or by their comment, or by what they are', async () => {
    const line = () => makeUserKey().publicLine
    expect((await add(`${line()} ann@laptop`, ann, 'Laptop')).name).toBe('Laptop')
    expect((await add(`${line()} ann@laptop\u001b[2J`)).name).toBe('ann@laptop[2J')
    const { name: made, fingerprint } = await add(line())
    expect(made).toBe(`ssh-ed25519 ${fingerprint.slice(7, 15)}`)
    expect((await rooms.ledger('operator_key.added')).map(({ operator }) => operator)).toEqual([ann.id, ann.id, ann.id])
    expect(JSON.stringify(await rooms.ledger('operator_key.added'))).toContain(fingerprint)
  })

  it('are of one person only, of a bounded number, and are not guessed at', async () => {
    const key = makeUserKey().publicLine
    await add(key)
    expect([await failureOf(add(key)), await failureOf(add(`${key} another comment`, bob))]).toEqual([
      ['operator_key_known', 'line'],
      ['operator_key_known', 'line'],
    ])
    for (let count = 0; count < 8; count += 1) await failureOf(add(key, bob))
    expect(await failureOf(add(key, bob))).toEqual(['rate_limited', undefined])
    for (let count = 1; count < maxOperatorKeys; count += 1) await add(makeUserKey().publicLine)
    expect(await failureOf(add(makeUserKey().publicLine))).toEqual(['conflict', undefined])
  })

  it.each([
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'public_key_is_private'],
    ['ssh-ed25519 AAAA', 'public_key_invalid'],
    ['ssh-dss AAAAB3NzaC1kc3MAAAAA', 'public_key_unsupported'],
  ])('are none of these: %s', async (line, code) => {
    expect(await failureOf(add(line))).toEqual([code, 'line'])
  })

  it('take with them what they opened, and nothing that is another’s', async () => {
    const [key, spare] = [makeUserKey(), makeUserKey()]
    const gateway = await rooms.join()
    const [{ id }] = [await add(key.publicLine), await add(spare.publicLine)]
    const signIn = async (which: typeof key) => {
      const proof = { by: 'key', ...signedBy(which, 'ann') } as const
      return ((await gateway.ask({ ask: 'sign-in', typed: 'ann', source: 'x', client: 'x', proof })).body as { signIn: string }).signIn
    }
    const [first, second] = [await signIn(key), await signIn(spare)]
    const session = await rooms.open(gateway, { person: { ...ann, signInId: ann.signInId } })
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ signInId: first }).where('id', '=', session.session).execute())
    expect(await failureOf(rooms.door.operatorKeys.remove(by(bob), { key: id, owner: bob.id }))).toEqual(['operator_key_not_found', undefined])
    await rooms.door.operatorKeys.remove(by(ann), { key: id, owner: ann.id })
    expect((await rooms.store.db.selectFrom('signIns').select('id').where('door', '=', 'ssh').execute()).map((row) => row.id)).toEqual([second])
    expect(await rooms.row(session.session)).toMatchObject({ mustEnd: 'revoked', mustEndText: 'The key that opened this was removed.' })
    expect(rooms.pushed).toMatchObject([{ gateway: gateway.id, wish: { session: session.session } }])
    expect([await rooms.ledger('operator_key.removed'), await rooms.ledger('operator.sign_in_ended')].map((rows) => rows.length)).toEqual([1, 1])
    expect((await gateway.ask({ ask: 'key-offered', typed: 'ann', publicKey: key.publicBlob.toString('base64'), source: 'x' })).body).toEqual({
      isKnown: false,
    })
  })

  it('of the door are made once, sealed, and written down when they are read', async () => {
    const gateway = await rooms.join()
    const [one, two] = await Promise.all([gateway.ask({ ask: 'door-keys' }), rooms.door.keys.read(GatewayId.parse(gateway.id))])
    expect(one.body).toEqual(two)
    const types = two.keys.map(({ type }) => type).toSorted()
    expect(types).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519', 'ssh-rsa'])
    expect((await rooms.door.keys.list()).map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'])
    expect([await rooms.ledger('door_key.made'), await rooms.ledger('door_key.read')].map((rows) => rows.length)).toEqual([3, 2])
    const rows = JSON.stringify([
      await rooms.store.db.selectFrom('doorKeys').selectAll().execute(),
      await rooms.store.db.selectFrom('audit').selectAll().execute(),
    ])
    expect(rows.includes('PRIVATE KEY')).toBe(false)
  })
})
