import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { subscribe } from 'node:diagnostics_channel'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#session/clock.ts'
import type { Tap } from '#session/tap.ts'
import { Journal, journalLimits, type JournalLimits } from '#recording/journal.ts'
import { maxHistoryBytes } from './history-reader.ts'
import { Screens } from './screens.ts'

let folder: string
let journal: Journal
let screens: Screens
let workers: Worker[]
subscribe('worker_threads', (message) => workers?.push((message as { worker: Worker }).worker))
beforeEach(() => {
  workers = []
  folder = mkdtempSync(join(tmpdir(), 'sallyport-history-'))
})
afterEach(async () => {
  await screens.close()
  await journal.close()
  rmSync(folder, { recursive: true, force: true })
})

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
function begin(limits: Partial<JournalLimits> = {}): void {
  journal = new Journal({
    folder: join(folder, 'run'),
    limits: { ...journalLimits(1 << 30), ...limits },
    clock: systemClock,
    listener: { opened: (number, opening) => screens.opened(number, opening), advanced: () => undefined, abandoned: () => undefined },
  })
  screens = new Screens({ journal, clock: systemClock, log: silent, shelfBlock: () => Promise.reject(new Error('no shelf')) })
}
const ids = 'abcdefghijklmnopqrstuvwxyz234567'
const idOf = (index: number) => `se_${(ids[index] ?? 'a').repeat(24)}`
const open = (index = 0) => journal.open({ session: idOf(index), startedAt: 1e12, size: { cols: 80, rows: 24 }, term: 'xterm', title: '' })
const output = (tap: Tap, bytes: Uint8Array) => new Promise<void>((resolve) => tap.accept({ kind: 'output', atMs: 1, offset: 0, bytes }, resolve))
const signal = () => AbortSignal.timeout(20_000)
/** Bytes that differ everywhere. */
const bytesOf = (length: number, seed = 1) => Uint8Array.from({ length }, (_, at) => (at * 31 + ((at >> 8) * 17 + (at >> 16)) * seed + seed) & 0xff)

test('gives any part of what several sessions wrote, over the borders of segments', async () => {
  begin({ segmentBytes: 200_000 })
  const taps = [open(0), open(1), open(2)]
  const written = taps.map(() => Buffer.alloc(0))
  const chunk = fc.record({ session: fc.nat(2), length: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 90_000 })) })
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 20 }), fc.nat(2), fc.double({ min: 0, max: 1, noNaN: true }), async (chunks, asked, share) => {
      for (const { session, length } of chunks) {
        const bytes = bytesOf(length, length)
        await output(taps[session] as Tap, bytes)
        written[session] = Buffer.concat([written[session] as Buffer, bytes])
      }
      const all = written[asked] as Buffer
      const from = Math.max(0, all.length - Math.floor(share * 1024 * 1024))
      const found = await screens.read(idOf(asked), from, all.length, signal())
      expect(Buffer.compare(Buffer.from(found ?? []), all.subarray(from))).toBe(0)
      const to = from + Math.floor((all.length - from) * share)
      expect(Buffer.compare(Buffer.from((await screens.read(idOf(asked), from, to, signal())) ?? []), all.subarray(from, to))).toBe(0)
    }),
    { numRuns: 40 },
  )
})

test('knows nothing of what is too old, too much, not yet there, of another session, or damaged', async () => {
  begin({ segmentBytes: 100_000 })
  const tap = open()
  for (let done = 0; done < 6 * 1024 * 1024; done += 65_536) await output(tap, bytesOf(65_536, done))
  const end = 6 * 1024 * 1024
  expect((await screens.read(idOf(0), end - 1024 * 1024, end, signal()))?.length).toBe(1024 * 1024)
  expect(await screens.read(idOf(0), 0, 1000, signal())).toBeUndefined()
  expect(await screens.read(idOf(0), end - maxHistoryBytes - 1, end, signal())).toBeUndefined()
  expect(await screens.read(idOf(0), end - 10, end + 1, signal())).toBeUndefined()
  expect(await screens.read(idOf(1), 0, 1, signal())).toBeUndefined()
  expect(await screens.read(idOf(0), end, end, signal())).toEqual(new Uint8Array(0))
  const segments = readdirSync(join(folder, 'run')).toSorted()
  const damaged = openSync(join(folder, 'run', segments.at(-3) ?? ''), 'r+')
  writeSync(damaged, 'not what was written', 50_000)
  closeSync(damaged)
  expect(await screens.read(idOf(0), end - 1024 * 1024, end, signal())).toBeUndefined()
  expect((await screens.read(idOf(0), end - 1000, end, signal()))?.length).toBe(1000)
  screens.finished(1)
  expect(await screens.read(idOf(0), end - 1000, end, signal())).toBeUndefined()
})

test('reads a MiB of one session among floods of others in little time', async () => {
  begin()
  const [tap, flood] = [open(0), open(1)]
  const mine = bytesOf(1024 * 1024)
  for (let done = 0; done < mine.length; done += 16_384) {
    await output(tap, mine.subarray(done, done + 16_384))
    await output(flood, bytesOf(250_000))
  }
  const took: number[] = []
  for (let tries = 0; tries < 9; tries += 1) {
    const began = performance.now()
    const found = await screens.read(idOf(0), 0, mine.length, signal())
    took.push(performance.now() - began)
    expect(Buffer.compare(Buffer.from(found ?? []), mine)).toBe(0)
  }
  // 3 to 8 ms on a quiet machine; a scan of everything kept would be ten times that.
  expect(Math.min(...took)).toBeLessThan(100)
})

test('stops waiting with the signal, and goes on after the worker has died', async () => {
  begin()
  const tap = open()
  await output(tap, bytesOf(100))
  await expect(screens.read(idOf(0), 0, 100, AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  const leaving = new AbortController()
  const asked = screens.read(idOf(0), 0, 100, leaving.signal)
  leaving.abort(new Error('left'))
  await expect(asked).rejects.toThrow('left')
  await workers[0]?.terminate()
  for (let tries = 0; workers.length < 2 && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await screens.read(idOf(0), 0, 100, signal()))?.length).toBe(100)
})
