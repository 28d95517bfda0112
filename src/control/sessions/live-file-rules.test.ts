import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeSessionId } from '#domain/id.ts'
import { DoorAdmitted } from '#wire/door.ts'
import { randomBytes } from 'node:crypto'
import { grantTo } from '../access/test-grants.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'

describe.each(engines)('what may go in and out, as gateways ask, on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
  })
  afterEach(() => rooms.close())

  type Session = Awaited<ReturnType<TestLinks['open']>>['session']
  const rules = async (session: Session) => {
    const { body, failure } = await gateway.ask({ ask: 'file-rules', session })
    return failure ? failure.code : (body as { rules: unknown[] }).rules
  }

  it('is asked of a live terminal, on present rows', async () => {
    const person = await rooms.seedOperator({ role: 'member' })
    const asset = await rooms.seedAsset()
    const logs = await rooms.store.transaction(async (trx) => {
      await grantTo(trx, { operators: [person.id], assets: [asset.id], name: 'shell' }, { actions: ['shell'] })
      return grantTo(trx, { operators: [person.id], assets: [asset.id], name: 'logs' }, { actions: ['download'], paths: ['/var/log'], maxBytes: 1000 })
    })
    const { session } = await rooms.open(gateway, { person, asset })
    expect(await rules(session)).toEqual([{ name: 'logs', actions: ['download'], paths: ['/var/log'], maxBytes: 1000 }])
    await rooms.store.transaction((trx) => trx.deleteFrom('grants').where('id', '=', logs).execute())
    expect(await rules(session)).toEqual([])
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id], name: 'careful' }, { secondFactor: true }))
    expect(await rules(session)).toEqual([])
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ secondFactor: 1 }).where('id', '=', session).execute())
    expect(await rules(session)).toEqual([{ name: 'careful', actions: ['upload', 'download'] }])
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', person.id).execute())
    expect(await rules(session)).toEqual([])
  })

  it('is everything of a quick connect, while it is permitted', async () => {
    const person = await rooms.seedOperator()
    const { session } = await rooms.open(gateway, { person, address: 'root@192.0.2.77' })
    expect(await rules(session)).toEqual([{ name: 'quick connect', actions: ['upload', 'download'] }])
    await rooms.store.transaction((trx) => trx.updateTable('operators').set({ role: 'member' }).where('id', '=', person.id).execute())
    expect(await rules(session)).toEqual([])
  })

  it('is not answered for sessions of others, that are over, or that are not there', async () => {
    const other = await rooms.join()
    const { session } = await rooms.open(other)
    expect(await rules(session)).toBe('forbidden')
    expect(await rooms.ledger('gateway.refused')).toHaveLength(1)
    expect(await rules(makeSessionId(gateway.id, randomBytes(15)))).toBe('session_not_found')
    for (const change of [{ mustEnd: 'revoked' }, { mustEnd: null, state: 'ended' }]) {
      const mine = await rooms.open(gateway)
      await rooms.store.transaction((trx) => trx.updateTable('sessions').set(change).where('id', '=', mine.session).execute())
      expect(await rules(mine.session)).toBe('session_not_found')
    }
  })

  it('comes with an admission at the SSH door, for the directions that the session has', async () => {
    const person = await rooms.seedOperator({ role: 'member' })
    const asset = await rooms.seedAsset(undefined, { name: 'web1' })
    await rooms.store.transaction(async (trx) => {
      await trx.updateTable('signIns').set({ door: 'ssh', gatewayId: gateway.id }).where('id', '=', person.signInId).execute()
      await grantTo(trx, { operators: [person.id], assets: [asset.id], name: 'in' }, { actions: ['shell', 'exec', 'upload'], maxBytes: 10 })
      await grantTo(trx, { operators: [person.id], assets: [asset.id], name: 'out' }, { actions: ['download'], paths: ['~/out'] })
    })
    const files = async (kind: 'shell' | 'exec' | 'sftp', command?: string) => {
      const { body, failure } = await gateway.ask({
        ...{ ask: 'admit', signIn: person.signInId, source: '192.0.2.1', to: { asset: 'web1' }, kind, cols: 80, rows: 24, term: 'xterm' },
        ...(command === undefined ? {} : { command: Buffer.from(command).toString('base64') }),
      })
      if (failure) throw new Error(failure.code)
      const answer = DoorAdmitted.parse(body)
      return answer.state === 'admitted' ? answer.files : []
    }
    const [into, out] = [
      { name: 'in', actions: ['upload'], maxBytes: 10 },
      { name: 'out', actions: ['download'], paths: ['~/out'] },
    ]
    expect(await files('sftp')).toEqual([into, out])
    expect(await files('exec', 'scp -t /tmp/x')).toEqual([into])
    expect(await files('exec', 'scp -f /tmp/x')).toEqual([out])
    expect(await files('exec', 'uptime')).toEqual([])
    expect(await files('shell')).toEqual([])
  })
})
