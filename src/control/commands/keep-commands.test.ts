import { afterEach, beforeEach, expect, it, describe } from 'vitest'
import type { ToldCommand } from '#wire/told-command.ts'
import { listLedger } from '../audit/ledger.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { Blocks } from '../recordings/keep-block.ts'
import { blocksOf, threeTexts } from '../recordings/test-blocks.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { commandsOfSession, listCommands } from './list-commands.ts'
import { commandsKeptMs, sweepCommands } from './sweep-commands.ts'

const told = (number: number, text: string, more: Partial<ToldCommand> = {}): ToldCommand => ({ number, atMs: number * 10, text, how: 'screen', ...more })

describe.each(engines)('commands on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const withCommands = (session: string, commands: ToldCommand[][]) =>
    blocksOf(session, threeTexts).map(({ header, frame }, index) => ({ header: { ...header, commands: commands[index] ?? [] }, frame }))
  const addRule = (pattern: string, effect: 'deny' | 'notice') =>
    rooms.store.transaction((trx) =>
      trx
        .insertInto('commandRules')
        .values({ id: `ru_${pattern}`, name: `no ${pattern}`, match: 'pattern', pattern, effect, enabled: 1, note: '', createdAt: 1 })
        .execute(),
    )

  it('are kept with their block, once however often they are told, and not on the shelf', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    await addRule('rm *', 'deny')
    const blocks = withCommands(session, [[told(4, 'ls -la'), told(8, 'rm -rf /'), told(9, '', { how: 'hidden' })], [told(12, 'echo \u0007x\u009b')]])
    for (const { header, frame } of blocks) expect(await gateway.block(header, frame)).toBeUndefined()
    for (const { header, frame } of blocks) expect(await gateway.block(header, frame)).toBeUndefined()
    const { items } = await commandsOfSession(rooms.store, session)
    expect(items.map(({ number, text, how, verdict, rule, seconds }) => ({ number, text, how, verdict, rule, seconds }))).toEqual([
      { number: 4, text: 'ls -la', how: 'screen', seconds: 0.04, verdict: undefined, rule: undefined },
      { number: 8, text: 'rm -rf /', how: 'screen', seconds: 0.08, verdict: 'noticed', rule: 'no rm *' },
      { number: 9, text: '', how: 'hidden', seconds: 0.09, verdict: undefined, rule: undefined },
      { number: 12, text: 'echo x', how: 'screen', seconds: 0.12, verdict: undefined, rule: undefined },
    ])
    expect(await listLedger(rooms.store.db, { code: 'command.noticed' })).toMatchObject([
      { object: session, detail: expect.stringContaining('"rule":"no rm *"') as string },
    ])
    expect((await rooms.shelf.state(session))?.last).not.toHaveProperty('commands')
  })

  it('stand before their block does: control that dies between loses none and doubles none', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const [first] = withCommands(session, [[told(4, 'ls')]])
    const row = await rooms.store.db.selectFrom('sessions').select('gatewayId').where('id', '=', session).executeTakeFirstOrThrow()
    const dying = { state: () => Promise.resolve(undefined), putAll: () => Promise.reject(new Error('killed here')) }
    const blocks = new Blocks({ store: rooms.store, shelf: dying as never, refusals: { note: () => Promise.resolve() } as never, disk: { isLow: false } })
    await expect(blocks.keep(row.gatewayId as never, [{ header: first?.header as never, frame: first?.frame ?? Buffer.alloc(0) }])).rejects.toThrow(
      'killed here',
    )
    expect((await commandsOfSession(rooms.store, session)).items).toMatchObject([{ text: 'ls' }])
    expect(await gateway.block(first?.header ?? ({} as never), first?.frame ?? Buffer.alloc(0))).toBeUndefined()
    expect((await commandsOfSession(rooms.store, session)).items).toMatchObject([{ text: 'ls' }])
  })

  it('learn later how they ended, and the first word of it stays', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const start = told(4, 'make', { how: 'integration', folder: '/srv' })
    const end = told(4, '', { how: 'integration', exitStatus: 2, durationMs: 70 })
    for (const { header, frame } of withCommands(session, [[start], [end], [{ ...end, exitStatus: 0, durationMs: 1 }]])) await gateway.block(header, frame)
    expect((await commandsOfSession(rooms.store, session)).items).toMatchObject([
      { text: 'make', how: 'integration', folder: '/srv', exitStatus: 2, durationMs: 70 },
    ])
  })

  it('are found, sorted and swept after a year', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    for (const { header, frame } of withCommands(session, [[told(4, 'cat Straße_100%'), told(8, 'ls')]])) await gateway.block(header, frame)
    const list = (query: object) => listCommands(rooms.store, { page: 1, size: 10, ...query })
    expect((await list({})).items.map(({ text }) => text)).toEqual(['ls', 'cat Straße_100%'])
    expect(await list({ q: 'STRASSE_100%' })).toMatchObject({ items: [{ number: 4 }], total: 1, of: 2 })
    expect(await list({ q: 'c_t' })).toMatchObject({ items: [], total: 0, of: 2 })
    expect(await list({ ownedBy: 'op_nobody' })).toMatchObject({ items: [], total: 0, of: 0 })
    const { db } = rooms.store
    const at = rooms.clock.now
    const did = { sessionId: session, number: 1, at, outcome: 'done', failure: null }
    const of = { operatorId: 'op_1', operatorName: 'ann', assetId: null, assetName: 'web1', account: 'root' }
    await db
      .insertInto('transfers')
      .values({ ...did, ...of, way: 'sftp', deed: 'upload', path: '/x', toPath: null, bytes: 1, sha256: null })
      .execute()
    await db
      .insertInto('forwards')
      .values({ ...did, way: 'local', host: 'localhost', port: 80, bytesIn: 1, bytesOut: 1, ms: 1 })
      .execute()
    const kept = async () => [(await db.selectFrom('transfers').select('at').execute()).length, (await db.selectFrom('forwards').select('at').execute()).length]
    await sweepCommands(rooms.store, rooms.clock.now)
    expect((await list({})).of).toBe(2)
    expect(await kept()).toEqual([1, 1])
    await sweepCommands(rooms.store, rooms.clock.now + commandsKeptMs + 3_600_000)
    expect((await list({})).of).toBe(0)
    expect(await kept()).toEqual([0, 0])
  })

  it('answer soon with 100,000 of them', async () => {
    const { store } = rooms
    const row = (at: number) => ({
      ...{
        sessionId: `se_${at % 500}`,
        number: at,
        operatorId: `op_${at % 20}`,
        operatorName: `ann${at % 20}`,
        assetId: null,
        assetName: `web${at % 300}`,
        account: 'root',
      },
      ...{ at, sessionMs: at, text: `echo number ${at} of many`, how: 'screen', folder: null, exitStatus: null, durationMs: null, rule: null, verdict: null },
      search: `echo number ${at} of many\nann${at % 20}\nweb${at % 300}\nroot`,
    })
    for (let from = 0; from < 100_000; from += 1000)
      await store.transaction((trx) =>
        trx
          .insertInto('commands')
          .values(Array.from({ length: 1000 }, (_, index) => row(from + index)))
          .execute(),
      )
    const times: [string, number][] = []
    for (const query of [
      {},
      { q: 'number 77' },
      { q: 'nowhere' },
      { ownedBy: 'op_3' },
      { ownedBy: 'op_3', q: '99' },
      { sort: 'asset' as const },
      { page: 1000 },
      { session: 'se_7' },
    ]) {
      const best = Math.min(
        ...(await Promise.all(
          [0, 1, 2].map(async () => {
            const began = performance.now()
            await listCommands(store, { page: 1, size: 50, ...query })
            return performance.now() - began
          }),
        )),
      )
      times.push([JSON.stringify(query), Math.round(best)])
    }
    console.log(name, Object.fromEntries(times))
    for (const [, ms] of times) expect(ms).toBeLessThan(800)
  }, 120_000)
})
