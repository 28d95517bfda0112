// Hosts in number: found, marked, reached through each other, changed and brought in together.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditCode } from '#domain/audit-event.ts'
import type { ImportOutcome } from '#wire/api/assets.ts'
import { noteUse } from '../assets/own-hosts.ts'
import { engines } from '../store/test-engines.ts'
import { startApiOn } from './test-api-engine.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf, makeHostKey, type Asset } from './test-asset.ts'

describe.each(engines)('many hosts on %s', (engine) => {
  let api: TestApi
  let cookie = ''
  let me = ''
  let other = { id: '', cookie: '' }
  beforeAll(async () => {
    api = await startApiOn(engine)
    cookie = await api.claimIt()
    me = String((await api.ask('GET', '/api/v1/me', { cookie })).json['id'])
    other = await api.addOperator('dave', { role: 'admin' })
  }, 60_000)
  afterAll(() => api.stop())

  const ask = (method: string, path: string, body?: unknown, as = cookie) =>
    api.ask(method, `/api/v1${path}`, { cookie: as, ...(body === undefined ? {} : { body }) })
  const failed = (method: string, path: string, body?: unknown, as = cookie) => failureOf(ask(method, path, body, as))
  const root = { username: 'root', auth: { kind: 'ask' } }
  const add = (more: Record<string, unknown> = {}) => addAsset(api, cookie, { accounts: [root], ...more })
  const through = (host: Asset) => ({ asset: host.id, account: host.accounts[0]?.id ?? '' })
  const get = async (id: string, as = cookie) => (await ask('GET', `/assets/${id}`, undefined, as)).json as unknown as Asset
  const names = async (query: string, as = cookie) => ((await ask('GET', `/assets?${query}`, undefined, as)).json['items'] as Asset[]).map(({ name }) => name)
  const ledgerOf = async (code: AuditCode, object: string) =>
    (await api.ledger(code)).filter((row) => row.object === object).map((row) => JSON.parse(row.detail ?? '') as unknown)

  describe('in a list', () => {
    it('stand as people count, whatever the case, by name and by address', async () => {
      for (const [name, address] of [
        ['cnt-10', '10.9.0.2'],
        ['CNT-9', '10.9.0.10'],
        ['cnt-2', '10.9.0.1'],
      ])
        await add({ name, address })
      expect(await names('q=cnt')).toEqual(['cnt-2', 'CNT-9', 'cnt-10'])
      expect(await names('q=cnt&sort=-name')).toEqual(['cnt-10', 'CNT-9', 'cnt-2'])
      expect(await names('q=cnt&sort=address')).toEqual(['cnt-2', 'cnt-10', 'CNT-9'])
    })

    it('are narrowed by tags that all must be there, each whole and taken literally', async () => {
      const odd = ['a"b', 'back\\', '[x]', '%']
      await add({ name: 'tag-1', tags: ['red', 'blue', ...odd] })
      await add({ name: 'tag-2', tags: ['red', 'dark-red'] })
      await add({ name: 'tag-3', tags: ['z"back\\', 'dark-red', '数据库'] })
      const tag = (text: string) => names(`tag=${encodeURIComponent(text)}&q=tag-`)
      expect(await tag('red')).toEqual(['tag-1', 'tag-2'])
      expect(await tag(' dark-red , red,')).toEqual(['tag-2'])
      for (const each of odd) expect(await tag(each), each).toEqual(['tag-1'])
      expect(await tag('数据库')).toEqual(['tag-3'])
      for (const none of ['Red', 're', '"', 'red","blue', ']']) expect(await tag(none), none).toEqual([])
      expect((await ask('GET', '/assets/tags')).json['items']).toEqual(
        expect.arrayContaining([
          { tag: 'red', hosts: 2 },
          { tag: 'dark-red', hosts: 2 },
        ]),
      )
    })

    it('have no tag with a comma in it, which no list could be asked for', async () => {
      expect(await failed('POST', '/assets', { name: 'comma', address: '10.0.0.1', tags: ['a', 'b,c'] })).toEqual([400, 'bad_request', 'tags.1'])
    })

    it('tell a search for marks of their storage from a search for tags', async () => {
      await add({ name: 'mark-1', tags: ['one', 'two'] })
      expect(await names(`q=${encodeURIComponent('mark [')}`)).toEqual([])
      expect(await names(`q=${encodeURIComponent('mark ,')}`)).toEqual([])
    })

    it('are each person’s own favourites and uses', async () => {
      const [one, two, three] = [await add({ name: 'own-1' }), await add({ name: 'own-2' }), await add({ name: 'own-3' })]
      for (const id of [one.id, two.id, one.id]) expect((await ask('PUT', `/assets/${id}/favourite`)).status).toBe(200)
      expect((await ask('DELETE', `/assets/${two.id}/favourite`)).status).toBe(200)
      expect([await names('favourite=true&q=own-'), await names('favourite=false&q=own-')]).toEqual([['own-1'], ['own-2', 'own-3']])
      expect(await names('favourite=true&q=own-', other.cookie)).toEqual([])
      expect([(await get(one.id)).favourite, (await get(one.id, other.cookie)).favourite]).toEqual([true, false])
      const use = (operator: string, host: Asset, usedAt: number) =>
        api.store.transaction((trx) => noteUse(trx, { operator, asset: host.id, account: host.accounts[0]?.id ?? null }, usedAt))
      await use(me, three, 1000)
      await use(me, two, 2000)
      await use(me, three, 3000)
      await use(other.id, one, 4000)
      expect(await names('recent=true&q=own-&sort=-myLastUsedAt')).toEqual(['own-3', 'own-2'])
      expect(await names('q=own-&sort=-myLastUsedAt')).toEqual(['own-3', 'own-2', 'own-1'])
      expect(await names('q=own-&sort=myLastUsedAt')).toEqual(['own-2', 'own-3', 'own-1'])
      expect(await names('q=own-&sort=-lastUsedAt')).toEqual(['own-1', 'own-3', 'own-2'])
      expect((await get(three.id)).mine).toEqual({ lastUsedAt: new Date(3000).toISOString(), account: three.accounts[0]?.id })
      expect((await get(three.id, other.cookie)).mine).toBeUndefined()
      await ask('DELETE', `/assets/${three.id}/accounts/${three.accounts[0]?.id}`)
      expect((await get(three.id)).mine).toEqual({ lastUsedAt: new Date(3000).toISOString() })
      const member = (await api.addOperator('bob', { role: 'member' })).cookie
      for (const method of ['PUT', 'DELETE'])
        for (const id of [one.id, 'as_nothing'])
          expect(await failed(method, `/assets/${id}/favourite`, undefined, member)).toEqual([404, 'asset_not_found', undefined])
    })

    it('are told apart by their keys and by whether they answered', async () => {
      const trusted = await add({ name: 'state-1', trusted: [makeHostKey()] })
      const changed = await add({ name: 'state-2', trusted: [makeHostKey()] })
      await add({ name: 'state-3' })
      const change = { assetId: changed.id, ...makeHostKey(), firstSeenAt: 1, lastSeenAt: 1, times: 1, operatorName: null, gatewayId: null }
      await api.store.transaction(async (trx) => {
        await trx
          .insertInto('keyChanges')
          .values({ id: 'kc_1', ...change })
          .execute()
        const reach = { reachState: 'reachable', reachAt: 5, reachRttMs: 3 }
        await trx.updateTable('assets').set(reach).where('id', '=', trusted.id).execute()
        const unreachable = { reachState: 'unreachable', reachAt: 6, reachFailure: 'host_timeout' }
        await trx.updateTable('assets').set(unreachable).where('id', '=', changed.id).execute()
      })
      for (const [query, found] of [
        ['key=trusted', 'state-1'],
        ['key=changed', 'state-2'],
        ['key=unknown', 'state-3'],
        ['reach=reachable', 'state-1'],
        ['reach=unreachable', 'state-2'],
        ['reach=unknown', 'state-3'],
      ])
        expect(await names(`q=state-&${query}`), query).toEqual([found])
      expect(await names('q=state-&sort=-reach')).toEqual(['state-2', 'state-1', 'state-3'])
      expect(await get(trusted.id)).toMatchObject({ changedKeys: 0, reach: { state: 'reachable', at: new Date(5).toISOString(), rttMs: 3 } })
      expect(await get(changed.id)).toMatchObject({ changedKeys: 1, reach: { state: 'unreachable', failure: 'host_timeout' } })
    })

    it.each([
      ['sort=password', 'bad_request', 'sort'],
      ['sort=', 'bad_request', 'sort'],
      ['sort=--name', 'bad_request', 'sort'],
      ['page=0', 'bad_request', 'page'],
      ['page=-1', 'bad_request', 'page'],
      ['page=1.5', 'bad_request', 'page'],
      ['page=1e9', 'bad_request', 'page'],
      ['page=NaN', 'bad_request', 'page'],
      ['size=201', 'bad_request', 'size'],
      ['size=0', 'bad_request', 'size'],
      [`q=${'x'.repeat(201)}`, 'bad_request', 'q'],
      ['q=a&q=b', 'bad_request', 'q'],
      ['q=%00', 'bad_request', 'q'],
      ['q[]=a', 'unknown_field', 'q[]'],
      [`tag=${'x'.repeat(501)}`, 'bad_request', 'tag'],
      ['favourite=perhaps', 'bad_request', 'favourite'],
      ['key=lost', 'bad_request', 'key'],
      ['reach=far', 'bad_request', 'reach'],
      ['colour=red', 'unknown_field', 'colour'],
    ])('refuse to be asked for with %s', async (query, code, field) => {
      expect(await failed('GET', `/assets?${query}`)).toEqual([400, code, field])
    })
  })

  describe('reached through others', () => {
    it('say through whom, change it and lose it, and keep it in the ledger', async () => {
      const gate = await add()
      const host = await add({ via: through(gate), hostKeyPolicy: 'pin-first' })
      expect(host).toMatchObject({ via: { ...through(gate), assetName: gate.name, username: 'root' }, hostKeyPolicy: 'pin-first' })
      expect((await ask('PATCH', `/assets/${host.id}`, { tags: ['x'] })).json).toMatchObject({ via: through(gate), hostKeyPolicy: 'pin-first' })
      const freed = await ask('PATCH', `/assets/${host.id}`, { via: null, hostKeyPolicy: 'ephemeral' })
      expect(freed.json).toMatchObject({ hostKeyPolicy: 'ephemeral' })
      expect(freed.json['via']).toBeUndefined()
      expect((await ledgerOf('asset.changed', host.id)).at(-1)).toMatchObject({
        before: { via: through(gate), hostKeyPolicy: 'pin-first' },
        after: { via: null, hostKeyPolicy: 'ephemeral' },
      })
    })

    it('take only another host and an account of it, no loop, and at most four on the way', async () => {
      const gate = await add()
      const other = await add()
      const invalid = [400, 'via_invalid', 'via']
      const chain = [gate]
      for (let each = 0; each < 4; each += 1) chain.push(await add({ via: through(chain.at(-1) ?? gate) }))
      const [, second, , , last] = chain
      if (!second || !last) throw new Error('no chain')
      const body = { name: 'refused', address: '10.0.0.9' }
      for (const via of [
        { asset: 'as_nothing', account: 'x' },
        { asset: gate.id, account: 'ac_nothing' },
        { ...through(gate), asset: other.id },
        through(last),
      ])
        expect(await failed('POST', '/assets', { ...body, via })).toEqual(invalid)
      expect(await failed('PATCH', `/assets/${gate.id}`, { via: through(gate) })).toEqual(invalid)
      expect(await failed('PATCH', `/assets/${gate.id}`, { via: through(last) })).toEqual(invalid)
      // The last of the chain would have a fifth on its way.
      expect(await failed('PATCH', `/assets/${gate.id}`, { via: through(other) })).toEqual(invalid)
      expect(await failed('POST', '/assets/change', { ids: [other.id, gate.id], via: through(second) })).toEqual(invalid)
      expect((await ask('PATCH', `/assets/${last.id}`, { via: null })).status).toBe(200)
      expect((await ask('PATCH', `/assets/${gate.id}`, { via: through(other) })).status).toBe(200)
    })

    it('may have the loopback of the host on the way for their address, while they are reached through it', async () => {
      const beyond = await startApi({ listensOnLoopbackOnly: false })
      try {
        const admin = await beyond.claimIt()
        const send = (method: string, path: string, body: unknown) => beyond.ask(method, `/api/v1${path}`, { cookie: admin, body })
        const gate = await addAsset(beyond, admin, { accounts: [root] })
        expect(await failureOf(send('POST', '/assets', { name: 'inner', address: '127.0.0.1' }))).toEqual([400, 'address_not_allowed', 'address'])
        const inner = await addAsset(beyond, admin, { name: 'inner', address: '127.0.0.1', via: through(gate) })
        expect(await failureOf(send('PATCH', `/assets/${inner.id}`, { via: null }))).toEqual([400, 'address_not_allowed', 'address'])
        expect(await failureOf(send('POST', '/assets/change', { ids: [inner.id], via: null }))).toEqual([400, 'address_not_allowed', 'address'])
        expect((await send('PATCH', `/assets/${inner.id}`, { via: null, confirmLoopback: true })).status).toBe(200)
        const rows = [
          { name: 'imported', address: 'localhost', via: { name: gate.name } },
          { name: 'refused', address: 'localhost' },
        ]
        expect((await send('POST', '/assets/import', { rows })).json['items']).toMatchObject([{ outcome: 'created' }, { outcome: 'refused' }])
      } finally {
        await beyond.stop()
      }
    })

    it('stand against the deletion of the way, host or account, and go with it', async () => {
      const gate = await add({ accounts: [root, { username: 'spare', auth: { kind: 'ask' } }] })
      const behind = []
      for (let each = 0; each < 6; each += 1) behind.push(await add({ via: through(gate) }))
      const told = behind
        .map(({ name }) => name)
        .toSorted()
        .slice(0, 5)
        .join(', ')
      for (const [method, path, body] of [
        ['DELETE', `/assets/${gate.id}`, undefined],
        ['DELETE', `/assets/${gate.id}/accounts/${gate.accounts[0]?.id}`, undefined],
        ['POST', '/assets/remove', { ids: [gate.id, ...behind.slice(1).map(({ id }) => id)] }],
      ] as const) {
        const { status, json } = await ask(method, path, body)
        expect([status, json.error?.code], path).toEqual([409, 'conflict'])
        expect(json.error?.message).toContain(body ? behind[0]?.name : `${told} and 1 more`)
      }
      expect((await ask('DELETE', `/assets/${gate.id}/accounts/${gate.accounts[1]?.id}`)).status).toBe(200)
      expect((await ask('POST', '/assets/remove', { ids: [gate.id, ...behind.map(({ id }) => id)] })).json).toEqual({ removed: 7 })
      expect(await failed('GET', `/assets/${behind[0]?.id}`)).toEqual([404, 'asset_not_found', undefined])
      expect(await ledgerOf('asset.deleted', behind[0]?.id ?? '')).toHaveLength(1)
    })
  })

  describe('changed at once', () => {
    it('take tags, policy, way, port and account, each with one ledger row', async () => {
      const gate = await add()
      const shared = String((await ask('POST', '/credentials', { name: 'deploy key', username: 'deploy', auth: { kind: 'generate' } })).json['id'])
      const [one, two] = [
        await add({ tags: ['a', 'b'] }),
        await add({ tags: ['b'], accounts: [{ username: 'deploy', auth: { kind: 'password', password: 'x' } }] }),
      ]
      const account = { username: 'deploy', auth: { kind: 'credential', id: shared } }
      const change = {
        ids: [one.id, two.id, one.id],
        addTags: ['c', 'b'],
        removeTags: ['a'],
        hostKeyPolicy: 'pin-first',
        via: through(gate),
        port: 2022,
        account,
      }
      expect((await ask('POST', '/assets/change', change)).json).toEqual({ changed: 2 })
      const views = [await get(one.id), await get(two.id)]
      for (const view of views) expect(view).toMatchObject({ tags: ['b', 'c'], hostKeyPolicy: 'pin-first', port: 2022, via: through(gate) })
      expect(views.map(({ accounts }) => accounts.map(({ username, auth }) => [username, auth.kind]))).toEqual([
        [
          ['deploy', 'credential'],
          ['root', 'ask'],
        ],
        [['deploy', 'credential']],
      ])
      const row = await api.store.db.selectFrom('accounts').selectAll().where('assetId', '=', two.id).executeTakeFirstOrThrow()
      expect(row).toMatchObject({ sealed: null, credentialId: shared })
      for (const host of [one, two])
        expect(await ledgerOf('asset.changed', host.id)).toMatchObject([
          { before: { tags: host.tags, via: null }, after: { tags: ['b', 'c'], port: 2022 }, account: { username: 'deploy', credential: shared } },
        ])
      expect((await ask('POST', '/assets/change', { ids: [one.id], via: null })).status).toBe(200)
      expect((await get(one.id)).via).toBeUndefined()
    })

    it('stay as they were, all of them, when one cannot be', async () => {
      const [one, two] = [await add(), await add({ tags: Array.from({ length: 50 }, (_, at) => `t${at}`) })]
      const change = { addTags: ['new'] }
      expect(await failed('POST', '/assets/change', { ids: [one.id, 'as_nothing'], ...change })).toEqual([404, 'asset_not_found', 'ids.1'])
      expect(await failed('POST', '/assets/change', { ids: [one.id, two.id], ...change })).toEqual([400, 'bad_request', 'addTags'])
      const unknown = { username: 'x', auth: { kind: 'credential', id: 'cr_nothing' } }
      expect(await failed('POST', '/assets/change', { ids: [one.id], account: unknown })).toEqual([404, 'credential_not_found', 'account.auth.id'])
      expect(await failed('POST', '/assets/change', { ids: [] })).toEqual([400, 'bad_request', 'ids'])
      expect(await failed('POST', '/assets/change', { ids: Array<string>(501).fill(one.id) })).toEqual([400, 'bad_request', 'ids'])
      expect(await failed('POST', '/assets/remove', { ids: [one.id, 'as_nothing'] })).toEqual([404, 'asset_not_found', 'ids.1'])
      expect(await get(one.id)).toEqual(one)
      expect(await ledgerOf('asset.changed', one.id)).toEqual([])
    })
  })

  describe('brought in together', () => {
    const bring = async (rows: unknown[], dryRun = false) => (await ask('POST', '/assets/import', { rows, dryRun })).json['items'] as ImportOutcome[]

    it('are told first and made then, row by row, in one transaction', async () => {
      const saved = await add({ name: 'Imp-Saved' })
      const key = makeHostKey()
      const rows = [
        {
          name: 'imp-db',
          address: '10.1.0.1',
          tags: ['db'],
          hostKeyPolicy: 'pin-first',
          via: { name: 'IMP-gate' },
          accounts: [{ username: 'root', auth: { kind: 'generate' } }],
        },
        { name: 'imp-gate', address: '10.1.0.2', accounts: [{ username: 'jump', auth: { kind: 'password', password: 'hunter2-hunter2' } }], trusted: [key] },
        { name: 'imp-saved', address: '10.1.0.3' },
        { name: 'imp-meta', address: '169.254.169.254' },
        { name: 'imp-twice', address: '10.1.0.4', accounts: [root, root] },
        { name: 'imp-key', address: '10.1.0.5', accounts: [{ username: 'x', auth: { kind: 'key', privateKey: 'no key' } }] },
        { name: 'imp-shared', address: '10.1.0.6', accounts: [{ username: 'x', auth: { kind: 'credential', id: 'cr_nothing' } }] },
        { name: 'imp-lost', address: '10.1.0.7', via: { name: 'imp-meta' } },
        { name: 'imp-false', address: '10.1.0.8', trusted: [{ ...makeHostKey(), type: 'ssh-rsa' }] },
        { name: 'imp-behind', address: '10.1.0.9', via: { name: 'imp-saved', username: 'root' } },
      ]
      const before = (await ask('GET', '/assets')).json['of']
      const preview = await bring(rows, true)
      expect((await ask('GET', '/assets')).json['of']).toBe(before)
      expect(preview.map(({ outcome, failure }) => (failure ? `${failure.code} ${failure.field}` : outcome))).toEqual([
        'created',
        'created',
        'exists',
        'address_not_allowed address',
        'name_taken accounts.1.username',
        'key_not_a_key accounts.0.auth.privateKey',
        'credential_not_found accounts.0.auth.id',
        'via_invalid via',
        'bad_request trusted.0',
        'created',
      ])
      expect(preview[2]?.id).toBe(saved.id)
      const made = await bring(rows)
      expect(made).toMatchObject(preview)
      const db = await get(made[0]?.id ?? '')
      expect(db).toMatchObject({
        name: 'imp-db',
        tags: ['db'],
        hostKeyPolicy: 'pin-first',
        via: { asset: made[1]?.id, assetName: 'imp-gate', username: 'jump' },
      })
      expect(db.accounts[0]?.auth.kind).toBe('key')
      expect((await get(made[1]?.id ?? '')).hostKeys).toEqual([key])
      expect((await get(made[9]?.id ?? '')).via).toMatchObject(through(saved))
      expect(await get(saved.id)).toEqual(saved)
      expect(await ledgerOf('asset.created', made[1]?.id ?? '')).toMatchObject([
        { name: 'imp-gate', imported: true, trusted: [key.fingerprint], accounts: [{ username: 'jump', auth: 'password' }] },
      ])
      expect(JSON.stringify(await api.store.db.selectFrom('audit').select('detail').execute())).not.toContain('hunter2')
      expect((await bring(rows)).map(({ outcome }) => outcome).filter((outcome) => outcome === 'created')).toEqual([])
    })

    it('take a thousand rows, and no more, in less than two seconds', async () => {
      const rows = Array.from({ length: 1000 }, (_, at) => ({
        name: `bulk-${at}`,
        address: `10.2.${at >> 8}.${at & 255}`,
        tags: ['bulk', `rack-${at % 40}`, 'production'],
        accounts: [root, { username: 'deploy', auth: { kind: 'generate' } }],
        ...(at === 0 ? {} : { via: { name: 'bulk-0', username: 'root' } }),
      }))
      const before = process.cpuUsage()
      const made = await bring(rows)
      const { user, system } = process.cpuUsage(before)
      expect(new Set(made.map(({ outcome }) => outcome))).toEqual(new Set(['created']))
      // Of this process: the machine is shared, and who else works on it is not what is promised.
      expect((user + system) / 1000).toBeLessThan(2000)
      expect((await ask('GET', '/assets?tag=bulk')).json['total']).toBe(1000)
      expect(await failed('POST', '/assets/import', { rows: [...rows, rows[0]] })).toEqual([400, 'bad_request', 'rows'])
      expect((await ask('POST', '/assets/remove', { ids: made.slice(0, 500).map(({ id }) => id) })).json.error?.code).toBe('conflict')
    })

    it('are made once when several bring the same at once', async () => {
      const rows = Array.from({ length: 50 }, (_, at) => ({ name: `race-${at}`, address: '10.4.0.1' }))
      const outcomes = (await Promise.all([bring(rows), bring(rows.toReversed()), bring(rows)])).flat().map(({ outcome }) => outcome)
      expect([outcomes.filter((outcome) => outcome === 'created').length, outcomes.filter((outcome) => outcome === 'exists').length]).toEqual([50, 100])
    })

    it('open no more than twenty keys with a passphrase at once', async () => {
      const locked = { kind: 'key', privateKey: 'x', passphrase: 'y' }
      const rows = Array.from({ length: 21 }, (_, at) => ({ name: `lock-${at}`, address: '10.3.0.1', accounts: [{ username: 'x', auth: locked }] }))
      const codes = (await bring(rows, true)).map(({ failure }) => failure?.code)
      expect(codes).toEqual([...Array<string>(20).fill('key_not_a_key'), 'bad_request'])
    })
  })
})
