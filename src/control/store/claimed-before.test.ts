// A product that was claimed before there were grants, brought up to this program.
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { decide, isRefusal } from '#domain/access.ts'
import { grantActions } from '#domain/grant.ts'
import type { AssetId } from '#domain/id.ts'
import { allGrants, grantsOf } from '../access/grant-rows.ts'
import { listGrants } from '../access/grant-views.ts'
import { listGroups } from '../access/group-rows.ts'
import { viewerOf } from '../access/sight.ts'
import { listAssets } from '../assets/list-assets.ts'
import { askerOf } from '../sign-in/sign-ins.ts'
import { migrate, migrations } from './migrate.ts'
import { openPostgres } from './open-postgres.ts'
import { openSqlite } from './open-sqlite.ts'
import type { StorePlace } from './open-store.ts'
import { engines, silentLog, useEngine } from './test-engines.ts'

const openBare = (place: StorePlace) =>
  'sqliteFile' in place ? openSqlite(place.sqliteFile, silentLog) : Promise.resolve(openPostgres(place.databaseUrl, silentLog))
const old = migrations.filter(({ name }) => name < '0007')

describe.each(engines)('a product that was claimed before there were grants, on %s', (name) => {
  const engine = useEngine(name)

  /** Rows as the program before wrote them: by name of the columns it knew. */
  async function claimedBefore(people: readonly [id: string, role: string, enabled: number][]): Promise<StorePlace> {
    const place = await engine.makePlace()
    const { db, close } = await openBare(place)
    await migrate(db, name, old)
    for (const [id, role, enabled] of people)
      await sql`insert into operators (id, username, name, role, "mayWatch", enabled, "passwordHash", "createdAt") values (${id}, ${id.slice(3)}, ${id.slice(3)}, ${role}, 1, ${enabled}, 'x', 1)`.execute(
        db,
      )
    await sql`insert into assets (id, name, address, port, protocol, tags, "createdAt", "confirmedLoopback") values ('as_aaaaaaaaaaaaaaaaaaaaaaaa', 'web1', '10.0.0.5', 22, 'ssh', '[]', 1, 0)`.execute(
      db,
    )
    await sql`insert into accounts (id, "assetId", username, "authKind", "createdAt") values ('ac_aaaaaaaaaaaaaaaaaaaaaaaa', 'as_aaaaaaaaaaaaaaaaaaaaaaaa', 'root', 'ask', 1)`.execute(
      db,
    )
    await sql`insert into sessions (id, "operatorId", "operatorName", "assetName", address, port, account, door, kind, state, source, "gatewayId", "startedAt", "bytesIn", "bytesOut", "recordingSeconds", "recordingBytes")
      values ('se_old', 'op_ann', 'ann', 'web1', '10.0.0.5', 22, 'root', 'web', 'shell', 'ended', '', 'gw_x', 1, 0, 0, 0, 0)`.execute(db)
    await close()
    return place
  }

  it('lets its administrators do as before, and nobody else anything', async () => {
    const before = Date.now()
    const store = await engine.open(
      await claimedBefore([
        ['op_ann', 'admin', 1],
        ['op_bob', 'admin', 1],
        ['op_dis', 'admin', 0],
        ['op_mia', 'member', 1],
        ['op_aud', 'auditor', 1],
      ]),
    )
    const asset = { id: 'as_aaaaaaaaaaaaaaaaaaaaaaaa' as AssetId, tags: [] }
    const may: Record<string, string[]> = {}
    const sees: Record<string, number> = {}
    for (const row of await store.db.selectFrom('operators').selectAll().orderBy('id').execute()) {
      const operator = await askerOf(store.db, row, false)
      const grants = await grantsOf(store.db, operator)
      const now = Date.now()
      may[row.username] = grantActions.filter(
        (action) => !isRefusal(decide({ operator, action, asset, account: 'root', door: 'web', source: '192.0.2.1' }, grants, now)),
      )
      sees[row.username] = (await listAssets(store, { page: 1, size: 50 }, await viewerOf(store.db, operator, now))).total
    }
    expect(may).toEqual({ ann: [...grantActions], bob: [...grantActions], dis: [], mia: [], aud: [] })
    expect(sees).toEqual({ ann: 1, bob: 1, dis: 0, mia: 0, aud: 0 })
    expect(await listGroups(store.db, { page: 1, size: 50 })).toMatchObject({
      total: 1,
      items: [{ name: 'administrators', members: [{ username: 'ann' }, { username: 'bob' }, { username: 'dis' }] }],
    })
    const { items } = await listGrants(store.db, { page: 1, size: 50 }, Date.now())
    expect(items).toMatchObject([
      { name: 'administrators: all hosts', assets: 'all', accounts: 'all', record: 'must', reason: false, secondFactor: false, state: 'active' },
    ])
    // A moment of today in ms, on both engines.
    expect(Date.parse(items[0]?.createdAt ?? '')).toBeGreaterThanOrEqual(before - 1000)
    expect(Date.parse(items[0]?.createdAt ?? '')).toBeLessThanOrEqual(Date.now() + 1000)
    expect(await store.db.selectFrom('sessions').select(['grants', 'reason', 'endsAt', 'secondFactor']).execute()).toEqual([
      { grants: null, reason: null, endsAt: null, secondFactor: 0 },
    ])
  })

  it('makes neither group nor grant where nobody had claimed it', async () => {
    const store = await engine.open(await claimedBefore([]))
    expect(await allGrants(store.db)).toEqual([])
    expect(await store.db.selectFrom('groups').selectAll().execute()).toEqual([])
  })
})
