// Child of reserve.test.ts: fills the small disk that it is given, and says what still works.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFailure } from '#domain/failure.ts'
import { record } from '../audit/ledger.ts'
import { openStore } from './open-store.ts'

const disk = process.argv[2] ?? ''
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const store = await openStore({ sqliteFile: join(disk, 'db', 'sallyport.db') }, log)
const write = () => store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done', detail: { padding: 'x'.repeat(900) } }, 1))
let fillers = 0
const fill = () => {
  for (const bytes of [1 << 20, 4096]) {
    try {
      for (;;) writeFileSync(join(disk, `filler-${(fillers += 1)}`), Buffer.alloc(bytes, 1))
    } catch {
      // full, which is what was wanted
    }
  }
}
/** Writes rows until one is refused or the bound is reached. */
const writeMany = async (bound: number) => {
  for (let rows = 0; rows < bound; rows += 1) {
    try {
      await write()
    } catch (error) {
      return { rows, refusal: isFailure(error) ? error.code : String(error) }
    }
  }
  return { rows: bound, refusal: undefined }
}

const heldAtStart = store.reserve?.isHeld()
fill()
const whileHeld = await writeMany(2000)
const heldAfter = store.reserve?.isHeld()
fill()
const whileFull = await writeMany(20_000)
const madeAgainWhenFull = store.reserve?.restore()
for (let filler = 1; filler <= fillers; filler += 1) rmSync(join(disk, `filler-${filler}`), { force: true })
const madeAgain = store.reserve?.restore()
const afterwards = await writeMany(100)
const { count } = await store.db
  .selectFrom('audit')
  .select((row) => row.fn.countAll<number>().as('count'))
  .executeTakeFirstOrThrow()
await store.close()
console.log(JSON.stringify({ heldAtStart, whileHeld, heldAfter, whileFull, madeAgainWhenFull, madeAgain, afterwards, count }))
