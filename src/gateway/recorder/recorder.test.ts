import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import { systemClock } from '#session/clock.ts'
import type { Tap } from '#session/tap.ts'
import { exportRecording } from '#recording/reader.ts'
import { sealRecording } from '#recording/seal.ts'
import { DiskShelf } from '#recording/shelf-disk.ts'
import { shelfStateOf } from '#recording/shelf-state.ts'
import { verifyRecording } from '#recording/verify.ts'
import type { BlockHeader } from '#wire/link.ts'
import type { EndedReport } from './recovery.ts'
import { Recorder, type RecorderOptions } from './recorder.ts'
import { maxBlocksAway } from './worker-messages.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const signer = { fingerprint: 'test', sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) }
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const child = fileURLToPath(new URL('./test-recorder-child.ts', import.meta.url))

let folder: string
let shelf: DiskShelf
let workers: Worker[]
subscribe('worker_threads', (message) => workers?.push((message as { worker: Worker }).worker))
let recorders: Recorder[]
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-recorder-'))
  shelf = await DiskShelf.open(join(folder, 'shelf'))
  workers = []
  recorders = []
})
afterEach(async () => {
  for (const recorder of recorders) await recorder.close()
  rmSync(folder, { recursive: true, force: true })
})

const putBlock = (header: BlockHeader, frame: Uint8Array) => shelf.put(header, frame)
const putSeal: RecorderOptions['sendReport'] = async (report) => void (await sealRecording(shelf, report, signer, new Date()))
function recorderWith(options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = new Recorder({
    spoolFolder: join(folder, 'spool'),
    spoolBytes: 1 << 30,
    sendBlock: putBlock,
    sendReport: putSeal,
    clock: systemClock,
    log: silent,
    ...options,
  })
  recorders.push(recorder)
  return recorder
}
let made = 0
function newId(): SessionId {
  made += 1
  return SessionId.parse(
    `se_${createHash('sha256')
      .update(String(made))
      .digest('hex')
      .replace(/[0189]/g, 'z')
      .slice(0, 24)}`,
  )
}
const openIn = (recorder: Recorder, session: string) => recorder.open({ session, startedAt: 1e12, size: { cols: 80, rows: 24 }, term: 'xterm', title: 'test' })
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
const output = (tap: Tap, bytes: Uint8Array, atMs: number) => new Promise<void>((resolve) => tap.accept({ kind: 'output', atMs, offset: 0, bytes }, resolve))
function end(tap: Tap, atMs: number): void {
  tap.accept({ kind: 'end', atMs, offset: 0, end: { reason: 'exited', message: '', exitStatus: 0, at: 1e12 } }, () => tap.close())
}
async function raw(session: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of exportRecording(shelf, session, 'raw')) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const inTime = () => AbortSignal.timeout(10_000)
const verdict = (session: string) => verifyRecording(shelf, session, () => publicKey)

describe('the recorder', () => {
  it('brings any bytes in any chunks exactly to the shelf, sealed and verified', async () => {
    const recorder = recorderWith()
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 100_000, maxLength: 200_000 }),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(chunk, fc.boolean()), { maxLength: 10 }), async (chunks) => {
        const session = newId()
        const tap = openIn(recorder, session)
        let atMs = 0
        for (const [bytes, waits] of chunks) {
          const accepted = output(tap, bytes, (atMs += 7.3))
          if (waits) await accepted
          tap.accept({ kind: 'resize', atMs, offset: 0, size: { cols: 100, rows: 30 } }, () => undefined)
        }
        end(tap, atMs + 1)
        await recorder.idle(inTime())
        expect((await raw(session)).equals(Buffer.concat(chunks.map(([bytes]) => bytes)))).toBe(true)
        expect(await verdict(session)).toMatchObject({ state: 'verified' })
      }),
      { numRuns: 25 },
    )
  })

  it('sends again and in order when the link is down, and keeps few blocks away', async () => {
    let isDown = true
    let pending = 0
    let most = 0
    const recorder = recorderWith({
      sendBlock: async (header, frame) => {
        most = Math.max(most, ++pending)
        try {
          if (isDown) throw new Error('the link is down')
          await putBlock(header, frame)
        } finally {
          pending -= 1
        }
      },
    })
    const sessions = Array.from({ length: 30 }, newId)
    const taps = sessions.map((session) => openIn(recorder, session))
    for (let count = 0; count < 4; count++) await Promise.all(taps.map((tap, index) => output(tap, Buffer.alloc(100_000, 0x61 + index), count + 1)))
    for (const tap of taps) end(tap, 10)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(recorder.unfinished).toBe(30)
    expect(recorder.spoolBytes()).toBeGreaterThan(12_000_000)
    isDown = false
    await recorder.idle(inTime())
    expect(recorder.unfinished).toBe(0)
    // The last record taken may have filled more than one block.
    expect(most).toBeLessThanOrEqual(maxBlocksAway + 1)
    for (const session of sessions) expect(await verdict(session)).toMatchObject({ state: 'verified' })
  })

  it('ends a session that the shelf refuses, and no other', async () => {
    const [refused, good] = [newId(), newId()]
    const recorder = recorderWith({
      sendBlock: (header, frame) => (header.session === refused ? Promise.reject(new Failure('conflict', 'another block')) : putBlock(header, frame)),
    })
    const [tap, other] = [openIn(recorder, refused), openIn(recorder, good)]
    const failed = new Promise((resolve) => (tap.onFailed = resolve))
    await output(tap, Buffer.alloc(400_000, 0x61), 1)
    await output(other, Buffer.from('good'), 1)
    expect(await failed).toMatchObject({ code: 'recording_failed' })
    end(other, 2)
    await recorder.idle(inTime())
    expect(recorder.unfinished).toBe(0)
    expect(await verdict(good)).toMatchObject({ state: 'verified' })
  })

  it('seals as incomplete what ended without an end', async () => {
    const recorder = recorderWith()
    const session = newId()
    const tap = openIn(recorder, session)
    await output(tap, Buffer.from('half'), 1)
    tap.close()
    await recorder.idle(inTime())
    expect(await verdict(session)).toMatchObject({ state: 'incomplete' })
    expect((await raw(session)).toString()).toBe('half')
  })

  it('goes on exactly where it was when the worker dies, and ends sessions when it dies too often', async () => {
    const recorder = recorderWith()
    const session = newId()
    const tap = openIn(recorder, session)
    const sent: Buffer[] = []
    for (let count = 0; count < 5; count++) {
      const bytes = Buffer.from(`${count} €`.repeat(60_000)).subarray(0, 250_001)
      sent.push(bytes)
      await output(tap, bytes, count + 1)
      await new Promise((resolve) => setTimeout(resolve, 20 * count))
      await workers.at(-1)?.terminate()
      await turn()
    }
    expect(workers.length).toBe(6)
    end(tap, 100)
    await recorder.idle(inTime())
    expect((await raw(session)).equals(Buffer.concat(sent))).toBe(true)
    expect(await verdict(session)).toMatchObject({ state: 'verified' })

    const last = openIn(recorder, newId())
    const failed = new Promise((resolve) => (last.onFailed = resolve))
    await workers.at(-1)?.terminate()
    expect(await failed).toMatchObject({ code: 'recording_failed' })
    expect(() => openIn(recorder, newId())).toThrow(expect.objectContaining({ code: 'recording_failed' }))
  })

  it('deletes the journal as the shelf takes it, and nothing is left of a run that is over', async () => {
    const recorder = recorderWith({ spoolBytes: 16 * 1024 * 1024 })
    const session = newId()
    const tap = openIn(recorder, session)
    for (let count = 0; count < 1000; count++) {
      if (tap.isFull) await new Promise<void>((resolve) => (tap.onRoom = resolve))
      await output(tap, Buffer.alloc(64 * 1024, 0x61), count + 1)
      expect(recorder.spoolBytes()).toBeLessThan(12 * 1024 * 1024)
    }
    end(tap, 2000)
    await recorder.idle(inTime())
    await recorder.close()
    expect(readdirSync(join(folder, 'spool'))).toEqual([])
    expect(await verdict(session)).toMatchObject({ state: 'verified' })
  })
})

type Line = { shown?: number; done?: boolean; sealed?: string; incomplete?: boolean; ended?: string; reason?: string; error?: string; block?: number }
function run(mode: string, flags: string[] = []): { process: ChildProcess; lines: Line[]; exit: Promise<number | null> } {
  const started = spawn(process.execPath, [...flags, child, mode, join(folder, 'spool'), join(folder, 'shelf')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  createInterface({ input: started.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line))
  return { process: started, lines, exit: new Promise((resolve) => started.once('close', resolve)) }
}
async function until(what: () => boolean, said: () => unknown): Promise<void> {
  for (let tries = 0; tries < 1000 && !what(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(what(), JSON.stringify(said())).toBe(true)
}

describe('after kill -9', () => {
  const session = `se_${'c'.repeat(24)}`
  it('the recovered recording holds at least what was shown, also when recovery is killed', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      rmSync(join(folder, 'shelf'), { recursive: true, force: true })
      const flood = run('flood')
      await until(
        () => (flood.lines.at(-1)?.shown ?? 0) > 200_000 * (1 + 40 * round),
        () => flood.lines.slice(-3),
      )
      flood.process.kill('SIGKILL')
      await flood.exit
      const shown = Math.max(...flood.lines.map((line) => line.shown ?? 0))
      for (let kills = 0; kills < 2; kills++) {
        const killed = run('recover')
        await new Promise((resolve) => setTimeout(resolve, 150 + 60 * round + 40 * kills))
        killed.process.kill('SIGKILL')
        await killed.exit
      }
      const recovery = run('recover')
      expect(await recovery.exit).toBe(0)
      expect(recovery.lines.at(-1)).toEqual({ done: true })
      expect(recovery.lines.filter((line) => line.error !== undefined)).toEqual([])
      expect(readdirSync(join(folder, 'spool'))).toEqual([])
      shelf = await DiskShelf.open(join(folder, 'shelf'))
      const bytes = await raw(session)
      expect(bytes.length).toBeGreaterThanOrEqual(shown)
      const turns = [...new Set(bytes.toString().match(/(?<=line )\d+/g))]
      expect(turns).toEqual(turns.map((_turn, index) => String(index)))
      expect(await verifyRecording(shelf, session, () => undefined)).toMatchObject({ state: 'incomplete' })
      expect((await shelf.head(session))?.incomplete).toBe(true)
    }
  })

  it('reports the lost session as gateway_lost, and a session that had ended as it ended', async () => {
    const recorder = recorderWith({ sendBlock: () => Promise.reject(new Error('the link is down')) })
    const [lost, ended] = [newId(), newId()]
    await output(openIn(recorder, lost), Buffer.from('lost'), 5000)
    const tap = openIn(recorder, ended)
    await output(tap, Buffer.from('ended'), 1)
    end(tap, 2)
    await turn()
    await recorder.close()
    recorders = []
    const next = recorderWith()
    expect(next.spoolBytes()).toBeGreaterThan(0)
    const reports: EndedReport[] = []
    let asked = 0
    await next.recover(
      (session) => (++asked === 1 ? Promise.reject(new Error('not yet up')) : shelfStateOf(shelf, session)),
      (report) => Promise.resolve(void reports.push(report)),
    )
    expect(reports).toMatchObject([
      { session: lost, end: { reason: 'gateway_lost', at: 1e12 + 5000 }, bytesOut: 4 },
      { session: ended, end: { reason: 'exited', exitStatus: 0 }, bytesOut: 5 },
    ])
    expect([await verdict(lost), await verdict(ended)]).toMatchObject([{ state: 'incomplete' }, { state: 'verified' }])
    expect(next.spoolBytes()).toBeLessThan(100)
  })
})

it('records behind the wall of --permission with its spool alone to write', async () => {
  mkdirSync(join(folder, 'spool'))
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const flags = [
    '--permission',
    `--allow-fs-read=${root}`,
    `--allow-fs-read=${join(folder, 'spool')}`,
    `--allow-fs-write=${join(folder, 'spool')}`,
    '--allow-worker',
    '--allow-addons',
    '--no-warnings',
  ]
  const walled = run('walled', flags)
  expect(await walled.exit).toBe(0)
  expect(walled.lines.filter((line) => line.error !== undefined)).toEqual([])
  expect(walled.lines.at(-1)).toEqual({ sealed: `se_${'c'.repeat(24)}`, incomplete: false })
  expect(walled.lines.some((line) => line.block === 0)).toBe(true)
  expect(readdirSync(join(folder, 'spool'))).toEqual([])
})
