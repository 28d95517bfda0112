// A small gateway for tests, to be killed: records into a spool, its shelf in the same process. Arguments: mode, spool folder, shelf folder.
import { generateKeyPairSync, sign } from 'node:crypto'
import { writeSync } from 'node:fs'
import { SessionId } from '#domain/id.ts'
import { systemClock } from '#session/clock.ts'
import { sealRecording } from '#recording/seal.ts'
import { DiskShelf } from '#recording/shelf-disk.ts'
import { shelfStateOf } from '#recording/shelf-state.ts'
import { Recorder } from './recorder.ts'

const [mode, spoolFolder = '', shelfFolder = ''] = process.argv.slice(2)
const { privateKey } = generateKeyPairSync('ed25519')
function print(line: object): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done)
    } catch (cause) {
      // The parent reads slowly, and the pipe does not block.
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw cause
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object, text: string) => print({ error: text, fields: String((fields as { err?: unknown }).err) }),
}

const shelf = mode === 'walled' ? undefined : await DiskShelf.open(shelfFolder)
const recorder = new Recorder({
  spoolFolder,
  spoolBytes: 1 << 30,
  clock: systemClock,
  log,
  sendBlock: async (header, frame) => (shelf === undefined ? void print({ block: header.index, frameBytes: frame.length }) : shelf.put(header, frame)),
  sendReport: async (report) => {
    if (shelf !== undefined) await sealRecording(shelf, report, { fingerprint: 'test', sign: (bytes) => sign(null, bytes, privateKey) }, new Date())
    print({ sealed: report.session, incomplete: report.incomplete })
  },
})

if (mode === 'recover' && shelf !== undefined) {
  await recorder.recover(
    (session) => shelfStateOf(shelf, session),
    (report) => Promise.resolve(void print({ ended: report.session, reason: report.end.reason })),
  )
  await recorder.close()
  print({ done: true })
} else {
  const session = SessionId.parse(`se_${'c'.repeat(24)}`)
  const tap = recorder.open({ session, startedAt: Date.now(), size: { cols: 80, rows: 24 }, term: 'xterm', title: mode ?? '' })
  tap.onFailed = (cause) => print({ error: 'the tap has failed', fields: String(cause) })
  const began = performance.now()
  let offset = 0
  const flood = (turns: number) => {
    const bytes = Buffer.from(`line ${turns} äöü 😀 of a flood that is killed\r\n`.repeat(20 + (turns % 700)))
    const end = offset + bytes.length
    tap.accept({ kind: 'output', atMs: performance.now() - began, offset, bytes }, () => print({ shown: end }))
    offset = end
    if (turns < 20 || mode === 'flood') setImmediate(() => flood(turns + 1))
    else {
      tap.accept({ kind: 'end', atMs: performance.now() - began, offset, end: { reason: 'exited', message: '', exitStatus: 0, at: Date.now() } }, () =>
        tap.close(),
      )
      void recorder.idle(AbortSignal.timeout(10_000)).then(() => recorder.close())
    }
  }
  flood(0)
}
