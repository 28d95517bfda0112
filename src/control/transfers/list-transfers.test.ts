import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionAct } from '#domain/session-act.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { allTransfers, listTransfers, type TransfersQuery } from './list-transfers.ts'

type FileAct = Extract<SessionAct, { act: 'file' }>
const sha256 = 'ab'.repeat(32)

describe.each(engines)('files that went in and out on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  let began: number
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
    began = rooms.clock.now
  })
  afterEach(() => rooms.close())

  const file = (path: string, more: Partial<FileAct> = {}): FileAct => ({
    ...{ act: 'file', at: began + 1000, way: 'web', deed: 'upload', path, outcome: 'done' },
    ...more,
  })
  const told = async (how: Parameters<TestLinks['open']>[1], acts: FileAct[]) => {
    rooms.clock.now = began
    const { session } = await rooms.open(gateway, how)
    rooms.clock.now += 60_000
    expect(await gateway.report({ report: 'acts', session, from: 0, acts })).toBeUndefined()
    return session
  }
  const list = (query: TransfersQuery & { page?: number; size?: number } = {}, viewer = '') =>
    listTransfers(rooms.store, { page: 1, size: 50, ...query }, viewer)
  const paths = async (query: TransfersQuery & { page?: number; size?: number } = {}) => (await list(query)).items.map(({ path }) => path)

  it('stand in the list as they were told, with who, where and how, and in the ledger', async () => {
    const [ann, asset] = [await rooms.seedOperator({ username: 'ann' }), await rooms.seedAsset(undefined, { name: 'web1', port: 2022 })]
    const session = await told({ person: ann, asset }, [
      file('/srv/a', { bytes: 3, sha256, verified: 'host', ms: 12, atMs: 900, way: 'rz' }),
      file('/etc/shadow', { deed: 'download', outcome: 'refused', rule: 'logs', failure: 'The grant permits less.' }),
    ])
    const of = { session, operator: 'ann', asset: 'web1', assetId: asset.id, address: '192.0.2.10:2022', account: 'root', door: 'web', source: '192.0.2.1' }
    const at = new Date(began + 1000).toISOString()
    expect(await list({ sort: 'path' }, ann.id)).toEqual({
      ...{ total: 2, of: 2 },
      items: [
        {
          ...{ ...of, number: 1, at, way: 'web', deed: 'download', path: '/etc/shadow', outcome: 'refused', rule: 'logs' },
          ...{ failure: 'The grant permits less.', hasRecording: true, mine: true },
        },
        {
          ...{ ...of, number: 0, at, way: 'rz', deed: 'upload', path: '/srv/a', outcome: 'done', bytes: 3, sha256, verified: 'host', ms: 12, atMs: 900 },
          ...{ hasRecording: true, mine: true },
        },
      ],
    })
    expect(await rooms.ledger('file.transferred')).toMatchObject([
      { outcome: 'done', operator: ann.id, object: session, detail: { way: 'rz', verified: 'host', sha256, bytes: 3, asset: 'web1', account: 'root' } },
      { outcome: 'refused', detail: { way: 'web', rule: 'logs', path: '/etc/shadow' } },
    ])
    await rooms.store.transaction(async (trx) => {
      await trx.deleteFrom('assets').execute()
      await trx.updateTable('sessions').set({ recordingState: 'expired' }).execute()
    })
    const [later] = (await list({}, 'somebody else')).items
    expect(later).toMatchObject({ asset: 'web1', hasRecording: false, mine: false })
    expect(later?.assetId).toBeUndefined()
  })

  it('are narrowed by each filter, and by words found anywhere, taken literally', async () => {
    const [ann, bob] = [await rooms.seedOperator({ username: 'ann' }), await rooms.seedOperator({ username: 'bob' })]
    const [web, db] = [await rooms.seedAsset(undefined, { name: 'web1' }), await rooms.seedAsset(undefined, { name: 'db_1', address: '192.0.2.20' })]
    const first = await told({ person: ann, asset: web }, [
      file('/srv/Zürich', { bytes: 5, verified: 'host', sha256 }),
      file('/srv/b', { deed: 'rename', to: '/srv/C%d', at: began + 2000 }),
    ])
    await told({ person: bob, asset: db }, [
      file('/var/log/x', { deed: 'download', way: 'scp', outcome: 'failed', at: began + 3000 }),
      file('/var/log/y', { deed: 'download', way: 'sz', outcome: 'refused', verified: 'differs', at: began + 4000 }),
    ])
    const cases: [TransfersQuery, string[]][] = [
      [{}, ['/var/log/y', '/var/log/x', '/srv/b', '/srv/Zürich']],
      [{ q: 'zürich' }, ['/srv/Zürich']],
      [{ q: 'ZÜRICH ann' }, ['/srv/Zürich']],
      [{ q: 'c%d' }, ['/srv/b']],
      [{ q: 'DB_1 root' }, ['/var/log/y', '/var/log/x']],
      [{ q: 'db%1' }, []],
      [{ q: '192.0.2.20' }, ['/var/log/y', '/var/log/x']],
      [{ operator: 'bob' }, ['/var/log/y', '/var/log/x']],
      [{ operator: ann.id }, ['/srv/b', '/srv/Zürich']],
      [{ asset: 'web1' }, ['/srv/b', '/srv/Zürich']],
      [{ asset: db.id }, ['/var/log/y', '/var/log/x']],
      [{ session: first }, ['/srv/b', '/srv/Zürich']],
      [{ direction: 'upload' }, ['/srv/Zürich']],
      [{ direction: 'download' }, ['/var/log/y', '/var/log/x']],
      [{ direction: 'change' }, ['/srv/b']],
      [{ way: 'scp' }, ['/var/log/x']],
      [{ door: 'ssh' }, []],
      [{ outcome: 'refused' }, ['/var/log/y']],
      [{ verified: 'differs' }, ['/var/log/y']],
      [{ sha256 }, ['/srv/Zürich']],
      [{ since: began + 2000, until: began + 4000 }, ['/var/log/x', '/srv/b']],
      [{ ownedBy: bob.id }, ['/var/log/y', '/var/log/x']],
      [{ ownedBy: bob.id, operator: 'ann' }, []],
      [{ ownedBy: bob.id, sort: 'path' }, ['/var/log/x', '/var/log/y']],
      // What has no value comes last, both ways.
      [{ sort: 'bytes' }, ['/srv/Zürich', '/var/log/y', '/var/log/x', '/srv/b']],
      [{ sort: '-bytes' }, ['/srv/Zürich', '/var/log/y', '/var/log/x', '/srv/b']],
      [{ sort: 'operator' }, ['/srv/b', '/srv/Zürich', '/var/log/y', '/var/log/x']],
      [{ sort: '-direction' }, ['/srv/Zürich', '/srv/b', '/var/log/y', '/var/log/x']],
    ]
    for (const [query, expected] of cases) {
      const { items, total, of } = await list(query)
      expect([query, items.map(({ path }) => path), total, of]).toEqual([query, expected, expected.length, query.ownedBy === undefined ? 4 : 2])
    }
  })

  it('come in pages without gap or repetition, and whole for a file', async () => {
    const person = await rooms.seedOperator()
    const all = Array.from({ length: 450 }, (_, at) => file(`/srv/${String(at).padStart(3, '0')}`, { bytes: at % 3 }))
    const { session } = await rooms.open(gateway, { person })
    for (let from = 0; from < all.length; from += 90) await gateway.report({ report: 'acts', session, from, acts: all.slice(from, from + 90) })
    for (const sort of ['-at', 'path', '-bytes'] as const) {
      const pages = await Promise.all([1, 2, 3, 4].map((page) => paths({ sort, page, size: 120 })))
      expect(pages.map(({ length }) => length)).toEqual([120, 120, 120, 90])
      expect(new Set(pages.flat()).size).toBe(450)
      const { count, rows } = await allTransfers(rooms.store, { sort }, 400, person.id)
      const told400: string[] = []
      for await (const some of rows) told400.push(...some.map(({ path }) => path))
      expect([count, told400]).toEqual([400, pages.flat().slice(0, 400)])
    }
  })

  it('are kept within bounds, with nothing that a terminal obeys', async () => {
    await told({ person: await rooms.seedOperator() }, [file('/x\u001b[2J\n', { rule: 'a\u0007b', failure: '\u202e', deed: 'download', outcome: 'refused' })])
    const [item] = (await list()).items
    expect(item).toMatchObject({ path: String.raw`/x\u001b[2J\u000a`, rule: String.raw`a\u0007b`, failure: String.raw`\u202e` })
  })
})
