import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '#wire/api/settings.ts'
import { listLedger } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { limitsOf, LiveSettings } from './live-settings.ts'
import { usualValues } from './test-values.ts'

const ann = { operator: { id: 'op_ann' }, source: '192.0.2.1' } as unknown as Actor

describe.each(engines)('settings on %s', (name) => {
  const engine = useEngine(name)
  async function open(store: Store, start: Partial<SettingsValues> = {}) {
    const said: { logged: string[]; changes: SettingsValues[] } = { logged: [], changes: [] }
    const settings = await LiveSettings.open({
      store,
      start: { ...usualValues, ...start },
      givenBy: { idleSeconds: '--idle-seconds' },
      now: () => 7,
      log: (_level, event, facts) => void said.logged.push(`${event} ${String(facts['name'])}`),
      onChange: (values) => void said.changes.push(values),
    })
    return { settings, ...said }
  }

  it('are the start’s until somebody sets them, at once and after a restart, and the start’s again with null', async () => {
    const store = await engine.open()
    const { settings, changes } = await open(store, { idleSeconds: 600 })
    expect(settings.current().idleSeconds).toBe(600)
    const view = await settings.change({ idleSeconds: 60, publicUrls: ['https://a.example'], signInNotice: 'Keep out' }, ann)
    expect(view).toMatchObject({ values: { idleSeconds: 60, signInNotice: 'Keep out', graceSeconds: 900 }, start: { idleSeconds: 600 } })
    expect([view.changed.toSorted(), view.givenBy]).toEqual([['idleSeconds', 'publicUrls', 'signInNotice'], { idleSeconds: '--idle-seconds' }])
    expect(settings.current().idleSeconds).toBe(60)
    expect(changes).toHaveLength(1)
    const restarted = await open(store, { idleSeconds: 700 })
    expect(restarted.settings.current()).toMatchObject({ idleSeconds: 60, publicUrls: ['https://a.example'] })
    expect(restarted.changes).toEqual([])
    const back = await restarted.settings.change({ idleSeconds: null }, ann)
    expect([back.values.idleSeconds, back.changed.toSorted()]).toEqual([700, ['publicUrls', 'signInNotice']])
  })

  it('leave a line in the ledger with what was and what is, and none when nothing changes', async () => {
    const store = await engine.open()
    const { settings } = await open(store)
    await settings.change({ maxSeconds: 3600 }, ann)
    await settings.change({ maxSeconds: 3600, idleSeconds: null }, ann)
    await settings.change({}, ann)
    await settings.change({ maxSeconds: null }, ann)
    const rows = await listLedger(store.db, { code: 'settings.changed' })
    expect(rows.map(({ operator, source, detail }) => ({ operator, source, detail: JSON.parse(detail ?? '') as unknown }))).toEqual([
      { operator: 'op_ann', source: '192.0.2.1', detail: { before: { maxSeconds: 0 }, after: { maxSeconds: 3600 } } },
      { operator: 'op_ann', source: '192.0.2.1', detail: { before: { maxSeconds: 3600 }, after: { maxSeconds: 0 } } },
    ])
  })

  it('that cannot be read count as not set, are said once, and can be set again', async () => {
    const store = await engine.open()
    await store.transaction((trx) =>
      trx
        .insertInto('settings')
        .values([
          { name: 'set.idleSeconds', value: '{half' },
          { name: 'set.maxSeconds', value: '-5' },
          { name: 'set.graceSeconds', value: '60' },
          { name: 'set.other', value: '1' },
        ])
        .execute(),
    )
    const { settings, logged } = await open(store)
    expect(settings.current()).toEqual({ ...usualValues, graceSeconds: 60 })
    await settings.refresh()
    expect(logged.toSorted()).toEqual(['settings.unreadable idleSeconds', 'settings.unreadable maxSeconds'])
    await settings.change({ idleSeconds: 60, maxSeconds: null }, ann)
    expect(settings.current()).toMatchObject({ idleSeconds: 60, maxSeconds: 0 })
  })

  it('of one control are known to the other when it looks, and the last of many changes at once holds in both', async () => {
    const store = await engine.open()
    const [one, other] = [await open(store), await open(store)]
    await one.settings.change({ sessionsPerOperator: 3 }, ann)
    await other.settings.refresh()
    expect(other.settings.current().sessionsPerOperator).toBe(3)
    expect(other.changes.map((values) => values.sessionsPerOperator)).toEqual([3])
    await Promise.all([4, 5, 6, 7, 8].map((sessionsPerOperator, at) => (at % 2 === 0 ? one : other).settings.change({ sessionsPerOperator }, ann)))
    await Promise.all([one.settings.refresh(), other.settings.refresh()])
    const row = await store.db.selectFrom('settings').select('value').where('name', '=', 'set.sessionsPerOperator').executeTakeFirstOrThrow()
    for (const { settings } of [one, other]) expect(String(settings.current().sessionsPerOperator)).toBe(row.value)
  })
})

it('become the limits of a session: no longest time when it is 0', () => {
  expect(limitsOf({ ...usualValues, idleOn: 'input' })).toEqual({ idleMs: 1_800_000, idleOn: 'input', graceMs: 900_000 })
  expect(limitsOf({ ...usualValues, maxSeconds: 60, graceSeconds: 0 })).toMatchObject({ maxMs: 60_000, graceMs: 0 })
})
