// Child of kill.test.ts: commits ledger rows one after the other and prints the number of each one that was acknowledged, until it is killed.
import { writeSync } from 'node:fs'
import { record } from '../audit/ledger.ts'
import { openStore } from './open-store.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const store = await openStore({ sqliteFile: process.argv[2] ?? '' }, log)
for (;;) {
  const seq = await store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done', detail: { padding: 'x'.repeat(500) } }, Date.now()))
  // Straight to the pipe: what has been printed has been acknowledged, and nothing waits in this process.
  writeSync(1, `${seq}\n`)
}
