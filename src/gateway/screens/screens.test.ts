import { subscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isFailure } from '#domain/failure.ts'
import { type Clock, systemClock } from '#session/clock.ts'
import type { SessionEvent } from '#session/event.ts'
import type { Screen } from '#session/screens.ts'
import type { Tap } from '#session/tap.ts'
import { Journal, journalLimits, type JournalLimits } from '#recording/journal.ts'
import { DiskShelf } from '#recording/shelf-disk.ts'
import { Recorder } from '../recorder/recorder.ts'
import { Emulator } from './emulator.ts'
import { Screens } from './screens.ts'
import { stateOf } from './test-terminal-state.ts'

let folder: string
let journal: Journal | undefined
let screens: Screens
let workers: Worker[]
subscribe('worker_threads', (message) => workers?.push((message as { worker: Worker }).worker))
beforeEach(() => {
  workers = []
  folder = mkdtempSync(join(tmpdir(), 'sallyport-screens-'))
})
afterEach(async () => {
  await screens.close()
  await journal?.close()
  journal = undefined
  rmSync(folder, { recursive: true, force: true })
})

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
function begin(limits: Partial<JournalLimits> = {}, clock = systemClock): void {
  const made = new Journal({
    folder: join(folder, 'run'),
    limits: { ...journalLimits(1 << 30), ...limits },
    clock: systemClock,
    listener: { opened: (number, opening) => screens.opened(number, opening), advanced: () => screens.advanced(), abandoned: () => undefined },
  })
  journal = made
  screens = new Screens({ journal: made, clock, log: silent, shelfBlock: () => Promise.reject(new Error('no shelf')) })
}
const idOf = (index: number) => `se_${index.toString(2).padStart(24, '0').replaceAll('0', 'a').replaceAll('1', 'b')}`
const size = { cols: 100, rows: 30 }
function open(index = 0): Tap {
  if (journal === undefined) throw new Error('begin first')
  return journal.open({ session: idOf(index), startedAt: 1e12, size, term: 'xterm', title: '' })
}
let atMs = 0
const give = (tap: Tap, event: { kind: 'output'; bytes: Uint8Array } | { kind: 'resize'; size: { cols: number; rows: number } }) =>
  new Promise<void>((resolve) => tap.accept({ ...event, atMs: (atMs += 1), offset: 0 } as SessionEvent, resolve))
const output = (tap: Tap, bytes: Uint8Array | string) => give(tap, { kind: 'output', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes })
const signal = () => AbortSignal.timeout(25_000)
const codeOf = (cause: unknown) => (isFailure(cause) ? cause.code : cause)

/** What the screen's string makes of a terminal that was reset. */
const shown = ({ cols, rows, text }: Screen) => stateOf(new Emulator({ cols, rows }, text))
const played = (bytes: Uint8Array, at = size) => {
  const emulator = new Emulator(at)
  emulator.write(bytes)
  return stateOf(emulator)
}
const recording = (name: string) => readFileSync(new URL(`../../../test/recordings/${name}.raw`, import.meta.url))

test('shows each session as it is at an offset, sizes and all, while others write', async () => {
  begin({ segmentBytes: 100_000 })
  const names = ['vim', 'htop', 'tmux', 'shell', 'less', 'top']
  const sources = names.map((name, index) => ({ bytes: recording(name), tap: open(index), done: 0, index }))
  for (let turn = 0; turn < 12; turn += 1) {
    for (const source of sources) {
      const part = source.bytes.subarray(source.done, source.done + 2500)
      await output(source.tap, part)
      source.done += part.length
    }
    const source = sources[turn % sources.length]
    if (source === undefined) continue
    const screen = await screens.screen(idOf(source.index), source.done, signal())
    expect(screen.offset).toBe(source.done)
    expect(shown(screen)).toEqual(played(source.bytes.subarray(0, source.done)))
  }
  const [first] = sources
  if (first === undefined) return
  await give(first.tap, { kind: 'resize', size: { cols: 60, rows: 20 } })
  await output(first.tap, '\x1b[2J\x1b[Hsmaller')
  const screen = await screens.screen(idOf(0), first.done + 7, signal())
  expect(screen).toMatchObject({ cols: 60, rows: 20, offset: first.done + 14 })
})

test('has no screen of a session that is unknown, has ended or never came so far, and stops with the signal', async () => {
  begin()
  const tap = open()
  await output(tap, 'hello')
  await expect(screens.screen(idOf(1), 0, signal()).catch(codeOf)).resolves.toBe('screen_unavailable')
  await expect(screens.screen(idOf(0), 6, signal()).catch(codeOf)).resolves.toBe('screen_unavailable')
  await expect(screens.screen(idOf(0), 0, AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  const leaving = new AbortController()
  const asked = screens.screen(idOf(0), 5, leaving.signal)
  leaving.abort(new Error('left'))
  await expect(asked).rejects.toThrow('left')
  await new Promise<void>((resolve) =>
    tap.accept({ kind: 'end', atMs: (atMs += 1), offset: 0, end: { reason: 'exited', message: '', at: 1 } }, () => resolve()),
  )
  await expect(screens.screen(idOf(0), 5, signal()).catch(codeOf)).resolves.toBe('screen_unavailable')
  screens.finished(1)
  await expect(screens.screen(idOf(0), 5, signal()).catch(codeOf)).resolves.toBe('screen_unavailable')
})

test('answers many who ask at once together', async () => {
  begin()
  const tap = open()
  await output(tap, recording('vim'))
  const all = await Promise.all(Array.from({ length: 50 }, () => screens.screen(idOf(0), 1000, signal())))
  expect(new Set(all.map(({ offset, text }) => `${offset} ${Buffer.from(text).toString('base64')}`)).size).toBe(1)
})

test('catches up with a flood from the journal, says when it takes long, and keeps to a quarter of a core', async () => {
  begin()
  const tap = open()
  await output(tap, 'started')
  await screens.screen(idOf(0), 7, signal())
  for (let tries = 0; screens.cpuMs === 0 && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  const [began, usedBefore] = [performance.now(), screens.cpuMs]
  // Short lines are the most work: more than two seconds of it.
  const lines = Buffer.from('y\r\n'.repeat(300_000))
  let written = 7
  for (; written < 60 * 1024 * 1024; written += lines.length) await output(tap, lines)
  await output(tap, '\x1b[31mthe end')
  written += 12
  let isLate = 0
  const asked = performance.now()
  const screen = await screens.screen(idOf(0), written, AbortSignal.timeout(50_000), () => (isLate += 1))
  expect(isLate).toBe(performance.now() - asked > 600 ? 1 : isLate)
  expect(screen.offset).toBe(written)
  expect(shown(screen)).toEqual(played(Buffer.concat([lines, Buffer.from('\x1b[31mthe end')])))
  const tells = screens.cpuMs
  for (let tries = 0; screens.cpuMs === tells && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  // A second is saved up.
  expect(screens.cpuMs - usedBefore).toBeLessThan(1000 + 0.25 * (performance.now() - began) + 200)
}, 90_000)

test('leaves out what lies between when it is more than anybody would wait for', async () => {
  begin()
  const tap = open()
  const lines = Buffer.from(Array.from({ length: 2000 }, (_, line) => `line ${line} \x1b[3${line % 8}mof a flood\x1b[m äöü\r\n`).join(''))
  let written = 0
  for (; written < 80 * 1024 * 1024; written += lines.length) await output(tap, lines)
  await give(tap, { kind: 'resize', size: { cols: 70, rows: 20 } })
  await output(tap, lines)
  written += lines.length
  const screen = await screens.screen(idOf(0), written, signal())
  expect(screen).toMatchObject({ offset: written, cols: 70, rows: 20 })
  expect(shown(screen)).toEqual(played(lines, { cols: 70, rows: 20 }))
}, 60_000)

test('does not parse a flood that nobody looks at', async () => {
  begin()
  const tap = open()
  const lines = Buffer.from('a line of a flood that nobody sees\r\n'.repeat(2000))
  await screens.screen(idOf(0), 0, signal())
  for (let tries = 0; screens.cpuMs === 0 && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  const before = screens.cpuMs
  for (let turn = 0; turn < 1500; turn += 1) await output(tap, lines)
  // The second after it, in which what was left behind would be parsed.
  const tellsAgain = screens.cpuMs
  for (let tries = 0; screens.cpuMs === tellsAgain && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  // 100 MB parsed are more than 2 s; read they are 40 ms.
  expect(screens.cpuMs - before).toBeLessThan(1000)
})

test('keeps the screens of 200 sessions with 64 terminals', async () => {
  begin()
  const taps = Array.from({ length: 200 }, (_, index) => open(index))
  const texts = taps.map(() => '')
  for (let round = 0; round < 3; round += 1) {
    for (const [index, tap] of taps.entries()) {
      const text = `\x1b[${(index + round) % 29};5H\x1b[3${(index + round) % 8}msession ${index} in round ${round}`
      texts[index] += text
      await output(tap, text)
    }
    await Promise.all(taps.map((_, index) => screens.screen(idOf(index), texts[index]?.length ?? 0, signal())))
  }
  for (const [index] of taps.entries()) expect(shown(await screens.screen(idOf(index), 0, signal()))).toEqual(played(Buffer.from(texts[index] ?? '')))
})

test('goes on after its worker was killed, and is without screens for ten minutes when that happens too often', async () => {
  let tenMinutesLater = () => {}
  const after: Clock['after'] = (ms, call) => {
    if (ms < 600_000) return systemClock.after(ms, call)
    tenMinutesLater = call
    return { cancel: () => undefined }
  }
  begin({}, { ...systemClock, after })
  const tap = open()
  await output(tap, 'before ')
  expect((await screens.screen(idOf(0), 7, signal())).offset).toBe(7)
  for (let died = 1; died <= 6; died += 1) {
    await workers.at(-1)?.terminate()
    for (let tries = 0; died < 6 && workers.length <= died && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
    if (died === 6) break
    await output(tap, `${died}`)
    expect(shown(await screens.screen(idOf(0), 7 + died, signal()))).toEqual(played(Buffer.from('before 12345'.slice(0, 7 + died))))
  }
  for (let tries = 0; tries < 50; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(workers.length).toBe(6)
  await expect(screens.screen(idOf(0), 0, signal()).catch(codeOf)).resolves.toBe('screen_unavailable')
  expect(await screens.read(idOf(0), 0, 1, signal())).toBeUndefined()
  tenMinutesLater()
  expect(shown(await screens.screen(idOf(0), 12, signal()))).toEqual(played(Buffer.from('before 12345')))
})

test('reads back from the shelf what the journal no longer has', async () => {
  const shelf = await DiskShelf.open(join(folder, 'shelf'))
  const recorder = new Recorder({
    spoolFolder: join(folder, 'spool'),
    spoolBytes: 1 << 30,
    sendBlock: (header, frame) => shelf.put(header, frame),
    sendReport: () => Promise.resolve(),
    clock: systemClock,
    log: silent,
    limits: { segmentBytes: 150_000, tailBytes: 1000 },
  })
  let blocks = 0
  const shelfBlock = async (session: string, atOffset: number) => {
    blocks += 1
    const found = await shelf.blockAt(session, atOffset)
    if (found === undefined) throw new Error('no such block')
    return { ...found.header, frame: found.frame }
  }
  screens = new Screens({ journal: recorder.journal, clock: systemClock, log: silent, shelfBlock })
  recorder.follow(screens)
  const tap = recorder.open({ session: idOf(0), startedAt: 1e12, size, term: 'xterm', title: '' })
  // Bytes that are not UTF-8 come back as they were, too.
  const bytes = Buffer.concat([
    recording('tmux'),
    Buffer.from([0x1b, 0x63, 0xff, 0xc3, 0x28]),
    recording('vim-256'),
    ...Array.from({ length: 20 }, () => recording('vim')),
  ])
  const played = new Emulator(size)
  for (let done = 0; done < bytes.length; done += 9000) {
    await output(tap, bytes.subarray(done, done + 9000))
    played.write(bytes.subarray(done, done + 9000))
    if (done !== 540_000) continue
    await give(tap, { kind: 'resize', size: { cols: 90, rows: 25 } })
    played.resize({ cols: 90, rows: 25 })
  }
  const cut = () => readdirSync(recorder.journal.folder).toSorted()[0] !== '00000001.journal'
  for (let tries = 0; !cut() && tries < 2000; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(cut()).toBe(true)
  await workers.find((worker) => worker.threadName === 'screens')?.terminate()
  const count = workers.length
  for (let tries = 0; workers.length === count && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  const screen = await screens.screen(idOf(0), bytes.length, signal())
  expect(blocks).toBeGreaterThan(1)
  expect(screen).toMatchObject({ offset: bytes.length, cols: 90, rows: 25 })
  expect(shown(screen)).toEqual(stateOf(played))
  tap.close()
  await recorder.close()
})
