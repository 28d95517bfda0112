import { describe, expect, it } from 'vitest'
import { grantTo } from '../access/test-grants.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { getSession, listSessions } from './session-list.ts'

describe.each(engines)('a session as it is told, on %s', (name) => {
  const engine = useEngine(name)

  it('says by which grants it was permitted, as they are called now, why, and until when', async () => {
    const store = await engine.open()
    const row = { operatorId: 'op_1', operatorName: 'ann', assetName: 'web', address: '10.0.0.1', port: 22, account: 'root', door: 'web', kind: 'shell' }
    const rest = { source: '', gatewayId: 'gw_x', startedAt: 1, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0 }
    const grant = await store.transaction(async (trx) => {
      const id = await grantTo(trx, { name: 'databases' })
      const why = { grants: JSON.stringify(['gt_gone', id]), duties: '{}', reason: 'a <b>broken</b> disk', endsAt: 1_900_000_000_000 }
      await trx
        .insertInto('sessions')
        .values([
          { id: 'se_live', state: 'live', ...row, ...rest, ...why },
          { id: 'se_ended', state: 'ended', ...row, ...rest, ...why },
          { id: 'se_quick', state: 'live', ...row, ...rest, grants: '[]' },
          { id: 'se_old', state: 'ended', ...row, ...rest },
        ])
        .execute()
      return id
    })
    expect(await getSession(store, 'se_live')).toMatchObject({ grants: ['databases'], reason: 'a <b>broken</b> disk', endsAt: '2030-03-17T17:46:40.000Z' })
    expect(await getSession(store, 'se_ended')).toMatchObject({ grants: ['databases'], reason: 'a <b>broken</b> disk' })
    expect(await getSession(store, 'se_ended')).not.toHaveProperty('endsAt')
    expect(await getSession(store, 'se_quick')).toMatchObject({ grants: [] })
    for (const field of ['grants', 'reason', 'endsAt']) expect(await getSession(store, 'se_old')).not.toHaveProperty(field)
    await store.transaction((trx) => trx.updateTable('grants').set({ name: 'renamed' }).where('id', '=', grant).execute())
    const { items } = await listSessions(store, { page: 1, size: 50 })
    expect(
      items
        .map((item) => item.grants)
        .filter(Boolean)
        .toSorted(),
    ).toEqual([[], ['renamed'], ['renamed']])
  })
})
