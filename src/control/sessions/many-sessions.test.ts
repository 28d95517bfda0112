import { describe, expect, it } from 'vitest'
import { useEngine } from '../store/test-engines.ts'
import { listSessions } from './session-list.ts'

const row = {
  operatorId: 'op_1',
  door: 'web',
  kind: 'shell',
  port: 22,
  source: '198.51.100.1',
  gatewayId: 'gw_1',
  bytesIn: 0,
  recordingSeconds: 0,
  recordingBytes: 0,
}
const page = { page: 1, size: 50 }

describe('a list of 100,000 sessions', () => {
  const engine = useEngine('sqlite')

  it('answers within 150 ms', async () => {
    const store = await engine.open()
    const states = ['ended', 'ended', 'ended', 'live']
    await store.transaction(async (trx) => {
      for (let batch = 0; batch < 200; batch += 1) {
        const rows = Array.from({ length: 500 }, (_, index) => {
          const n = batch * 500 + index
          return {
            ...row,
            id: `se_${n}`,
            operatorName: `operator${n % 300}`,
            assetName: `host-${n % 5000}`,
            address: `10.${n % 256}.${(n >> 8) % 256}.9`,
            account: n % 2 === 0 ? 'root' : 'deploy',
            startedAt: 1_795_000_000_000 + n,
            bytesOut: (n * 7919) % 100_000,
            state: states[n % 4] ?? 'ended',
          }
        })
        await trx.insertInto('sessions').values(rows).execute()
      }
    })
    const queries = {
      newest: {},
      searched: { q: 'host-42 root' },
      'none found': { q: 'nowhere' },
      sorted: { sort: '-bytesOut' },
      'by an end': { sort: 'endedAt' },
      'last page': { page: 2000 },
    } as const
    const fastest: Record<string, number> = {}
    for (const [label, query] of Object.entries(queries)) {
      const times: number[] = []
      for (let round = 0; round < 5; round += 1) {
        const began = performance.now()
        await listSessions(store, { ...page, ...query })
        times.push(performance.now() - began)
      }
      fastest[label] = Math.round(Math.min(...times))
    }
    expect(Math.max(...Object.values(fastest)), JSON.stringify(fastest)).toBeLessThan(150)
  }, 60_000)
})
