import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#session/clock.ts'
import type { SessionOpening } from '#session/event.ts'
import type { Tap } from '#session/tap.ts'
import { readEvent } from './journal-event.ts'
import { JournalReader, segmentNumbers } from './journal-reader.ts'
import { encodeRecord, readRecord, recordHeaderBytes, segmentHeaderBytes, type JournalRecord, type Place } from './journal-record.ts'
import { scanRun } from './journal-scan.ts'
import { keepTail } from './journal-tail.ts'
import { Journal, journalLimits, type JournalLimits, type JournalListener } from './journal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ids = 'abcdefghijklmnopqrstuvwxyz234567'
const opening = (index = 0): SessionOpening => ({
  session: `se_${(ids[index] ?? 'a').repeat(24)}`,
  startedAt: 1e12,
  size: { cols: 80, rows: 24 },
  term: 'xterm',
  title: 't',
})
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
const silent: JournalListener = { opened: () => undefined, advanced: () => undefined, abandoned: () => undefined }
const journalIn = (path: string, limits: Partial<JournalLimits> = {}, listener: JournalListener = silent) =>
  new Journal({ folder: path, limits: { ...journalLimits(1 << 30), ...limits }, clock: systemClock, listener })

function output(tap: Tap, bytes: Uint8Array, accepted: () => void = () => undefined, atMs = 1): void {
  tap.accept({ kind: 'output', atMs, offset: 0, bytes }, accepted)
}
function recordsIn(path: string): JournalRecord[] {
  const numbers = segmentNumbers(path)
  const reader = new JournalReader(path, numbers[0] ?? 1)
  const records: JournalRecord[] = []
  while (!reader.read({ segment: (numbers.at(-1) ?? 0) + 1, at: 0 }, (record) => void records.push({ ...record, payload: Buffer.from(record.payload) })))
    continue
  reader.close()
  return records
}
const outputOf = (records: JournalRecord[], number: number) =>
  Buffer.concat(records.filter((record) => record.kind === 'output' && record.session === number).map((record) => record.payload))

describe('a record', () => {
  it('is read as it was written, and torn wherever a bit differs', () => {
    const bytes = encodeRecord({ kind: 'marker', session: 7, atMs: 12.5, offset: 2 ** 40, payload: Buffer.from('label') })
    expect(readRecord(bytes, 0, bytes.length)).toMatchObject({ record: { kind: 'marker', session: 7, atMs: 12.5, offset: 2 ** 40 }, next: bytes.length })
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bad = Buffer.from(bytes)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(['torn', 'more']).toContain(readRecord(bad, 0, bad.length))
    }
    for (let cut = 0; cut < bytes.length; cut++) expect(readRecord(bytes, 0, cut)).toBe('more')
  })
})

describe('the journal', () => {
  it('writes all events of a turn in one write, before any of them is accepted, and accepts in order', async () => {
    const journal = journalIn(folder)
    const one = journal.open(opening(0))
    const two = journal.open(opening(1))
    await turn()
    const path = join(folder, '00000001.journal')
    const before = statSync(path).size
    const order: string[] = []
    for (const [tap, name] of [
      [one, 'a'],
      [two, 'b'],
      [one, 'c'],
    ] as const) {
      output(tap, Buffer.from(name), () => {
        order.push(`${name} ${statSync(path).size - before}`)
      })
    }
    expect(statSync(path).size).toBe(before)
    await turn()
    const all = 3 * (recordHeaderBytes + 1)
    expect(order).toEqual([`a ${all}`, `b ${all}`, `c ${all}`])
    await journal.close()
  })

  it('copies what it accepts: the caller may use its buffer again', async () => {
    const journal = journalIn(folder)
    const tap = journal.open(opening())
    const bytes = Buffer.from('mine')
    output(tap, bytes)
    bytes.fill(0)
    await turn()
    expect(outputOf(recordsIn(folder), 1).toString()).toBe('mine')
    await journal.close()
  })

  it('makes times rise strictly within a session', async () => {
    const journal = journalIn(folder)
    const tap = journal.open(opening())
    for (const atMs of [0, 0, 5, 5, 4]) output(tap, Buffer.from('x'), undefined, atMs)
    await turn()
    const times = recordsIn(folder)
      .filter((record) => record.kind === 'output')
      .map((record) => record.atMs)
    expect(times.every((time, index) => time > (times[index - 1] ?? 0))).toBe(true)
    expect(times[2]).toBe(5)
    await journal.close()
  })

  it('takes any outputs of any sizes over any number of segments', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 700_000 }), fc.boolean()), { maxLength: 12 }), async (events) => {
        const path = mkdtempSync(join(folder, 'run-'))
        const journal = journalIn(path, { segmentBytes: 256 * 1024, tailBytes: 0 })
        const taps = [0, 1, 2].map((index) => journal.open(opening(index)))
        const sent: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0)]
        let accepted = 0
        for (const [which, size, turns] of events) {
          const bytes = Buffer.alloc(size, which + accepted + size)
          sent[which] = Buffer.concat([sent[which] ?? Buffer.alloc(0), bytes])
          const tap = taps[which]
          if (tap !== undefined) output(tap, bytes, () => (accepted += 1))
          if (turns) await turn()
        }
        await journal.close()
        expect(accepted).toBe(events.length)
        const records = recordsIn(path)
        for (const index of [0, 1, 2]) expect(outputOf(records, index + 1).equals(sent[index] ?? Buffer.alloc(0))).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  it('gives every event back, and the sessions of a run with their ends', async () => {
    const journal = journalIn(folder)
    const tap = journal.open(opening())
    journal.open(opening(1))
    const end = { reason: 'exited', message: 'bye', exitStatus: 3, at: 1e12 } as const
    tap.accept({ kind: 'resize', atMs: 1, offset: 0, size: { cols: 100, rows: 5000 } }, () => undefined)
    output(tap, Buffer.from('abc'), undefined, 2)
    tap.accept({ kind: 'marker', atMs: 3, offset: 3, label: 'm' }, () => undefined)
    tap.accept({ kind: 'end', atMs: 4, offset: 3, end }, () => undefined)
    await journal.close()
    const events = recordsIn(folder).flatMap((record) => readEvent(record) ?? [])
    expect(events.map((event) => event.kind)).toEqual(['resize', 'output', 'marker', 'end'])
    expect(events[0]).toMatchObject({ size: { cols: 100, rows: 1000 } })
    expect((await scanRun(folder)).sessions).toEqual([
      { number: 1, opening: opening(0), lastMs: 4, offset: 3, end },
      { number: 2, opening: opening(1), lastMs: 0, offset: 0 },
    ])
  })

  it('makes an end readable whatever the host said', async () => {
    const journal = journalIn(folder)
    const end = { reason: 'signaled', message: 'm'.repeat(9000), signal: 'X'.repeat(500), exitStatus: 0.5, at: Number.NaN } as const
    journal.open(opening()).accept({ kind: 'end', atMs: 4, offset: 0, end }, () => undefined)
    await journal.close()
    expect((await scanRun(folder)).sessions[0]?.end).toEqual({ reason: 'signaled', message: 'm'.repeat(2000), signal: 'X'.repeat(32), at: 0 })
  })

  it('recovers a valid prefix from a tail cut at any byte, or overwritten with anything', async () => {
    const journal = journalIn(folder)
    const tap = journal.open(opening())
    for (const text of ['first', 'second', 'third']) output(tap, Buffer.from(text))
    await journal.close()
    const path = join(folder, '00000001.journal')
    const whole = readFileSync(path)
    for (let cut = segmentHeaderBytes; cut < whole.length; cut++) {
      writeFileSync(path, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(cut % 3 === 0 ? 0 : 40, cut)]))
      const read = outputOf(recordsIn(folder), 1).toString()
      expect('firstsecondthird'.startsWith(read)).toBe(true)
      expect(recordsIn(folder).length).toBeGreaterThanOrEqual(cut > whole.length - 10 ? 3 : 0)
    }
  })

  it('makes what was written durable within a second, without overlap', async () => {
    const journal = journalIn(folder, { unsyncedBytes: 1, syncAfterMs: 20 })
    const tap = journal.open(opening())
    output(tap, Buffer.alloc(1000))
    await turn()
    expect(tap.isFull).toBe(true)
    await new Promise<void>((resolve) => (tap.onRoom = resolve))
    expect(tap.isFull).toBe(false)
    await journal.close()
  })

  it('deletes segments that the shelf has, and keeps those that it lacks or that hold the tail of a live session', async () => {
    const places: Place[] = []
    const journal = journalIn(folder, { segmentBytes: 64 * 1024, tailBytes: 100 * 1024 }, { ...silent, advanced: (place) => places.push(place) })
    const flood = journal.open(opening(0))
    const quiet = journal.open(opening(1))
    output(quiet, Buffer.from('hello'))
    for (let count = 0; count < 8; count++) {
      output(flood, Buffer.alloc(64 * 1024, count))
      await turn()
    }
    const last = places.at(-1) ?? { segment: 0, at: 0 }
    const names = () => readdirSync(folder).map((name) => Number.parseInt(name, 10))
    journal.acknowledged(1, 8 * 64 * 1024, true, last, last.segment)
    expect(names()[0]).toBe(1)
    journal.acknowledged(2, 5, true, last, last.segment)
    // The quiet session's last (and only) output stands in the first segment.
    expect(names()).toEqual([1, 7, 8])
    journal.finished(2)
    expect(names()).toEqual([7, 8])
    flood.close()
    journal.finished(1)
    expect(names()).toEqual([])
    await journal.close()
  })

  it('keeps no more for late readers than an eighth of the spool', () => {
    const ends = new Map(Array.from({ length: 20 }, (_, index) => [index + 1, new Map([[index, 10]])]))
    const offsets = new Map(Array.from({ length: 20 }, (_, index) => [index, 10]))
    const kept = keepTail([...ends.keys()], ends, offsets, { spoolBytes: 1024, segmentBytes: 32, tailBytes: 5 })
    expect([...kept]).toEqual([20, 19, 18, 17])
  })

  it('tells the session whose event does not fit into the spool, once, and keeps what fitted', async () => {
    const abandoned: number[] = []
    const journal = journalIn(folder, { spoolBytes: 300_000, segmentBytes: 100_000 }, { ...silent, abandoned: (number) => abandoned.push(number) })
    const tap = journal.open(opening(0))
    const other = journal.open(opening(1))
    const failures: unknown[] = []
    tap.onFailed = (cause) => failures.push(cause)
    other.onFailed = (cause) => failures.push(cause)
    let accepted = 0
    for (let count = 0; count < 20; count++) {
      output(tap, Buffer.alloc(20_000), () => (accepted += 1))
      await turn()
    }
    expect(failures).toEqual([expect.objectContaining({ code: 'disk_full' })])
    expect(abandoned).toEqual([1])
    // The flood is stopped at 90 %: the other session goes on, but no new one begins.
    let went = false
    output(other, Buffer.alloc(1000), () => (went = true))
    await turn()
    expect(went).toBe(true)
    output(other, Buffer.alloc(4000))
    await turn()
    expect(outputOf(recordsIn(folder), 1).length).toBe(accepted * 20_000)
    for (let count = 0; count < 20; count++) {
      output(other, Buffer.alloc(2000))
      await turn()
    }
    expect(failures).toHaveLength(2)
    expect(() => journal.open(opening(2))).toThrow(expect.objectContaining({ code: 'disk_full' }))
    await journal.close()
  })

  it('fails every open session once when the disk is full, leaves nothing torn, and goes on when there is room again', async () => {
    const isRoot = process.getuid?.() === 0
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
    else console.warn('not root, so no small disk can be mounted: the spool limit stands in for it')
    try {
      const run = join(folder, 'run')
      const journal = journalIn(run, isRoot ? {} : { spoolBytes: 2 * 1024 * 1024 })
      const taps = [journal.open(opening(0)), journal.open(opening(1))]
      const failures: unknown[] = []
      for (const tap of taps) tap.onFailed = (cause) => failures.push(cause)
      let accepted = 0
      for (let count = 0; count < 60; count++) {
        output(taps[count % 2] as Tap, Buffer.alloc(50_001, count), () => (accepted += 1))
        await turn()
      }
      expect(failures).toEqual([expect.objectContaining({ code: 'disk_full' }), expect.objectContaining({ code: 'disk_full' })])
      expect(accepted).toBeGreaterThan(30)
      const records = recordsIn(run)
      expect(outputOf(records, 1).length + outputOf(records, 2).length).toBe(accepted * 50_001)
      const bytes = records.reduce((sum, record) => sum + recordHeaderBytes + record.payload.length, segmentHeaderBytes)
      expect(statSync(join(run, '00000001.journal')).size).toBe(bytes)
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(1))
      expect(() => {
        for (let count = 0; count < 4000; count++) journal.open(opening(2))
      }).toThrow(expect.objectContaining({ code: 'disk_full' }))
      journal.finished(1)
      journal.finished(2)
      rmSync(join(folder, 'ballast'))
      for (let number = 3; number < 4100; number++) journal.finished(number)
      const again = journal.open(opening(3))
      let went = false
      output(again, Buffer.from('room'), () => (went = true))
      await turn()
      expect(went).toBe(true)
      await journal.close()
    } finally {
      if (isRoot) execFileSync('umount', [folder])
    }
  })

  it('refuses to begin where nothing can be written', async () => {
    const journal = journalIn(join(folder, 'run'))
    rmSync(join(folder, 'run'), { recursive: true })
    expect(() => journal.open(opening())).toThrow(expect.objectContaining({ code: 'recording_failed' }))
    expect(() => journal.open({ ...opening(), session: '../x' })).toThrow(expect.objectContaining({ code: 'recording_failed' }))
  })

  it('keeps nothing on the disk when the shelf has every session, and goes on in a new segment', async () => {
    const journal = journalIn(folder)
    const [one, two] = [journal.open(opening(0)), journal.open(opening(1))]
    for (const tap of [one, two]) output(tap, Buffer.from('what a person saw'))
    await turn()
    journal.finished(1)
    expect(segmentNumbers(folder)).toEqual([1])
    journal.finished(2)
    expect(segmentNumbers(folder)).toEqual([])
    expect(journal.bytes).toBe(0)
    output(journal.open(opening(2)), Buffer.from('next'))
    await turn()
    expect(segmentNumbers(folder)).toEqual([2])
    expect(outputOf(recordsIn(folder), 3).toString()).toBe('next')
    await journal.close()
  })

  it('reads on in the next segment when one is torn in its middle or missing', async () => {
    const journal = journalIn(folder, { segmentBytes: 1000 })
    const tap = journal.open(opening())
    for (let count = 0; count < 4; count++) {
      output(tap, Buffer.alloc(1000, 0x61 + count))
      await turn()
    }
    await journal.close()
    expect(segmentNumbers(folder)).toEqual([1, 2, 3, 4])
    truncateSync(join(folder, '00000002.journal'), 500)
    rmSync(join(folder, '00000003.journal'))
    expect(new Set(outputOf(recordsIn(folder), 1).toString())).toEqual(new Set(['a', 'd']))
  })
})
