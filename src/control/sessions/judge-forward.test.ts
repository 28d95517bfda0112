import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GrantTerms } from '#domain/grant.ts'
import { DoorAdmitted } from '#wire/door.ts'
import { endForbidden } from '../access/enforce.ts'
import { grantTo } from '../access/test-grants.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('forwarding through the SSH door on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
  })
  afterEach(() => rooms.close())

  type Person = { id: string; signInId: string }
  const seed = async (terms: Partial<GrantTerms>, named: { assets?: string[] } = {}) => {
    const person = await rooms.seedOperator({ role: 'member' })
    await rooms.store.transaction(async (trx) => {
      await trx.updateTable('signIns').set({ door: 'ssh', gatewayId: gateway.id }).where('id', '=', person.signInId).execute()
      await grantTo(trx, { operators: [person.id], ...named }, terms)
    })
    return person
  }
  const begin = async (person: Person, asset: string, kind: 'forward' | 'shell' = 'forward') => {
    const size = { cols: 80, rows: 24, term: 'xterm' }
    const { body, failure } = await gateway.ask({ ask: 'admit', signIn: person.signInId, source: '192.0.2.1', to: { asset }, kind, ...size })
    if (failure) throw new Error(failure.code)
    const answer = DoorAdmitted.parse(body)
    return answer.state === 'admitted' ? answer.admission.session : (undefined as never)
  }
  type Where = [host: string, port: number]
  const judge = async (person: Person, [host, port]: Where, session?: string, way: 'local' | 'remote' = 'local') => {
    const of = session === undefined ? {} : { session: session as never }
    const { body, failure } = await gateway.ask({ ask: 'forward', signIn: person.signInId, source: '192.0.2.1', ...of, way, destination: { host, port } })
    return failure ? failure.code : (body as { state: string; name?: string }).state + ((body as { name?: string }).name ?? '')
  }

  it('goes to the host itself, or where the grant says, and each place is asked for (FWD-01, FWD-03)', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const own = await seed({ actions: ['forward'] })
    const ownSession = await begin(own, 'web1')
    for (const host of ['localhost', '127.0.0.1', '::1']) expect(await judge(own, [host, 8080], ownSession)).toBe('permitted')
    expect(await judge(own, ['db.example.org', 5432], ownSession)).toBe('forward_refused')
    const listed = await seed({ actions: ['forward'], forwardTo: ['db.example.org:5432', '10.0.0.0/8:80-90'] })
    const session = await begin(listed, 'web1')
    expect(await judge(listed, ['DB.example.org', 5432], session)).toBe('permitted')
    expect(await judge(listed, ['10.1.2.3', 85], session)).toBe('permitted')
    for (const where of [
      ['db.example.org', 5433],
      ['10.1.2.3', 91],
      ['localhost', 8080],
      ['10.1.2.3', 0],
    ] as Where[])
      expect(await judge(listed, where, session), String(where)).toBe('forward_refused')
    const rows = await rooms.ledger('forward.refused')
    expect(rows.map(({ outcome, object, detail }) => [outcome, object === session, detail['destination'], detail['way']])).toEqual([
      ['refused', false, 'db.example.org:5432', 'local'],
      ['refused', true, 'db.example.org:5433', 'local'],
      ['refused', true, '10.1.2.3:91', 'local'],
      ['refused', true, 'localhost:8080', 'local'],
      ['refused', true, '10.1.2.3:0', 'local'],
    ])
    expect(rows.every(({ operator }) => operator === own.id || operator === listed.id)).toBe(true)
  })

  it('never goes to metadata services or to Sallyport itself, whatever a grant says', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    await rooms.seedAsset(undefined, { name: 'self', address: '127.0.0.1', port: 2222 })
    const person = await seed({ actions: ['forward'], forwardTo: ['*:*'] })
    const [far, near] = [await begin(person, 'web1'), await begin(person, 'self')]
    for (const host of ['169.254.169.254', '0xA9FEA9FE', 'metadata.google.internal', '::ffff:169.254.169.254', '0.0.0.0'])
      expect(await judge(person, [host, 80], far), host).toBe('forward_refused')
    expect(await judge(person, ['localhost', 8022], far)).toBe('permitted')
    expect(await judge(person, ['localhost', 8022], near)).toBe('forward_refused')
    expect(await judge(person, ['localhost', 8023], near)).toBe('permitted')
  })

  it('answers with the host where one of ours is meant and they see it, with and without a session', async () => {
    const asset = await rooms.seedAsset(undefined, { name: 'web1', address: '192.0.2.10', port: 2222 })
    await rooms.seedAsset(undefined, { name: 'hidden', address: '192.0.2.11' })
    const person = await seed({ actions: ['shell', 'forward'], forwardTo: ['*:*'] }, { assets: [asset.id] })
    const session = await begin(person, 'web1')
    for (const of of [undefined, session]) {
      expect(await judge(person, ['192.0.2.10', 2222], of)).toBe('interceptweb1')
      expect(await judge(person, ['192.0.522', 2222], of)).toBe('interceptweb1')
      expect(await judge(person, ['web1', 22], of)).toBe('interceptweb1')
      expect(await judge(person, ['192.0.2.11', 22], of)).toBe('forward_refused')
      expect(await judge(person, ['hidden', 22], of)).toBe('forward_refused')
    }
    expect(await judge(person, ['192.0.2.10', 80])).toBe('forward_refused')
    expect(await judge(person, ['nowhere.example.org', 22])).toBe('forward_refused')
    expect(await judge(person, ['192.0.2.10', 80], session)).toBe('permitted')
  })

  it('takes the loopback of a host for the host, also when a host of ours has that address', async () => {
    await rooms.seedAsset(undefined, { name: 'self', address: '127.0.0.1', port: 22 })
    const asset = await rooms.seedAsset(undefined, { name: 'web1' })
    const person = await seed({ actions: ['forward'] })
    const session = await begin(person, 'web1')
    expect(await judge(person, ['127.0.0.1', 22], session)).toBe('permitted')
    expect(await judge(person, ['127.0.0.1', 22])).toBe('interceptself')
    // A host behind another has its address in that one's network.
    await rooms.seedAsset(undefined, { name: 'behind', address: '10.9.9.9', via: { id: asset.id, account: asset.account } })
    await rooms.seedAsset(undefined, { name: 'web2' })
    expect(await judge(person, ['10.9.9.9', 22], session)).toBe('interceptbehind')
    expect(await judge(person, ['10.9.9.9', 22], await begin(person, 'web2'))).toBe('forward_refused')
  })

  it('listens on the loopback of the host alone, on free ports (FWD-02)', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const person = await seed({ actions: ['shell', 'forward'] })
    const session = await begin(person, 'web1')
    for (const where of [
      ['localhost', 0],
      ['127.0.0.1', 1024],
      ['::1', 9000],
    ] as Where[])
      expect(await judge(person, where, session, 'remote')).toBe('permitted')
    for (const where of [
      ['0.0.0.0', 9000],
      ['*', 9000],
      ['192.0.2.10', 9000],
      ['localhost', 80],
      ['localhost', 1023],
    ] as Where[])
      expect(await judge(person, where, session, 'remote')).toBe('forward_refused')
    expect(await judge(person, ['localhost', 0], undefined, 'remote')).toBe('forward_refused')
  })

  it('belongs to a forwarding session of the sign-in, and ends with the right (AUTHZ-05, AUTHZ-07)', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const [person, other] = [await seed({ actions: ['shell', 'forward'] }), await seed({ actions: ['forward'] })]
    const session = await begin(person, 'web1')
    expect(await judge(person, ['localhost', 80], await begin(other, 'web1'))).toBe('forward_refused')
    expect(await judge(person, ['localhost', 80], await begin(person, 'web1', 'shell'))).toBe('forward_refused')
    const ends = await rooms.store.transaction(async (trx) => {
      await trx
        .updateTable('grants')
        .set({ terms: JSON.stringify({ actions: ['shell'], accounts: 'all' }) })
        .execute()
      return endForbidden(trx, { operators: [person.id], text: 'Your grant was changed.' }, rooms.clock.now)
    })
    expect(ends).toMatchObject([{ wish: { session, reason: 'revoked' } }])
    expect(await judge(person, ['localhost', 80], session)).toBe('forward_refused')
  })

  it('ends when a place that it could go to is taken away, and not when one is added', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const person = await seed({ actions: ['forward'], forwardTo: ['db:5432', 'cache:6379'] })
    const session = await begin(person, 'web1')
    const to = (...forwardTo: string[]) =>
      rooms.store.transaction(async (trx) => {
        await trx
          .updateTable('grants')
          .set({ terms: JSON.stringify({ actions: ['forward'], accounts: 'all', forwardTo }) })
          .execute()
        return endForbidden(trx, { operators: [person.id], text: 'Your grant was changed.' }, rooms.clock.now)
      })
    expect(await to('db:5432', 'cache:6379', 'mail:25')).toEqual([])
    expect(await judge(person, ['mail', 25], session)).toBe('permitted')
    expect(await to('db:5432', 'cache:6379')).toMatchObject([{ wish: { session, reason: 'revoked', text: 'Your grant was changed.' } }])
  })

  it('writes no more than thirty rows a minute of a scan, and how many there were', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    const person = await seed({ actions: ['forward'] })
    const session = await begin(person, 'web1')
    for (let port = 1; port <= 100; port += 1) await judge(person, ['10.0.0.1', port], session)
    expect(await rooms.ledger('forward.refused')).toHaveLength(30)
    rooms.clock.now += 60_000
    expect(await judge(person, ['10.0.0.1', 101], session)).toBe('forward_refused')
    expect((await rooms.ledger('forward.refused')).at(-1)?.detail).toMatchObject({ destination: '10.0.0.1:101', unwritten: 70 })
  })
})
