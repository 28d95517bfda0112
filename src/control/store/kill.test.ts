import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { useEngine } from './test-engines.ts'

describe('store killed in mid-flight', () => {
  const engine = useEngine('sqlite')

  it('loses no acknowledged row in five kills at random moments, and stays whole', async () => {
    const place = await engine.makePlace()
    if (!('sqliteFile' in place)) throw new Error('not a file')
    const acknowledged: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const before = acknowledged.length
      acknowledged.push(...(await writeUntilKilled(place.sqliteFile, randomInt(5, 250))))
      expect(acknowledged.length).toBeGreaterThan(before)
    }
    const store = await engine.open(place)
    expect((await sql`pragma integrity_check`.execute(store.db)).rows).toEqual([{ integrity_check: 'ok' }])
    const rows = await store.db.selectFrom('audit').select('seq').orderBy('seq').execute()
    const stored = new Set(rows.map((row) => row.seq))
    expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([])
    // Each kill may leave one row that was committed and not yet printed; no number is given twice or left out.
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_row, index) => index + 1))
    expect(rows.length).toBeLessThanOrEqual(acknowledged.length + 5)
  }, 60_000)
})

/** Numbers that the writer printed before it was killed, some ms after the first of them. */
async function writeUntilKilled(file: string, afterMs: number): Promise<number[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'test-writer.ts'), file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  writer.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const closed = once(writer, 'close')
  await Promise.race([once(writer.stdout, 'data'), closed])
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  writer.kill('SIGKILL')
  await closed
  return text.split('\n').slice(0, -1).map(Number)
}
