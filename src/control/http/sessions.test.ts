import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeId, SessionId } from '#domain/id.ts'
import { sessionSearchText } from '../sessions/search-text.ts'
import { startApi, type Asked, type TestApi } from './test-api.ts'

const endReason = 'exited'
let api: TestApi
let alice = { id: '', cookie: '' }
let bob = { id: '', cookie: '' }
let carol = { id: '', cookie: '' }
let dave = { id: '', cookie: '' }
let audra = { id: '', cookie: '' }
/** Bob's: one that has ended with a recording, one that is live with a recording. */
let ended = ''
let live = ''
let aliceLive = ''
const cast = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251))

beforeAll(async () => {
  api = await startApi()
  const cookie = await api.claimIt()
  alice = { id: String((await api.ask('GET', '/api/v1/me', { cookie })).json['id']), cookie }
  bob = await api.addOperator('bob', { role: 'member' })
  carol = await api.addOperator('carol', { role: 'member' })
  dave = await api.addOperator('dave', { role: 'admin' })
  audra = await api.addOperator('audra', { role: 'auditor' })
  ended = await addSession(bob.id, 'bob', 'ended')
  live = await addSession(bob.id, 'bob', 'live')
  aliceLive = await addSession(alice.id, 'alice', 'live')
  api.script.recordings.set(ended, { bytes: cast, ended: true })
  api.script.recordings.set(live, { bytes: cast.subarray(0, 100), ended: false })
})
afterAll(() => api.stop())

let startedAt = Date.parse('2026-01-01T00:00:00Z')
async function addSession(operatorId: string, operatorName: string, state: 'live' | 'ended'): Promise<string> {
  const id = makeId(SessionId, 'se', randomBytes(15))
  startedAt += 1000
  const who = {
    id,
    operatorId,
    operatorName,
    assetId: null,
    assetName: 'web1',
    address: '10.0.0.5',
    port: 22,
    account: 'root',
    accountId: null,
    door: 'web',
    kind: 'shell',
  }
  const search = sessionSearchText(who)
  const times = {
    state,
    source: '192.0.2.1',
    gatewayId: 'gw_aaaaaaaaaaaaaaaaaaaaaaaa',
    startedAt,
    beganAt: startedAt,
    endedAt: state === 'ended' ? startedAt + 500 : null,
  }
  const end = { endReason: state === 'ended' ? endReason : null, endMessage: null, failure: null, exitStatus: state === 'ended' ? 0 : null, signal: null }
  const rest = { bytesIn: 1, bytesOut: 2, idleMs: null, lastBeatAt: null, mustEnd: null, mustEndBy: null, mustEndText: null }
  const recording = {
    recordingState: state === 'ended' ? 'intact' : 'writing',
    recordingFile: 'x.cast',
    recordingSeconds: 1,
    recordingBytes: 5000,
    recordingHead: null,
  }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ ...who, search, ...times, ...end, ...rest, ...recording })
      .execute(),
  )
  return id
}

const get = (path: string, cookie: string, asked: Asked = {}) => api.ask('GET', `/api/v1${path}`, { ...asked, cookie })
const idsOf = (json: Record<string, unknown>) => (json['items'] as { id: string }[]).map(({ id }) => id)

describe('who sees which sessions', () => {
  it('is: members their own, auditors and administrators all', async () => {
    for (const [who, ids] of [
      [bob, [live, ended]],
      [carol, []],
      [alice, [aliceLive, live, ended]],
      [dave, [aliceLive, live, ended]],
      [audra, [aliceLive, live, ended]],
    ] as const) {
      const { json } = await get('/sessions', who.cookie)
      expect([idsOf(json), json['total'], json['of']]).toEqual([ids, ids.length, ids.length])
    }
    expect((await get(`/sessions/${ended}`, bob.cookie)).json).toMatchObject({
      id: ended,
      operator: 'bob',
      mine: true,
      state: 'ended',
      endReason,
      address: '10.0.0.5:22',
    })
    expect((await get(`/sessions/${ended}`, alice.cookie)).json['mine']).toBe(false)
    expect((await get(`/sessions/${ended}`, alice.cookie)).json['operatorId']).toBeUndefined()
  })

  it('filters, searches and sorts, and refuses what it does not know by name', async () => {
    expect(idsOf((await get('/sessions?state=live', alice.cookie)).json)).toEqual([aliceLive, live])
    expect(idsOf((await get('/sessions?state=ended&recorded=true&q=BOB', alice.cookie)).json)).toEqual([ended])
    expect(idsOf((await get('/sessions?recorded=false', alice.cookie)).json)).toEqual([])
    expect(idsOf((await get('/sessions?sort=operator&size=1&page=3', alice.cookie)).json)).toHaveLength(1)
    for (const [query, field] of [
      ['sort=operatorId', 'sort'],
      ['sort=-passwordHash', 'sort'],
      ['state=dead', 'state'],
      ['recorded=maybe', 'recorded'],
      ['size=1000', 'size'],
    ]) {
      const answer = await get(`/sessions?${query}`, alice.cookie)
      expect([answer.status, answer.json.error?.code, answer.json.error?.field]).toEqual([400, 'bad_request', field])
    }
    const answer = await get('/sessions?operatorId=x', alice.cookie)
    expect([answer.json.error?.code, answer.json.error?.field]).toEqual(['unknown_field', 'operatorId'])
  })
})

describe('live sessions', () => {
  it('lists one’s own alone when asked to, for those who see all', async () => {
    expect(idsOf((await get('/sessions?state=live&mine=true', alice.cookie)).json)).toEqual([aliceLive])
    expect(idsOf((await get('/sessions?state=live&mine=true', audra.cookie)).json)).toEqual([])
    expect(idsOf((await get('/sessions?state=live&mine=true', bob.cookie)).json)).toEqual([live])
    expect(idsOf((await get('/sessions?state=live&mine=false', bob.cookie)).json)).toEqual([live])
    expect((await get('/sessions?mine=maybe', alice.cookie)).json.error?.field).toBe('mine')
  })

  it('say how many watch and whether nobody is attached; ended ones do not', async () => {
    const both = [live, ended]
    api.presence.heard(
      'gw_aaaaaaaaaaaaaaaaaaaaaaaa',
      both.map((id) => ({ id, watchers: 2, away: true })),
      both,
    )
    expect((await get(`/sessions/${live}`, bob.cookie)).json).toMatchObject({ watchers: 2, away: true })
    expect((await get(`/sessions/${aliceLive}`, alice.cookie)).json).toMatchObject({ watchers: 0, away: false })
    expect((await get(`/sessions/${ended}`, bob.cookie)).json).not.toHaveProperty('watchers')
    const listed = (await get('/sessions?state=live', audra.cookie)).json['items']
    expect(listed).toMatchObject([
      { id: aliceLive, watchers: 0 },
      { id: live, watchers: 2, away: true },
    ])
    api.presence.heard('gw_aaaaaaaaaaaaaaaaaaaaaaaa', [], [])
  })

  it('tell their owner, auditors and administrators who watched', async () => {
    const whose = { sessionId: live, operatorId: audra.id, signInId: 'x', gatewayId: 'gw_aaaaaaaaaaaaaaaaaaaaaaaa', startedAt, mustLeave: null }
    await api.store.transaction((trx) =>
      trx
        .insertInto('watches')
        .values([
          { id: 'wa_1', ...whose, endedAt: startedAt + 1000 },
          { id: 'wa_2', ...whose, startedAt: startedAt + 2000, endedAt: null },
        ])
        .execute(),
    )
    const time = (ms: number) => new Date(startedAt + ms).toISOString()
    for (const who of [bob, audra, dave])
      expect((await get(`/sessions/${live}/watches`, who.cookie)).json).toEqual({
        items: [
          { name: 'audra', startedAt: time(2000) },
          { name: 'audra', startedAt: time(0), endedAt: time(1000) },
        ],
      })
    expect((await get(`/sessions/${live}/watches`, carol.cookie)).status).toBe(404)
    expect((await get(`/sessions/${aliceLive}/watches`, bob.cookie)).status).toBe(404)
  })
})

describe('what a session did without a screen', () => {
  it('is for whoever may replay it, and its files for whoever sees it', async () => {
    const at = 1_700_000_000_000
    const of = { operatorId: bob.id, operatorName: 'bob', assetId: null, assetName: 'web1', account: 'root' }
    const connection = { at, way: 'local', host: 'db', port: 5432, bytesIn: 1, bytesOut: 2, ms: 3, outcome: 'done', failure: null }
    const file = { at, way: 'sftp', deed: 'upload', path: '/srv/x', toPath: null, bytes: 3, sha256: null, outcome: 'failed', failure: 'No space' }
    await api.store.transaction(async (trx) => {
      await trx
        .insertInto('transfers')
        .values({ sessionId: ended, number: 0, ...of, ...file })
        .execute()
      await trx
        .insertInto('forwards')
        .values({ sessionId: ended, number: 1, ...connection })
        .execute()
    })
    const time = new Date(at).toISOString()
    const shownFile = { at: time, way: 'sftp', deed: 'upload', path: '/srv/x', bytes: 3, outcome: 'failed', failure: 'No space' }
    for (const { cookie } of [bob, audra, dave]) expect((await get(`/sessions/${ended}/transfers`, cookie)).json).toEqual({ items: [shownFile], total: 1 })
    for (const { cookie } of [bob, audra]) {
      const { failure: _failure, ...shown } = connection
      expect((await get(`/sessions/${ended}/forwards`, cookie)).json).toEqual({ items: [{ ...shown, at: time }], total: 1 })
    }
    for (const what of ['transfers', 'forwards']) expect((await get(`/sessions/${ended}/${what}`, carol.cookie)).status).toBe(404)
    expect((await get(`/sessions/${ended}/forwards`, dave.cookie)).status).toBe(403)
  })

  it('is listed of all sessions: their own for members, all for auditors and administrators', async () => {
    type Listed = { items: { path: string; mine: boolean }[]; total: number; of: number }
    const paths = async (cookie: string, query = '') => (await get(`/transfers${query}`, cookie)).json as unknown as Listed
    for (const { cookie } of [audra, dave]) expect(await paths(cookie)).toMatchObject({ items: [{ path: '/srv/x', mine: false }], total: 1, of: 1 })
    expect(await paths(bob.cookie)).toMatchObject({ items: [{ path: '/srv/x', mine: true }], of: 1 })
    for (const query of ['', `?session=${ended}`, `?operator=bob`]) expect(await paths(carol.cookie, query)).toEqual({ items: [], total: 0, of: 0 })
    expect(await paths(audra.cookie, '?mine=true')).toEqual({ items: [], total: 0, of: 0 })
    expect((await get('/transfers?sort=search', bob.cookie)).status).toBe(400)
    const csv = await get('/csv/transfers?lang=en', bob.cookie)
    expect(csv.text).toContain('web1,,root,sftp,upload,/srv/x,,3,,,,failed,No space,')
    expect((await get('/csv/transfers', carol.cookie)).text.trimEnd().split('\r\n')).toHaveLength(1)
    expect((await api.ledger('list.exported')).at(-1)).toMatchObject({ object: 'transfers', operator: carol.id })
  })
})

describe('the recording of another person', () => {
  const absent = 'se_aaaaaaaaaaaaaaaaaaaaaaaa'
  it.each(['', '/recording', '/recording/screens', '/recording/verify'])('is not there for a member: %s', async (path) => {
    const answer = await get(`/sessions/${ended}${path}`, carol.cookie)
    const nothing = await get(`/sessions/${absent}${path}`, carol.cookie)
    expect([answer.status, answer.text]).toEqual([404, nothing.text])
    expect(answer.json.error?.code).toBe('session_not_found')
  })

  it('is refused to an administrator without mayWatch, in words and in the ledger', async () => {
    for (const path of ['/recording', '/recording/screens', '/recording/verify']) {
      const answer = await get(`/sessions/${ended}${path}`, dave.cookie)
      expect([answer.status, answer.json.error?.code, answer.json.error?.message]).toEqual([403, 'forbidden', expect.stringContaining('mayWatch')])
    }
    expect((await api.ledger('recording.read')).at(-1)).toMatchObject({ outcome: 'refused', operator: dave.id, object: ended, source: '192.0.2.1' })
  })

  it.each(['alice', 'bob', 'audra'] as const)('is given to %s, with a ledger row', async (name) => {
    const who = { alice, bob, audra }[name]
    const answer = await get(`/sessions/${ended}/recording`, who.cookie)
    expect([answer.status, answer.bytes.equals(cast)]).toEqual([200, true])
    expect((await api.ledger('recording.read')).at(-1)).toMatchObject({ outcome: 'done', operator: who.id, object: ended })
  })

  it.each(['..%2f..%2fdb', '%2e%2e', '..%252f', '/etc/passwd', `${absent}%2f..`, "' or 1=1 --".replaceAll(' ', '%20')])(
    'is not reached by the id %s',
    async (id) => {
      expect((await get(`/sessions/${id}/recording`, alice.cookie)).status).toBe(404)
    },
  )
})

describe('screens for seeking', () => {
  it('are given as JSON lines to whoever may replay, and that is written', async () => {
    const answer = await get(`/sessions/${ended}/recording/screens`, alice.cookie)
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/x-ndjson', '{"offset":1}\n{"offset":2}\n'])
    expect((await api.ledger('recording.read')).at(-1)).toMatchObject({ outcome: 'done', operator: alice.id, object: ended })
  })
})

describe('a recording as a file', () => {
  const read = (headers: Record<string, string> = {}, id = ended, query = '') => get(`/sessions/${id}/recording${query}`, alice.cookie, { headers })

  it('says what it is and how it is called', async () => {
    const { headers } = await read()
    expect(headers).toMatchObject({
      'content-type': 'application/x-asciicast',
      'content-length': '5000',
      'accept-ranges': 'bytes',
      etag: '"f00d-v3"',
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="w-b_10.0.0.5_20260101T000000Z_alice.cast"; filename*=UTF-8''w%C3%A9b_10.0.0.5_20260101T000000Z_alice.cast`,
    })
    const text = await read({}, ended, '?format=txt')
    expect([text.headers['content-type'], text.headers['content-disposition'], text.headers['accept-ranges']]).toEqual([
      'text/plain; charset=utf-8',
      expect.stringContaining('alice.txt"'),
      'none',
    ])
    const odd = await read({}, ended, '?format=exe')
    expect([odd.status, odd.json.error?.code, odd.json.error?.field]).toEqual([400, 'bad_request', 'format'])
  })

  it.each([
    ['bytes=0-0', 206, 'bytes 0-0/5000', 0, 1],
    ['bytes=100-199', 206, 'bytes 100-199/5000', 100, 200],
    ['bytes=4990-9999999', 206, 'bytes 4990-4999/5000', 4990, 5000],
    ['bytes=4999-', 206, 'bytes 4999-4999/5000', 4999, 5000],
    ['bytes=-10', 206, 'bytes 4990-4999/5000', 4990, 5000],
    ['bytes=-99999', 206, 'bytes 0-4999/5000', 0, 5000],
    ['bytes=5000-', 416, 'bytes */5000', 0, 0],
    ['bytes=5000-6000', 416, 'bytes */5000', 0, 0],
    ['bytes=-0', 416, 'bytes */5000', 0, 0],
    ['bytes=9-3', 200, undefined, 0, 5000],
    ['bytes=a-b', 200, undefined, 0, 5000],
    ['lines=1-2', 200, undefined, 0, 5000],
    ['bytes=0-1,3-4', 200, undefined, 0, 5000],
    [`bytes=${Array.from({ length: 1000 }, () => '0-').join(',')}`, 200, undefined, 0, 5000],
    [`bytes=${'9'.repeat(40)}-`, 200, undefined, 0, 5000],
  ])('answers Range: %.30s with %i', async (range, status, contentRange, from, until) => {
    const answer = await read({ range })
    expect([answer.status, answer.headers['content-range']]).toEqual([status, contentRange])
    if (status === 416) expect(answer.json.error?.code).toBe('range_not_satisfiable')
    else expect([answer.headers['content-length'], answer.bytes.equals(cast.subarray(from, until))]).toEqual([String(until - from), true])
  })

  it('gives a part only of the file that the reader has the beginning of', async () => {
    expect((await read({ range: 'bytes=10-', 'if-range': '"f00d-v3"' })).status).toBe(206)
    expect((await read({ range: 'bytes=10-', 'if-range': '"other"' })).status).toBe(200)
    expect((await read({ range: 'bytes=10-', 'if-range': 'Sat, 01 Jan 2026 00:00:00 GMT' })).status).toBe(200)
  })

  it('of a live session is whole so far, without ranges', async () => {
    const answer = await read({ range: 'bytes=0-9' }, live)
    expect([answer.status, answer.bytes.length, answer.headers['accept-ranges'], answer.headers.etag, answer.headers['content-length']]).toEqual([
      200,
      100,
      'none',
      undefined,
      undefined,
    ])
  })

  it('that is gone says so', async () => {
    const answer = await read({}, aliceLive)
    expect([answer.status, answer.json.error?.code]).toEqual([404, 'recording_not_found'])
  })

  it('that breaks in the middle breaks the answer, never seems whole', async () => {
    const { open } = api.parts.recordings
    const broken = async function* () {
      yield cast.subarray(0, 1000)
      throw new Error('a block does not open')
    }
    Object.assign(api.parts.recordings, { open: () => Promise.resolve({ fileName: 'x.cast', bytes: broken }) })
    await expect(read()).rejects.toThrow(/aborted|reset|hang up/)
    Object.assign(api.parts.recordings, { open })
    expect(api.logged.at(-1)).toMatchObject({ event: 'recording.read_failed' })
  })
})

describe('ending a session', () => {
  const end = (id: string, cookie: string, reason: unknown = 'maintenance') => api.ask('POST', `/api/v1/sessions/${id}/terminate`, { cookie, body: { reason } })

  it('is for administrators: absent and unseen answer alike (AUTHZ-13)', async () => {
    expect((await end(live, carol.cookie)).json.error?.code).toBe('session_not_found')
    const own = await end(live, bob.cookie)
    expect([own.status, own.json.error?.code]).toEqual([403, 'forbidden'])
    expect((await end(live, audra.cookie)).json.error?.code).toBe('forbidden')
    expect(await api.ledger('session.terminate_asked')).toEqual([])
  })

  it.each([
    ['', 'reason'],
    ['x'.repeat(501), 'reason'],
    [['a'], 'reason'],
    [undefined, 'reason'],
  ])('needs a reason of 1 to 500 characters', async (reason, field) => {
    const answer = await api.ask('POST', `/api/v1/sessions/${live}/terminate`, { cookie: alice.cookie, body: { reason } })
    expect([answer.status, answer.json.error?.code, answer.json.error?.field]).toEqual([400, 'bad_request', field])
  })

  it('marks it and writes who asked', async () => {
    const answer = await end(live, dave.cookie)
    expect([answer.status, answer.json['id']]).toEqual([200, live])
    const row = await api.store.db.selectFrom('sessions').selectAll().where('id', '=', live).executeTakeFirstOrThrow()
    expect([row.mustEnd, row.mustEndBy, row.mustEndText]).toEqual(['terminated', 'dave', 'maintenance'])
    expect(await api.ledger('session.terminate_asked')).toEqual([expect.objectContaining({ object: live, source: '192.0.2.1' })])
    const over = await end(ended, alice.cookie)
    expect([over.status, over.json.error?.code]).toEqual([409, 'conflict'])
  })
})

describe('removing a recording', () => {
  it('is for administrators', async () => {
    const remove = (cookie: string) => api.ask('DELETE', `/api/v1/sessions/${ended}/recording`, { cookie })
    expect((await remove(carol.cookie)).status).toBe(404)
    expect((await remove(bob.cookie)).json.error?.code).toBe('forbidden')
    expect((await remove(audra.cookie)).json.error?.code).toBe('forbidden')
    expect((await remove(dave.cookie)).status).toBe(200)
  })
})
