// A past of many sessions for tests of the lists: five thousand hosts, three hundred people, every way to end, some that live, names beyond ASCII.
import { endReasons } from '#domain/end-reason.ts'
import type { Store } from '../store/open-store.ts'
import { sessionSearchText } from './search-text.ts'

const batchSize = 500
export const historyNow = 1_795_100_000_000

/** `count` sessions, the newest last; every 2000th lives. The same each time. */
export async function fillHistory(store: Store, count: number): Promise<void> {
  await store.transaction(async (trx) => {
    for (let from = 0; from < count; from += batchSize) {
      const rows = Array.from({ length: Math.min(batchSize, count - from) }, (_, index) => sessionRow(from + index, count))
      await trx.insertInto('sessions').values(rows).execute()
    }
  })
}

function sessionRow(n: number, count: number) {
  const lives = n % 2000 === 1999
  const startedAt = historyNow - (count - n) * 20_000
  const lasted = 1000 + ((n * 7919) % 7200) * 1000
  const names = {
    operatorName: n % 50 === 0 ? `Ärztin ${n % 300}` : `operator${n % 300}`,
    assetName: n % 9 === 0 ? `北京-应用服务器-${n % 5000}` : `host-${n % 5000}`,
    address: `10.${n % 256}.${(n >> 8) % 256}.9`,
    port: 22,
    account: n % 2 === 0 ? 'root' : 'deploy',
  }
  return {
    id: `se_${String((n * 7907) % 1_000_003).padStart(7, '0')}${n.toString(36).padStart(17, 'x')}`,
    operatorId: `op_${String(n % 300).padStart(24, '0')}`,
    ...names,
    search: sessionSearchText(names),
    assetId: n % 3 === 0 ? null : `as_${String(n % 5000).padStart(24, '0')}`,
    door: n % 4 === 0 ? 'ssh' : 'web',
    kind: 'shell',
    source: `198.51.${n % 100}.${n % 250}`,
    gatewayId: `gw_${String(n % 3).padStart(24, '0')}`,
    startedAt,
    bytesIn: (n * 104_729) % 100_000,
    bytesOut: (n * 7919) % 10_000_000,
    state: lives ? 'live' : 'ended',
    ...(lives ? {} : { endedAt: startedAt + lasted, endReason: endReasons[(n * 31) % endReasons.length] ?? 'exited', endMessage: 'The program has ended.' }),
    signInId: 'x'.repeat(64),
    recordingState: n % 40 === 0 ? 'incomplete' : lives ? 'writing' : 'intact',
    recordingFile: `host-${n % 5000}_10.0.0.9_20261121T000000Z_operator.cast`,
    recordingSeconds: lasted / 1000,
    recordingBytes: (n * 6151) % 5_000_000,
    recordingHead: 'f'.repeat(64),
  }
}
