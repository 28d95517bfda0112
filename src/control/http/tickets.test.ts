import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeId, SessionId } from '#domain/id.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset } from './test-asset.ts'

let api: TestApi
let cookie = ''
let member = ''
beforeAll(async () => {
  api = await startApi()
  cookie = await api.claimIt()
  member = (await api.addOperator('bob', { role: 'member' })).cookie
})
afterAll(() => api.stop())

const add = (more: Record<string, unknown> = {}) => addAsset(api, cookie, more)

describe('tickets', () => {
  const ask = (body: Record<string, unknown>, as = cookie) => api.ask('POST', '/api/v1/tickets', { cookie: as, body })

  it('name the only account, an account by name or by id, and last 30 s', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
    const [account] = asset.accounts
    for (const named of [{}, { account: 'root' }, { account: account?.id }]) {
      const answer = await ask({ kind: 'shell', asset: asset.id, ...named })
      expect([answer.status, answer.json['url']]).toEqual([201, '/terminal'])
      expect(String(answer.json['ticket']).length).toBe(43)
      const left = Date.parse(String(answer.json['expiresAt'])) - Date.now()
      expect(left > 25_000 && left <= 30_000).toBe(true)
      const id = createHash('sha256').update(String(answer.json['ticket'])).digest('hex')
      const row = await api.store.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      expect(JSON.parse(row.body)).toEqual({ kind: 'shell', asset: asset.id, account: account?.id })
    }
    expect((await api.ledger('ticket.issued')).filter(({ object }) => object === asset.id)).toHaveLength(3)
  })

  it.each([
    [{ kind: 'files' }, 400, 'bad_request', 'asset'],
    [{ kind: 'files', address: 'root@10.0.0.5' }, 400, 'bad_request', 'address'],
    [{ kind: 'files', session: 'x', asset: 'y' }, 400, 'bad_request', 'asset'],
    [{ kind: 'files', session: 'x', account: 'y' }, 400, 'bad_request', 'account'],
    [{ kind: 'files', session: `se_${'a'.repeat(32)}` }, 404, 'session_not_found', 'session'],
    [{ kind: 'files', session: "' or 1=1" }, 404, 'session_not_found', 'session'],
    [{ kind: 'files', asset: 'as_aaaaaaaaaaaaaaaaaaaaaaaa' }, 404, 'asset_not_found', 'asset'],
    [{ kind: 'watch' }, 400, 'bad_request', 'session'],
    [{ kind: 'attach' }, 400, 'bad_request', 'session'],
    [{ kind: 'watch', session: 'x', asset: 'y' }, 400, 'bad_request', 'asset'],
    [{ kind: 'attach', session: 'x', address: 'y@z' }, 400, 'bad_request', 'address'],
    [{ kind: 'attach', session: `se_${'a'.repeat(32)}` }, 404, 'session_not_found', 'session'],
    [{ kind: 'watch', session: "' or 1=1" }, 404, 'session_not_found', 'session'],
    [{ kind: 'root' }, 400, 'bad_request', 'kind'],
    [{ kind: 'shell' }, 400, 'bad_request', 'asset'],
    [{ kind: 'shell', asset: 'as_aaaaaaaaaaaaaaaaaaaaaaaa' }, 404, 'asset_not_found', 'asset'],
    [{ kind: 'shell', asset: "' or 1=1" }, 404, 'asset_not_found', 'asset'],
    [{ kind: 'shell', asset: 'as_aaaaaaaaaaaaaaaaaaaaaaaa', session: 'x' }, 400, 'bad_request', 'session'],
    [{ kind: 'shell', asset: 'x', address: 'root@10.0.0.5' }, 400, 'bad_request', 'asset'],
    [{ kind: 'shell', account: 'root', address: 'root@10.0.0.5' }, 400, 'bad_request', 'account'],
    [{ kind: 'shell', address: '10.0.0.5' }, 400, 'address_invalid', 'address'],
    [{ kind: 'shell', address: 'root@10.0.0.5:99999' }, 400, 'address_invalid', 'address'],
    [{ kind: 'shell', address: 'root@-oProxyCommand=x' }, 400, 'address_invalid', 'address'],
  ])('%j is refused with %i %s', async (body, status, code, field) => {
    const answer = await ask(body)
    expect([answer.status, answer.json.error?.code, answer.json.error?.field]).toEqual([status, code, field])
  })

  it('are not given without an account, nor for several when none is named', async () => {
    const none = await ask({ kind: 'shell', asset: (await add()).id })
    expect([none.status, none.json.error?.code]).toEqual([404, 'account_not_found'])
    const two = await add({ accounts: ['a', 'b'].map((username) => ({ username, auth: { kind: 'ask' } })) })
    const several = await ask({ kind: 'shell', asset: two.id })
    expect([several.status, several.json.error?.code, several.json.error?.field]).toEqual([400, 'bad_request', 'account'])
  })

  it('for an address are for administrators', async () => {
    expect((await ask({ kind: 'shell', address: 'root@[2001:db8::5]:2022' })).status).toBe(201)
    const answer = await ask({ kind: 'shell', address: 'root@10.0.0.5' }, member)
    expect([answer.status, answer.json.error?.code]).toEqual([403, 'forbidden'])
    const asset = await ask({ kind: 'shell', asset: (await add()).id }, member)
    expect([asset.status, asset.json.error?.code]).toEqual([404, 'asset_not_found'])
  })

  it('for files are given by the rights to up- or download, beside a terminal too', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
    const named = { kind: 'files', asset: asset.id }
    const answer = await ask(named)
    expect([answer.status, answer.json['url']]).toEqual([201, '/api/v1/files'])
    expect((await ask(named, member)).status).toBe(404)
    const erin = await api.addOperator('erin', { role: 'member' })
    const grant = async (actions: string[], more: Record<string, unknown> = {}) =>
      api.ask('POST', '/api/v1/grants', {
        cookie,
        body: { name: `erin: ${actions.join()}`, operators: [erin.id], assets: [asset.id], accounts: 'all', actions, ...more },
      })
    await grant(['shell'])
    expect((await ask(named, erin.cookie)).json.error?.code).toBe('not_granted')
    const session = await liveSession(erin.id, asset)
    expect((await ask({ kind: 'files', session }, erin.cookie)).json.error?.code).toBe('not_granted')
    await grant(['download'], { reason: true, paths: ['/var/log'] })
    expect((await ask(named, erin.cookie)).json.error?.code).toBe('reason_required')
    expect((await ask({ ...named, reason: 'why' }, erin.cookie)).status).toBe(201)
    expect((await ask({ kind: 'files', session }, erin.cookie)).json.error?.code).toBe('reason_required')
    expect((await ask({ kind: 'files', session, reason: 'why' }, erin.cookie)).status).toBe(201)
    await api.store.transaction((trx) => trx.updateTable('sessions').set({ reason: 'said' }).where('id', '=', session).execute())
    expect((await ask({ kind: 'files', session }, erin.cookie)).status).toBe(201)
    expect((await ask({ kind: 'files', session })).json.error?.code).toBe('session_not_found')
  })

  async function liveSession(operatorId: string, asset: Awaited<ReturnType<typeof add>>) {
    const id = makeId(SessionId, 'se', randomBytes(15))
    const where = { assetId: asset.id, assetName: 'x', accountId: asset.accounts[0]?.id ?? '', account: 'root', address: '10.0.0.5', port: 22 }
    const how = { door: 'web', kind: 'shell', state: 'live', source: '192.0.2.1', gatewayId: 'gw_x', startedAt: 1, bytesIn: 0, bytesOut: 0 }
    await api.store.transaction((trx) =>
      trx
        .insertInto('sessions')
        .values({ id, operatorId, operatorName: 'erin', ...where, ...how, recordingSeconds: 0, recordingBytes: 0 })
        .execute(),
    )
    return id
  }
})
