import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GatewayId, makeId, makeSessionId } from '#domain/id.ts'
import { startApi, type TestApi } from './test-api.ts'

const people = ['owner', 'member', 'auditor', 'admin', 'watching admin'] as const
type Who = (typeof people)[number]
let api: TestApi
const cookies = new Map<Who, string>()
const ids = new Map<Who, string>()
beforeAll(async () => {
  api = await startApi()
  await api.claimIt()
  const roles = { owner: 'admin', member: 'member', auditor: 'auditor', admin: 'admin', 'watching admin': 'admin' } as const
  for (const [at, who] of people.entries()) {
    const { id, cookie } = await api.addOperator(`user${at}`, { role: roles[who], mayWatch: who === 'watching admin' })
    cookies.set(who, cookie)
    ids.set(who, id)
  }
})
afterAll(() => api.stop())

const gateway = makeId(GatewayId, 'gw', randomBytes(15))
async function addSession(change: { state?: string; mustEnd?: string; owner?: Who } = {}): Promise<string> {
  const id = makeSessionId(gateway, randomBytes(15))
  const { state = 'live', mustEnd = null, owner = 'owner' } = change
  const whose = { operatorId: ids.get(owner) ?? '', operatorName: 'ann', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root' }
  const row = { id, ...whose, state, mustEnd, assetId: null, door: 'web', kind: 'shell', source: '192.0.2.1', gatewayId: gateway, startedAt: 1 }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ ...row, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0 })
      .execute(),
  )
  return id
}
const ask = (who: Who, body: unknown) => api.ask('POST', '/api/v1/tickets', { cookie: cookies.get(who) ?? '', body })

describe('tickets for a live session', () => {
  it.each([
    ['attach', { owner: 201, member: 404, auditor: 404, admin: 404, 'watching admin': 404 }],
    ['watch', { owner: 201, member: 404, auditor: 201, admin: 404, 'watching admin': 201 }],
  ] as const)('to %s are given to whom they are due', async (kind, expected) => {
    const session = await addSession()
    const told: Record<string, number> = {}
    for (const who of people) {
      const answer = await ask(who, { kind, session })
      told[who] = answer.status
      if (answer.status === 201) expect(answer.json['url']).toBe(`/terminal/${session}`)
    }
    expect(told).toEqual(expected)
  })

  it('lets a member watch their own session, and an administrator without mayWatch too', async () => {
    for (const owner of ['member', 'admin'] as const)
      expect((await ask(owner, { kind: 'watch', session: await addSession({ owner }) })).status, owner).toBe(201)
  })

  it('answers absent, forbidden, opening, unreachable, ended and ending with the same words', async () => {
    const answers = new Set<string>()
    const sessions = {
      absent: `se_${'a'.repeat(32)}`,
      opening: await addSession({ state: 'opening' }),
      unreachable: await addSession({ state: 'unreachable' }),
      ended: await addSession({ state: 'ended' }),
      ending: await addSession({ mustEnd: 'terminated' }),
      forbidden: await addSession({ owner: 'watching admin' }),
    }
    for (const kind of ['attach', 'watch'] as const)
      for (const session of Object.values(sessions)) {
        const { status, json } = await ask('owner', { kind, session })
        expect(status).toBe(404)
        answers.add(JSON.stringify({ ...json.error, id: undefined }))
      }
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('session_not_found')
  })

  it('are stored with the session alone, and told to the ledger', async () => {
    const session = await addSession()
    await ask('owner', { kind: 'attach', session })
    const [issued] = (await api.ledger('ticket.issued')).filter(({ object }) => object === session)
    expect(issued).toMatchObject({ operator: ids.get('owner'), detail: JSON.stringify({ kind: 'attach', session }) })
  })
})
