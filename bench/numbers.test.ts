import { describe, expect, it } from 'vitest'
import { brokenText, isBroken, type Line, median, pairs, quantile, slope, table } from './numbers.ts'

const line = (change: Partial<Line>): Line => ({ name: 'flood', unit: 'MB/s', sallyport: 100, openssh: 100, better: 'higher', ...change })

describe('the numbers of the bench', () => {
  it('takes the middle and the far end of what was measured', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(quantile([...Array(100).keys()], 0.99)).toBe(99)
    expect(median([])).toBeNaN()
  })

  it('finds how steep a line is through points that lie about it', () => {
    const points = [100, 300, 500].map((x, index) => ({ x, y: 5_000_000 + 80_000 * x + (index === 1 ? 3000 : -1500) }))
    expect(slope(points)).toBeCloseTo(80_000)
  })

  it('measures A and B in turn', async () => {
    const order: string[] = []
    const take = (name: string) => () => Promise.resolve(order.push(name))
    expect(await pairs(2, take('a'), take('b'))).toEqual({ a: [1, 3], b: [2, 4] })
    expect(order).toEqual(['a', 'b', 'a', 'b'])
  })

  it.each([
    [{ sallyport: 106, hold: 1.2 }, false],
    [{ sallyport: 104, hold: 1.2 }, true],
    [{ sallyport: 104 }, false],
    [{ better: 'lower', sallyport: 114, hold: 1 }, false],
    [{ better: 'lower', sallyport: 116, hold: 1 }, true],
    [{ better: 'lower', of: 'sallyport', sallyport: 3.4, hold: 3 }, false],
    [{ better: 'lower', of: 'sallyport', sallyport: 3.5, hold: 3 }, true],
    [{ sallyport: Number.NaN, hold: 1 }, true],
  ] as const)('%o is broken: %s', (change, broken) => {
    expect(isBroken(line(change))).toBe(broken)
  })

  it('names a line that is worse than its number and prints both; says nothing of the others', () => {
    const good = line({ name: 'connect', better: 'lower', hold: 1.1 })
    const bad = line({ name: 'echo', unit: 'ms', better: 'lower', of: 'sallyport', sallyport: 4.25, hold: 3 })
    expect(brokenText([good, bad])).toBe('\necho is worse than its number by more than 15 %: 4.25 ms, to hold ≤ 3\n')
    expect(brokenText([good])).toBe('')
    expect(brokenText([line({ sallyport: 90, hold: 1.2 })])).toContain('0.900 × OpenSSH, to hold ≥ 1.2')
  })

  it('prints a table that says which line is worse, and a dash where OpenSSH has no number', () => {
    const text = table([line({ hold: 2 }), line({ name: 'wire', openssh: Number.NaN })])
    expect(text.split('\n')).toHaveLength(3)
    expect(text).toMatch(/flood +100 MB\/s +100 MB\/s +1\.00 +≥ 2 × +WORSE/)
    expect(text).toMatch(/wire +100 MB\/s +- +- +-/)
  })
})
