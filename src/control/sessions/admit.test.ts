import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Admission } from '#domain/admission.ts'
import { gatewayMark } from '#domain/id.ts'
import { Redeemed } from '#wire/link.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('redeeming a ticket on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const shell = (asset: { id: string; account: string }) => ({ kind: 'shell' as const, asset: asset.id, account: asset.account })
  const sessions = () => rooms.store.db.selectFrom('sessions').selectAll().execute()

  it('gives an admission with what the dial needs, a row and a ledger line', async () => {
    const gateway = await rooms.join()
    const [person, asset] = [await rooms.seedOperator({ username: 'ann' }), await rooms.seedAsset(undefined, { name: 'web1' })]
    await rooms.store.transaction((trx) =>
      trx
        .insertInto('hostKeys')
        .values({
          place: `asset:${asset.id}`,
          type: 'ssh-ed25519',
          key: 'A'.repeat(68),
          fingerprint: `SHA256:${'a'.repeat(43)}`,
          trustedAt: 1,
          trustedBy: 'ann',
        })
        .execute(),
    )
    const { body } = await gateway.ask(redeem(await rooms.ticketFor(person, shell(asset))))
    expect(Redeemed.parse(body).kind).toBe('shell')
    const { admission } = body as { admission: Admission }
    expect(admission).toMatchObject({
      operator: { id: person.id, name: 'ann' },
      asset: { id: asset.id, name: 'web1' },
      target: { address: '192.0.2.10', port: 22, username: 'root' },
      auth: { kind: 'password' },
      hostKeys: [{ type: 'ssh-ed25519' }],
      mayTrustHostKey: false,
      mayDialLoopback: true,
      record: 'must',
      limits: { idleMs: 900_000, maxMs: 86_400_000, idleOn: 'input' },
    })
    expect(JSON.stringify(admission)).not.toContain('hunter2')
    expect(admission.session).toMatch(new RegExp(`^se_${gatewayMark(gateway.id)}[a-z2-7]{24}$`))
    expect(await rooms.row(admission.session)).toMatchObject({
      state: 'opening',
      gatewayId: gateway.id,
      operatorName: 'ann',
      source: '192.0.2.1',
      recordingState: 'writing',
      recordingFile: expect.stringMatching(/^web1_192\.0\.2\.10_\d{8}T\d{6}Z_ann\.cast$/) as string,
    })
    expect(await rooms.ledger('session.admitted')).toMatchObject([{ outcome: 'intent', operator: person.id, object: admission.session, source: '192.0.2.1' }])
  })

  it('takes a ticket once, also when two gateways come with it at the same moment', async () => {
    const [one, two] = [await rooms.join(), await rooms.join()]
    const ticket = await rooms.ticketFor(await rooms.seedOperator(), shell(await rooms.seedAsset()))
    const answers = await Promise.all([one.ask(redeem(ticket)), two.ask(redeem(ticket))])
    expect(answers.filter((answer) => answer.body !== undefined)).toHaveLength(1)
    expect(answers.filter((answer) => answer.failure?.code === 'ticket_used')).toHaveLength(1)
    expect(await one.ask(redeem(ticket))).toMatchObject({ failure: { code: 'ticket_used' } })
    expect(await sessions()).toHaveLength(1)
    expect((await rooms.ledger('ticket.refused')).map((row) => row.detail)).toEqual([{ failure: 'ticket_used' }, { failure: 'ticket_used' }])
  })

  it('refuses a ticket that another sign-in shows, which leaves it to the one who asked for it', async () => {
    const gateway = await rooms.join()
    const [person, other, asset] = [await rooms.seedOperator(), await rooms.seedOperator(), await rooms.seedAsset()]
    const ticket = await rooms.ticketFor(person, shell(asset))
    expect(await gateway.ask({ ...redeem(ticket), signIn: other.signInId })).toMatchObject({ failure: { code: 'ticket_invalid' } })
    expect(await rooms.ledger('ticket.refused')).toMatchObject([{ operator: person.id, detail: { failure: 'ticket_invalid' } }])
    expect(await gateway.ask({ ...redeem(ticket), signIn: person.signInId })).toMatchObject({ body: { admission: { operator: { id: person.id } } } })
  })

  it('takes an account for its own host alone, whatever the ticket says', async () => {
    const gateway = await rooms.join()
    const [person, asset, other] = [await rooms.seedOperator(), await rooms.seedAsset(), await rooms.seedAsset()]
    const mixed = await rooms.ticketFor(person, shell({ id: asset.id, account: other.account }))
    expect(await gateway.ask(redeem(mixed))).toMatchObject({ failure: { code: 'account_not_found' } })
    expect(await sessions()).toEqual([])
  })

  it('writes no more than 30 rows a minute about tickets that come again and again', async () => {
    const gateway = await rooms.join()
    const ticket = await rooms.ticketFor(await rooms.seedOperator(), shell(await rooms.seedAsset()))
    for (let time = 0; time < 50; time += 1) await gateway.ask(redeem(ticket))
    expect(await rooms.ledger('ticket.refused')).toHaveLength(30)
  })

  it('refuses a ticket that is late, unknown, or whose sign-in has ended', async () => {
    const gateway = await rooms.join()
    const [person, asset] = [await rooms.seedOperator(), await rooms.seedAsset()]
    const late = await rooms.ticketFor(person, shell(asset))
    rooms.clock.now += 30_000
    expect(await gateway.ask(redeem(late))).toMatchObject({ failure: { code: 'ticket_expired' } })
    expect(await gateway.ask(redeem('x'.repeat(43)))).toMatchObject({ failure: { code: 'ticket_invalid' } })
    const orphan = await rooms.ticketFor(person, shell(asset))
    await rooms.store.transaction((trx) => trx.deleteFrom('signIns').execute())
    expect(await gateway.ask(redeem(orphan))).toMatchObject({ failure: { code: 'ticket_invalid' } })
    expect(await sessions()).toEqual([])
  })

  it('decides again on present rows: disabled, the grant or the role taken away, host or account gone', async () => {
    const gateway = await rooms.join()
    const refused = async (change: (person: string, asset: { id: string; account: string }) => Promise<unknown>, body?: { address: string }) => {
      const [person, asset] = [await rooms.seedOperator(), await rooms.seedAsset()]
      const ticket = await rooms.ticketFor(person, body ? { kind: 'shell', ...body } : shell(asset))
      await change(person.id, asset)
      const { failure } = await gateway.ask(redeem(ticket))
      expect(await gateway.ask(redeem(ticket))).toMatchObject({ failure: { code: expect.stringMatching(/^ticket_/) as string } })
      return failure?.code
    }
    const inStore = rooms.store
    const operator = (change: { enabled?: number; role?: string }) => (person: string) =>
      inStore.transaction((trx) => trx.updateTable('operators').set(change).where('id', '=', person).execute())
    expect(await refused(operator({ enabled: 0 }))).toBe('ticket_invalid')
    const withoutGrants = (person: string) => inStore.transaction((trx) => trx.deleteFrom('grantOperators').where('operatorId', '=', person).execute())
    expect(await refused(withoutGrants)).toBe('asset_not_found')
    expect(await refused(operator({ role: 'member' }), { address: 'root@192.0.2.5' })).toBe('forbidden')
    expect(await refused((_person, asset) => inStore.transaction((trx) => trx.deleteFrom('assets').where('id', '=', asset.id).execute()))).toBe(
      'asset_not_found',
    )
    expect(await refused((_person, asset) => inStore.transaction((trx) => trx.deleteFrom('accounts').where('id', '=', asset.account).execute()))).toBe(
      'account_not_found',
    )
    expect(await sessions()).toEqual([])
    expect((await rooms.ledger('session.refused')).map((row) => row.detail.failure)).toEqual([
      'asset_not_found',
      'forbidden',
      'asset_not_found',
      'account_not_found',
    ])
  })

  it('names the hosts on the way, outermost first, in the admission, the row and the ledger', async () => {
    const gateway = await rooms.join()
    const outer = await rooms.seedAsset(undefined, { name: 'outer', address: '192.0.2.1' })
    const inner = await rooms.seedAsset({ kind: 'ask' }, { name: 'inner', address: '10.0.0.1', port: 2200, via: outer })
    const asset = await rooms.seedAsset(undefined, { name: 'db1', address: '127.0.0.1', port: 5022, via: inner })
    const admission = await rooms.open(gateway, { asset })
    expect(admission.via).toEqual([
      {
        asset: { id: outer.id, name: 'outer' },
        target: { address: '192.0.2.1', port: 22, username: 'root' },
        auth: { kind: 'password' },
        hostKeys: [],
        mayDialLoopback: true,
      },
      {
        asset: { id: inner.id, name: 'inner' },
        target: { address: '10.0.0.1', port: 2200, username: 'root' },
        auth: { kind: 'ask' },
        hostKeys: [],
        mayDialLoopback: true,
      },
    ])
    expect(JSON.stringify(admission)).not.toContain('hunter2')
    expect((await rooms.ledger('session.admitted')).at(-1)?.detail['via']).toEqual(['root@outer (192.0.2.1:22)', 'root@inner (10.0.0.1:2200)'])
    expect(JSON.parse((await rooms.row(admission.session)).via ?? '[]')).toMatchObject([{ asset: outer.id, account: outer.account }, { asset: inner.id }])
    const direct = await rooms.open(gateway, { asset: outer })
    expect([direct.via, (await rooms.row(direct.session)).via]).toEqual([undefined, null])
  })

  it('admits nobody over a way that is broken, endless, or leads over what is never dialled', async () => {
    const gateway = await rooms.join()
    const person = await rooms.seedOperator()
    const refusal = async (asset: { id: string; account: string }) => (await gateway.ask(redeem(await rooms.ticketFor(person, shell(asset))))).failure
    const change = (id: string, set: { viaAssetId?: string; viaAccountId?: string; address?: string; port?: number }) =>
      rooms.store.transaction((trx) => trx.updateTable('assets').set(set).where('id', '=', id).execute())
    const hop = await rooms.seedAsset(undefined, { name: 'hop' })
    const asset = await rooms.seedAsset(undefined, { via: hop })
    await change(asset.id, { viaAccountId: asset.account })
    expect(await refusal(asset)).toMatchObject({ code: 'via_invalid' })
    await change(asset.id, { viaAccountId: hop.account })
    await change(hop.id, { viaAssetId: asset.id, viaAccountId: asset.account })
    expect(await refusal(asset)).toMatchObject({ code: 'via_invalid' })
    let last = await rooms.seedAsset()
    for (let hops = 0; hops < 4; hops += 1) last = await rooms.seedAsset(undefined, { via: last })
    expect(await refusal(last)).toBeUndefined()
    expect(await refusal(await rooms.seedAsset(undefined, { via: last }))).toMatchObject({ code: 'via_invalid' })
    for (const [address, port] of [
      ['169.254.169.254', 22],
      ['127.0.0.1', 8022],
    ] as const) {
      const forbidden = await rooms.seedAsset(undefined, { address, port })
      expect(await refusal(await rooms.seedAsset(undefined, { via: forbidden }))).toMatchObject({ code: 'address_not_allowed' })
      const behind = await rooms.seedAsset(undefined, { address, port, via: await rooms.seedAsset() })
      expect(await refusal(behind)).toMatchObject({ code: 'address_not_allowed' })
    }
    expect((await rooms.ledger('session.refused')).length).toBe(7)
  })

  it('never admits to Sallyport itself or a metadata service, whatever the ticket says', async () => {
    const gateway = await rooms.join()
    const person = await rooms.seedOperator()
    for (const address of ['root@127.0.0.1:8022', 'root@169.254.169.254', 'root@2852039166'])
      expect(await gateway.ask(redeem(await rooms.ticketFor(person, { kind: 'shell', address }))), address).toMatchObject({
        failure: { code: expect.stringMatching(/^address_(not_allowed|invalid)$/) as string },
      })
  })

  it('admits a quick connect that asks the person and may trust an unknown key', async () => {
    const gateway = await rooms.join()
    const admission = await rooms.open(gateway, { address: 'root@[2001:db8::7]:2200' })
    expect(admission).toMatchObject({
      asset: { name: '2001:db8::7' },
      target: { address: '2001:db8::7', port: 2200, username: 'root' },
      auth: { kind: 'ask' },
      mayTrustHostKey: true,
      hostKeys: [],
    })
  })

  it('refuses in words while the disk is full, and an operator with 200 sessions open', async () => {
    const gateway = await rooms.join()
    const [person, asset] = [await rooms.seedOperator(), await rooms.seedAsset()]
    rooms.state.refusing = 'The disk is 96 % full.'
    expect(await gateway.ask(redeem(await rooms.ticketFor(person, shell(asset))))).toMatchObject({
      failure: { code: 'disk_full', message: 'The disk is 96 % full.' },
    })
    expect(await gateway.beat()).toMatchObject({ settings: { refusingSessions: 'The disk is 96 % full.' } })
    rooms.state.refusing = undefined
    const first = await rooms.open(gateway, { person, asset })
    const row = await rooms.row(first.session)
    await rooms.store.transaction(async (trx) => {
      for (let copy = 1; copy < rooms.sessionsPerOperator; copy += 1)
        await trx
          .insertInto('sessions')
          .values({ ...row, id: `copy-${copy}` })
          .execute()
    })
    expect(await gateway.ask(redeem(await rooms.ticketFor(person, shell(asset))))).toMatchObject({ failure: { code: 'too_many_sessions' } })
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ state: 'ended' }).where('id', '=', 'copy-1').execute())
    expect(await gateway.ask(redeem(await rooms.ticketFor(person, shell(asset))))).toMatchObject({ body: { admission: { asset: { id: asset.id } } } })
  })
})
