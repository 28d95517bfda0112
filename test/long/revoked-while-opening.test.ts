// A thousand times on each database a session is begun and forbidden at the same moment: it never outlives that.
import { describe, expect, it } from 'vitest'
import { interleave } from '../../src/control/access/test-interleavings.ts'
import { useEngine } from '../../src/control/store/test-engines.ts'

describe.each(['sqlite', 'postgres'] as const)('a thousand interleavings on %s (AUTHZ-05)', (name) => {
  const engine = useEngine(name)
  it('leave no session behind', async () => {
    const { left, faults, admitted, refused } = await interleave(engine, 1000)
    process.stdout.write(`${name}: ${admitted} admitted and ended, ${refused} refused\n`)
    expect({ left, faults }).toEqual({ left: [], faults: [] })
    expect(Math.min(admitted, refused)).toBeGreaterThan(50)
  })
})
