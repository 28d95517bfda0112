import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { useEngine } from './test-engines.ts'

const Written = z.object({ rows: z.number(), refusal: z.string().optional() })
const Told = z.object({
  heldAtStart: z.boolean(),
  whileHeld: Written,
  heldAfter: z.boolean(),
  whileFull: Written,
  madeAgainWhenFull: z.boolean(),
  madeAgain: z.boolean(),
  afterwards: Written,
  count: z.number(),
})

describe('reserve on a full disk', () => {
  const engine = useEngine('sqlite')

  it('is given up so that writing goes on, is refused in words when it is spent, and is made again when there is room', async () => {
    const disk = engine.makeFolder()
    // A real small disk that is full, in a mount namespace of its own, so that this machine never sees it.
    const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm']
    const script = 'mount -t tmpfs -o size=112m tmpfs "$1" && exec "$2" "$3" "$1"'
    const child = await promisify(execFile)('unshare', [
      ...unshare,
      'sh',
      '-c',
      script,
      'sh',
      disk,
      process.execPath,
      join(import.meta.dirname, 'test-full-disk.ts'),
    ])
    const told = Told.parse(JSON.parse(child.stdout))
    expect(told).toMatchObject({ heldAtStart: true, heldAfter: false, madeAgainWhenFull: false, madeAgain: true })
    expect(told.whileHeld).toEqual({ rows: 2000 })
    expect(told.whileFull.refusal).toBe('disk_full')
    expect(told.afterwards).toEqual({ rows: 100 })
    expect(told.count).toBe(told.whileHeld.rows + told.whileFull.rows + told.afterwards.rows)
  }, 60_000)
})
