import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#session/clock.ts'
import { Journal, journalLimits } from '#recording/journal.ts'
import { decompressFrame } from '#recording/zstd-frames.ts'
import { Emulator } from './emulator.ts'
import { ScreenMaker } from './screen-maker.ts'
import { stateOf } from './test-terminal-state.ts'
import type { FromWorker } from './screens-messages.ts'

let folder: string
let journal: Journal
let maker: ScreenMaker
let now: number
let said: FromWorker[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-maker-'))
  journal = new Journal({
    folder,
    limits: journalLimits(1 << 30),
    clock: systemClock,
    listener: { opened: () => undefined, advanced: () => undefined, abandoned: () => undefined },
  })
  now = 1000
  said = []
  maker = new ScreenMaker(
    { folder, firstSegment: 1, alive: [], knownUpTo: 0 },
    (message) => said.push(message),
    () => now,
  )
})
afterEach(async () => {
  maker.close()
  await journal.close()
  rmSync(folder, { recursive: true, force: true })
})

const idOf = (index: number) => `se_${index.toString(2).padStart(24, '0').replaceAll('0', 'a').replaceAll('1', 'b')}`
const open = (index: number) => journal.open({ session: idOf(index), startedAt: 1e12, size: { cols: 80, rows: 24 }, term: 'xterm', title: '' })
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
function follow(): void {
  maker.told({ type: 'advanced', place: journal.place })
  for (let most = 100_000; maker.workInBackground(); most -= 1) expect(most).toBeGreaterThan(0)
}
async function want(number: number, atLeast: number): Promise<Extract<FromWorker, { type: 'screen' }> | undefined> {
  await turn()
  maker.told({ type: 'screen', id: number, number, atLeast, place: journal.place, tail: undefined })
  for (let most = 100_000; maker.workOnDemand(); most -= 1) expect(most).toBeGreaterThan(0)
  return said.splice(0).find((message) => message.type === 'screen')
}

test('leaves nothing behind of sessions that have ended or were given up', async () => {
  for (let index = 0; index < 300; index += 1) {
    const tap = open(index)
    tap.accept({ kind: 'output', atMs: 1, offset: 0, bytes: Buffer.alloc(20_000, 'x') }, () => undefined)
    if (index % 3 === 0) tap.accept({ kind: 'end', atMs: 2, offset: 0, end: { reason: 'exited', message: '', at: 1 } }, () => tap.close())
    if (index % 50 === 0) await turn()
  }
  await turn()
  follow()
  expect(maker.sessions).toBe(200)
  expect(maker.awake).toBeLessThanOrEqual(64)
  for (let number = 1; number <= 300; number += 1) maker.told({ type: 'forget', number })
  expect([maker.sessions, maker.awake, maker.isDemanded]).toEqual([0, 0, false])
  expect(maker.workInBackground()).toBe(false)
  open(300)
  await turn()
  maker.told({ type: 'forget', number: 301 })
  follow()
  expect(maker.sessions).toBe(0)
})

test('freezes a terminal that was idle for a minute, and goes on with it', async () => {
  const tap = open(0)
  tap.accept({ kind: 'output', atMs: 1, offset: 0, bytes: Buffer.from('\x1b[31mhello') }, () => undefined)
  expect((await want(1, 10))?.offset).toBe(10)
  now += 59_000
  maker.look()
  expect(maker.awake).toBe(1)
  now += 2000
  maker.look()
  expect(maker.awake).toBe(0)
  const frozen = await want(1, 10)
  expect(Buffer.from(frozen?.text ?? []).toString()).toContain('\x1b[0;31mhello')
  expect(maker.awake).toBe(0)
  tap.accept({ kind: 'output', atMs: 2, offset: 0, bytes: Buffer.from(' again') }, () => undefined)
  expect(Buffer.from((await want(1, 16))?.text ?? []).toString()).toContain('hello again')
})

test('parses in the background what came, but not what is too far behind', async () => {
  const [calm, flood] = [open(0), open(1)]
  calm.accept({ kind: 'output', atMs: 1, offset: 0, bytes: Buffer.alloc(50_000, 'c') }, () => undefined)
  for (let sent = 0; sent < 10; sent += 1) {
    flood.accept({ kind: 'output', atMs: sent, offset: 0, bytes: Buffer.alloc(1024 * 1024, 'f') }, () => undefined)
    await turn()
  }
  follow()
  now += 300
  follow()
  expect(maker.awake).toBe(1)
  expect((await want(2, 10 * 1024 * 1024))?.offset).toBe(10 * 1024 * 1024)
  expect(maker.awake).toBe(2)
})

test('makes a screen for seeking after 256 KiB, and after half a minute of a little', async () => {
  const taps = [open(0), open(1)]
  const lines = Buffer.from('\x1b[32ma line that was shown\x1b[m\r\n'.repeat(300))
  let sent = 0
  for (let turns = 0; turns < 100; turns += 1) {
    taps[0]?.accept({ kind: 'output', atMs: turns, offset: 0, bytes: lines }, () => undefined)
    sent += lines.length
    await turn()
    now += 250
    follow()
  }
  const made = said.splice(0).filter((message) => message.type === 'keyframe')
  expect(made.length).toBeGreaterThan(sent / (256 * 1024) - 2)
  expect(made.length).toBeLessThan(sent / (256 * 1024) + 2)
  for (const { offset, atMs, frame } of made) {
    const whole = new Emulator({ cols: 80, rows: 24 })
    whole.write(Buffer.concat(Array.from({ length: 100 }, () => lines)).subarray(0, offset))
    expect(offset).toBe((Math.floor(atMs) + 1) * lines.length)
    expect(stateOf(new Emulator({ cols: 80, rows: 24 }, decompressFrame(frame)))).toEqual(stateOf(whole))
  }
  taps[1]?.accept({ kind: 'output', atMs: 7, offset: 0, bytes: Buffer.from('little') }, () => undefined)
  const ofLittle = () => said.splice(0).filter((message) => message.type === 'keyframe' && message.session === idOf(1))
  await turn()
  follow()
  now += 29_000
  follow()
  expect(ofLittle()).toEqual([])
  now += 2000
  follow()
  expect(ofLittle()).toMatchObject([{ offset: 6, atMs: 7 }])
  now += 60_000
  follow()
  expect(ofLittle()).toEqual([])
})
