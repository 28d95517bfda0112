import { afterEach, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#session/clock.ts'
import { Journal, journalLimits } from '#recording/journal.ts'
import { resumeAtStart, type ResumePoint } from '#recording/block-maker.ts'
import { BlockMakerLoop } from './block-maker-loop.ts'
import type { FromWorker } from './worker-messages.ts'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const session = `se_${'a'.repeat(24)}`
const deny = [{ name: 'never', match: 'pattern' as const, pattern: 'rm *' }]
const typed = { typed: true, lineEnds: 0, isOpen: true, interrupted: false }
const entered = { typed: false, lineEnds: 1, isOpen: false, interrupted: false }

/** A journal in which `ls` and `pwd` were typed at a plain prompt, and a shell told `rm -rf x`; `startedAt` in ms. */
async function written(startedAt: number): Promise<{ folder: string; segment: number }> {
  const folder = join(mkdtempSync(join(tmpdir(), 'sallyport-loop-')), 'run')
  folders.push(join(folder, '..'))
  const journal = new Journal({ folder, limits: journalLimits(1e8), clock: systemClock, listener: { opened() {}, advanced() {}, abandoned() {} } })
  const tap = journal.open({ session, startedAt, size: { cols: 80, rows: 24 }, term: 'xterm', title: 'x' })
  let offset = 0
  let atMs = 0
  const say = (text: string) => {
    const bytes = Buffer.from(text)
    tap.accept({ kind: 'output', atMs: (atMs += 10), offset, bytes }, () => undefined)
    offset += bytes.length
  }
  const mark = (what: typeof typed) => tap.accept({ kind: 'typing', atMs: (atMs += 10), offset, mark: what }, () => undefined)
  say('welcome\r\n$ ')
  for (const line of ['ls', 'pwd']) {
    mark(typed)
    say(line)
    mark(entered)
    say(`\r\noutput of ${line}\r\n$ `)
  }
  say('\u001b]133;C;cmdline_url=rm%20-rf%20x\u0007')
  tap.accept({ kind: 'end', atMs: atMs + 10, offset, end: { reason: 'exited', message: '', at: 0 } }, () => undefined)
  await journal.close()
  return { folder, segment: journal.place.segment + 1 }
}

function read({ folder, segment }: { folder: string; segment: number }, point: ResumePoint = resumeAtStart) {
  const posted: FromWorker[] = []
  const loop = new BlockMakerLoop(
    { folder, firstSegment: 1, resume: [[1, point]], knownUpTo: 1 },
    (message) => posted.push(message),
    () => performance.now(),
  )
  loop.told({ type: 'deny', rules: deny })
  loop.told({ type: 'advanced', place: { segment, at: 0 } })
  while (loop.work()) continue
  loop.close()
  const headers = posted.flatMap((message) => (message.type === 'block' ? [message.header] : []))
  return { headers, commands: headers.flatMap(({ commands }) => commands ?? []), denied: posted.filter(({ type }) => type === 'denied') }
}

it('tells commands with the block in which they were run, by numbers that another reading comes to as well', async () => {
  const journal = await written(Date.now())
  const first = read(journal)
  expect(first.commands.map(({ text, how }) => [text, how])).toEqual([
    ['ls', 'screen'],
    ['pwd', 'screen'],
    ['rm -rf x', 'integration'],
  ])
  expect(read(journal).commands).toEqual(first.commands)
  // A worker that goes on in the middle tells what the shelf was not told, and nothing else.
  const [ls, pwd, rm] = first.commands
  const offset = Math.floor((pwd?.number ?? 0) / 2)
  const more = read(journal, { ...resumeAtStart, nextIndex: 1, atMs: pwd?.atMs ?? 0, offset })
  expect(more.commands.map(({ number }) => number)).toEqual([rm?.number])
  expect(read(journal, { ...resumeAtStart, nextIndex: 1, atMs: ls?.atMs ?? 0, offset: Math.floor((ls?.number ?? 0) / 2) }).commands).toHaveLength(2)
})

it('names what a rule denies as it begins, and not what is read later', async () => {
  const now = read(await written(Date.now()))
  expect(now.denied).toEqual([{ type: 'denied', number: 1, rule: 'never' }])
  expect(now.commands.at(-1)).toMatchObject({ text: 'rm -rf x', denied: 'never' })
  const late = read(await written(Date.now() - 60_000))
  expect(late.denied).toEqual([])
  expect(late.commands.at(-1)).not.toHaveProperty('denied')
})
