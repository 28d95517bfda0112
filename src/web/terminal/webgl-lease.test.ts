import { describe, expect, it } from 'vitest'
import { mostLosses, WebglLeases } from './webgl-lease.ts'

function make(most: number) {
  const leases = new WebglLeases(most)
  const drawing: (() => void)[] = []
  let begun = 0
  const lease = () =>
    leases.lease((lost) => {
      begun++
      drawing.push(lost)
      return { dispose: () => void drawing.splice(drawing.indexOf(lost), 1) }
    })
  return { leases, drawing, lease, begun: () => begun }
}

describe('WebGL', () => {
  it('is lent to terminals that are seen, and given back when they are hidden', () => {
    const { leases, drawing, lease } = make(2)
    const [a, b, c] = [lease(), lease(), lease()]
    expect(leases.inUse).toBe(0)
    for (const one of [a, b, c]) one.seen(true)
    expect([a.drawsByWebgl, b.drawsByWebgl, c.drawsByWebgl]).toEqual([true, true, false])
    // Whoever waits gets what another gives back.
    a.seen(false)
    expect([a.drawsByWebgl, c.drawsByWebgl, drawing.length]).toEqual([false, true, 2])
    b.dispose()
    c.seen(false)
    expect([leases.inUse, drawing.length]).toEqual([0, 0])
    a.seen(true)
    a.seen(true)
    expect(leases.inUse).toBe(1)
  })

  it('is not kept for a terminal that no longer waits', () => {
    const { leases, lease } = make(1)
    const [a, b] = [lease(), lease()]
    a.seen(true)
    b.seen(true)
    b.seen(false)
    a.seen(false)
    expect([leases.inUse, b.drawsByWebgl]).toEqual([0, false])
  })

  it('is taken again when the browser takes a context away, and left alone when it goes on doing so', () => {
    const { leases, drawing, lease, begun } = make(1)
    const one = lease()
    one.seen(true)
    for (let loss = 0; loss < mostLosses; loss++) {
      expect(one.drawsByWebgl).toBe(true)
      drawing[0]?.()
    }
    expect([one.drawsByWebgl, leases.inUse, drawing.length, begun()]).toEqual([false, 0, 0, mostLosses])
    one.seen(false)
    one.seen(true)
    expect(one.drawsByWebgl).toBe(false)
  })

  it('is asked for once where there is none', () => {
    const leases = new WebglLeases(1)
    let asked = 0
    const one = leases.lease(() => {
      asked++
      throw new Error('no WebGL')
    })
    one.seen(true)
    one.seen(false)
    one.seen(true)
    expect([asked, leases.inUse]).toEqual([1, 0])
  })
})
