import { describe, expect, it } from 'vitest'
import { engines, useEngine } from '../store/test-engines.ts'
import { interleave } from './test-interleavings.ts'

describe.each(engines)('redeeming beside revoking on %s (AUTHZ-05)', (name) => {
  const engine = useEngine(name)
  it('leaves no session that began after the revocation was committed, and none that it has not seen', async () => {
    const { left, faults, admitted, refused } = await interleave(engine, 100)
    expect({ left, faults }).toEqual({ left: [], faults: [] })
    // Both orders came about, or nothing was shown.
    expect(Math.min(admitted, refused)).toBeGreaterThan(5)
  })
})
