import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { base32 } from '#domain/id.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { endForbidden } from './enforce.ts'
import { grantTo } from './test-grants.ts'

/** The Monday before the clocks of Berlin are set back. */
const now = Date.parse('2026-10-19T09:00:00Z')
const [people, hosts, sessions, groups] = [400, 200, 2000, 40]
const id = (prefix: string) => `${prefix}_${base32(randomBytes(15))}`

/** Two thousand sessions that live, each permitted by a group's hours; beside them as many that have ended. */
async function fill(trx: Trx): Promise<{ grants: string[] }> {
  const operatorIds = Array.from({ length: people }, () => id('op'))
  const assets = Array.from({ length: hosts }, () => ({ id: id('as'), account: id('ac') }))
  const groupIds = Array.from({ length: groups }, () => id('gr'))
  for (const [n, operator] of operatorIds.entries())
    await trx
      .insertInto('operators')
      .values({ id: operator, username: `p${n}`, name: `p${n}`, role: 'member', mayWatch: 0, enabled: 1, passwordHash: 'x', createdAt: 1 })
      .execute()
  for (const [n, asset] of assets.entries()) {
    const facts = {
      address: `10.0.0.${n}`,
      port: 22,
      protocol: 'ssh',
      tags: JSON.stringify([`t${n % 10}`]),
      createdAt: 1,
      lastUsedAt: null,
      confirmedLoopback: 0,
    }
    await trx
      .insertInto('assets')
      .values({ id: asset.id, name: `h${n}`, ...facts })
      .execute()
    await trx.insertInto('accounts').values({ id: asset.account, assetId: asset.id, username: 'root', authKind: 'ask', createdAt: 1 }).execute()
  }
  const grants: string[] = []
  const hours = { timeZone: 'Europe/Berlin', spans: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '23:30' }] }
  for (const [n, group] of groupIds.entries()) {
    await trx
      .insertInto('groups')
      .values({ id: group, name: `g${n}`, createdAt: 1 })
      .execute()
    grants.push(await grantTo(trx, { groups: [group], tags: Array.from({ length: 10 }, (_, tag) => `t${tag}`) }, { hours }))
  }
  for (const [n, operatorId] of operatorIds.entries())
    await trx
      .insertInto('groupMembers')
      .values({ groupId: groupIds[n % groups] ?? '', operatorId })
      .execute()
  const rows = Array.from({ length: 2 * sessions }, (_, n) => {
    const asset = assets[n % hosts]
    return {
      id: id('se'),
      operatorId: operatorIds[(n >> 1) % people] ?? '',
      operatorName: 'p',
      assetId: asset?.id ?? null,
      assetName: 'h',
      address: '10.0.0.1',
      port: 22,
      account: 'root',
      accountId: asset?.account ?? null,
      door: 'web',
      kind: 'shell',
      state: n % 2 === 0 ? 'live' : 'ended',
      source: '192.0.2.1',
      gatewayId: 'gw_x',
      startedAt: 1,
      bytesIn: 0,
      bytesOut: 0,
      recordingSeconds: 0,
      recordingBytes: 0,
    }
  })
  for (let from = 0; from < rows.length; from += 500)
    await trx
      .insertInto('sessions')
      .values(rows.slice(from, from + 500))
      .execute()
  return { grants }
}

/** The fastest of three, each undone: ms, and how many wishes came of it. */
async function timed(store: Store, act: (trx: Trx) => Promise<unknown>): Promise<{ ms: number; wishes: number }> {
  const [times, undone] = [[] as number[], new Error('undone on purpose')]
  let wishes = 0
  for (let round = 0; round < 3; round += 1)
    await store
      .transaction(async (trx) => {
        await act(trx)
        const began = performance.now()
        wishes = (await endForbidden(trx, { text: 'x' }, now)).length
        times.push(performance.now() - began)
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error
      })
  return { ms: Math.min(...times), wishes }
}

describe.each(engines)('one change over two thousand sessions that live on %s', (name) => {
  const engine = useEngine(name)
  it('takes less than a second, whether it ends none, half or all of them', async () => {
    const store = await engine.open()
    const { grants } = await store.transaction(fill)
    // Every row is written: its grants, duties and end were not there yet.
    const none = await timed(store, () => Promise.resolve())
    const half = await timed(store, (trx) =>
      trx
        .deleteFrom('grants')
        .where('id', 'in', grants.slice(0, groups / 2))
        .execute(),
    )
    const all = await timed(store, (trx) => trx.deleteFrom('grants').execute())
    expect([none.wishes, half.wishes, all.wishes]).toEqual([sessions, sessions, sessions])
    process.stdout.write(`${name}: ${[none, half, all].map(({ ms }) => Math.round(ms)).join(', ')} ms\n`)
    // Between processes PostgreSQL takes its time; nobody waits for it but the one who changed something.
    expect(Math.max(none.ms, half.ms, all.ms)).toBeLessThan(name === 'sqlite' ? 1000 : 3000)
  })
})
