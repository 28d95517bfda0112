import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutputGather } from './output-gather.ts'

const kib = 1024
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A terminal that parses `bytesPerMs`, one piece after the other. */
function made(bytesPerMs = 50_000) {
  const passed: { atMs: number; bytes: Uint8Array; end: number }[] = []
  const acknowledged: number[] = []
  let freeAt = 0
  const gather = new OutputGather((bytes, end, parsed) => {
    passed.push({ atMs: performance.now(), bytes, end })
    freeAt = Math.max(freeAt, performance.now()) + bytes.length / bytesPerMs
    setTimeout(() => parsed(end), freeAt - performance.now())
  })
  const said: Uint8Array[] = []
  let come = 0
  return {
    gather,
    passed,
    acknowledged,
    add(length: number) {
      const bytes = new Uint8Array(length).map((_, at) => (come + at) % 251)
      said.push(bytes)
      come += length
      gather.add(bytes, come, (offset) => acknowledged.push(offset))
    },
    /** `rounds` messages, one each `everyMs`. */
    async flood(rounds: number, length: number, everyMs = 1) {
      for (let round = 0; round < rounds; round += 1) {
        this.add(length)
        await vi.advanceTimersByTimeAsync(everyMs)
      }
    },
    isWhole: () => Buffer.concat(passed.map(({ bytes }) => bytes)).equals(Buffer.concat(said)) && passed.at(-1)?.end === come,
  }
}

describe('output that is no flood', () => {
  it('passes at once, piece by piece', async () => {
    const parts = made()
    const { passed, isWhole } = parts
    // A program that draws its screen sixty times a second.
    await parts.flood(60, 10 * kib, 16)
    expect(passed.map(({ atMs }, at) => atMs - (passed[0]?.atMs ?? 0) - at * 16)).toEqual(Array.from({ length: 60 }, () => 0))
    expect(isWhole()).toBe(true)
  })
})

describe('a flood', () => {
  it('is passed in few pieces, in order, and acknowledged to its end', async () => {
    const parts = made()
    await parts.flood(400, 8 * kib)
    await vi.advanceTimersByTimeAsync(100)
    // What came before it was known as one, then a dozen pieces and not 400.
    expect(parts.passed.length).toBeLessThan(16 + 14)
    expect(parts.isWhole()).toBe(true)
    expect(parts.acknowledged.at(-1)).toBe(400 * 8 * kib)
    expect(parts.acknowledged.toSorted((a, b) => a - b)).toEqual(parts.acknowledged)
  })
  it('is shown to its end 10 ms after the last byte', async () => {
    const parts = made()
    await parts.flood(100, 8 * kib)
    parts.add(5)
    await vi.advanceTimersByTimeAsync(20)
    expect(parts.isWhole()).toBe(true)
  })
  it('leaves no trace: what is echoed a moment later passes at once', async () => {
    const parts = made()
    await parts.flood(200, 16 * kib)
    await vi.advanceTimersByTimeAsync(150)
    for (let key = 0; key < 5; key += 1) {
      parts.add(1)
      expect(parts.passed.at(-1)).toMatchObject({ atMs: performance.now(), bytes: { length: 1 } })
      await vi.advanceTimersByTimeAsync(5)
    }
  })
  it('that is slow enough is shown each 50 ms', async () => {
    const parts = made()
    await parts.flood(600, 2 * kib)
    const times = parts.passed.slice(-5).map(({ atMs }) => atMs)
    const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0))
    expect(Math.max(...gaps)).toBeLessThan(65)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50)
  })
  it('goes to a slow terminal in smaller pieces', async () => {
    const parts = made(4 * kib)
    await parts.flood(300, 8 * kib)
    await vi.advanceTimersByTimeAsync(3000)
    const gathered = parts.passed.filter(({ bytes }) => bytes.length > 8 * kib)
    expect(Math.max(...gathered.slice(-5).map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(136 * kib)
    expect(parts.isWhole()).toBe(true)
  })
  it('goes to a quick terminal in pieces of up to 1 MiB', async () => {
    const parts = made(80_000)
    await parts.flood(120, 64 * kib)
    await vi.advanceTimersByTimeAsync(100)
    expect(Math.max(...parts.passed.map(({ bytes }) => bytes.length))).toBeGreaterThanOrEqual(1024 * kib)
    expect(parts.isWhole()).toBe(true)
  })
  it('is passed on when something else comes behind it', async () => {
    const parts = made()
    await parts.flood(40, 8 * kib, 0)
    expect(parts.isWhole()).toBe(false)
    parts.gather.flush()
    expect(parts.isWhole()).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(parts.isWhole()).toBe(true)
  })
  it('is left where it is when the terminal goes', async () => {
    const parts = made()
    await parts.flood(40, 8 * kib, 0)
    const [before, timers] = [parts.passed.length, vi.getTimerCount()]
    parts.gather.stop()
    expect(vi.getTimerCount()).toBe(timers - 1)
    await vi.advanceTimersByTimeAsync(200)
    expect(parts.passed.length).toBe(before)
  })
})
