import { createHash } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { FileRule } from '#domain/file-rule.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionReport } from '#session/session.ts'
import { HandClock, settled } from '#session/test-pair.ts'
import { Acts } from '../acts.ts'
import { FilesSession } from './files-session.ts'
import type { HostFiles } from './host-files.ts'

const owner = createHash('sha256').update('cookie').digest()
let clock: HandClock
let told: SessionAct[]
let ended: SessionReport[]
let closed: string[]
/** When control takes what is told; at once unless a test holds it. */
let taken: Promise<void>

beforeEach(() => {
  clock = new HandClock()
  told = []
  ended = []
  closed = []
  taken = Promise.resolve()
})

const everything: FileRule = { name: 'all', actions: ['upload', 'download'] }
function make(rules: readonly FileRule[] = [everything], limits: { idleMs: number; maxMs?: number; endsAt?: number } = { idleMs: 1_800_000 }): FilesSession {
  const acts = new Acts((_from, all) => (told.push(...all), taken), clock)
  return new FilesSession({ id: 'se_x', owner, way: 'web', rules, limits, acts, clock, onEnded: (report) => ended.push(report) })
}
/** As on a host whose account has this home; nothing of it is asked. */
const ground = { files: { home: '/users/ada', close: () => void closed.push('files') } as unknown as HostFiles, close: () => void closed.push('connection') }
function live(...given: Parameters<typeof make>): FilesSession {
  const session = make(...given)
  session.begin(ground)
  return session
}
const refusal = (act: () => unknown): Failure | undefined => {
  try {
    act()
  } catch (error) {
    return error as Failure
  }
  return undefined
}
const fileActs = () => told.flatMap((act) => (act.act === 'file' ? [act] : []))

it('is its owner’s alone', () => {
  const session = live()
  expect([session.isOwnedBy(owner), session.isOwnedBy(createHash('sha256').update('other').digest())]).toEqual([true, false])
})

it('ends when nobody asks for two minutes, not while something is under way', async () => {
  const session = live()
  const request = Promise.withResolvers<void>()
  clock.forward(119_000)
  session.enter(request.promise, false)
  clock.forward(500_000)
  expect(session.end).toBeUndefined()
  request.resolve()
  await settled()
  clock.forward(119_999)
  expect(session.end).toBeUndefined()
  clock.forward(1)
  expect(session.end).toMatchObject({ reason: 'owner_gone', message: 'Nobody asked for files for 120 seconds.' })
  await session.whenEnded
  expect([ended.length, closed]).toEqual([1, ['files', 'connection']])
})

it('ends by its limits: idle though a page looks again and again, in its time, at its latest', async () => {
  const idle = live([everything], { idleMs: 300_000 })
  for (let minute = 0; minute < 5 && !idle.end; minute += 1) {
    idle.enter(Promise.resolve(), false)
    await settled()
    clock.forward(60_000)
  }
  expect(idle.end?.reason).toBe('idle')
  const used = live([everything], { idleMs: 100_000, maxMs: 250_000 })
  for (let minute = 0; minute < 4; minute += 1) {
    used.enter(Promise.resolve(), true)
    await settled()
    clock.forward(60_000)
  }
  expect(used.end).toBeUndefined()
  clock.forward(10_000)
  expect(used.end?.reason).toBe('max_duration')
  const granted = live([everything], { idleMs: 1_800_000, endsAt: clock.wallMs() + 50_000 })
  clock.forward(50_000)
  expect(granted.end?.reason).toBe('grant_expired')
})

it('what runs ends with it: written down as failed with the reason, and before the end is told', async () => {
  const session = live()
  const transfer = session.startTransfer({ direction: 'download', path: '/srv/x', bytes: 1000 })
  transfer.moveTo(400)
  session.enter(new Promise(() => {}), true)
  session.terminate({ reason: 'terminated', by: 'Ada', text: 'enough' })
  expect(session.signal.aborted).toBe(true)
  await settled()
  expect(ended).toEqual([])
  // What does not let go is not waited for.
  clock.forward(800)
  await session.whenEnded
  expect(ended).toMatchObject([{ end: { reason: 'terminated', message: 'Terminated by Ada: enough' } }])
  expect(fileActs()).toMatchObject([{ deed: 'download', path: '/srv/x', bytes: 400, outcome: 'failed', failure: 'Terminated by Ada: enough' }])
  transfer.done({ bytes: 1000, verified: 'host' })
  expect(fileActs()).toHaveLength(1)
  expect(refusal(() => session.files)?.code).toBe('session_not_found')
})

it('one that ended while its host was dialled gives the ground back', async () => {
  const session = make()
  session.terminate({ reason: 'revoked', by: 'Sallyport', text: 'no more' })
  session.begin(ground)
  expect(closed).toEqual(['connection'])
  await session.whenEnded
})

it('answers sixteen requests at once, and has thirty-two files on their way', () => {
  const session = live()
  for (let count = 0; count < 16; count += 1) session.enter(new Promise(() => {}), true)
  expect(refusal(() => session.enter(Promise.resolve(), true))?.code).toBe('rate_limited')
  const transfers = Array.from({ length: 32 }, () => session.startTransfer({ direction: 'upload', path: '/x', bytes: 1 }))
  expect(refusal(() => session.startTransfer({ direction: 'upload', path: '/x', bytes: 1 }))?.code).toBe('too_many_files')
  transfers[0]?.done({ bytes: 1, verified: 'host' })
  expect(refusal(() => session.assertRoomForTransfer())).toBeUndefined()
})

it('shows the newest hundred transfers, and always those that run', () => {
  const session = live()
  const first = session.startTransfer({ direction: 'upload', path: '/first', bytes: 1 })
  for (let count = 0; count < 200; count += 1) session.startTransfer({ direction: 'upload', path: `/${count}`, bytes: 1 }).done({ bytes: 1, verified: 'host' })
  const views = session.transfers.views()
  expect([views.length, views[0]?.path, views.at(-1)]).toMatchObject([100, '/199', { path: '/first', state: 'running' }])
  first.failed(new Failure('file_digest_differs', 'no'))
  expect(first.view).toMatchObject({ state: 'failed', verified: 'differs', failure: 'file_digest_differs' })
})

const jail: FileRule = { name: 'releases', actions: ['upload'], paths: ['/srv/app'], maxBytes: 1000 }
it.each([
  ['within', '/srv/app/x', 1000, undefined],
  ['the folder itself', '/srv/app', undefined, undefined],
  ['beside', '/srv/apple', 1, { why: 'path', rule: 'releases', paths: ['/srv/app'] }],
  ['too large', '/srv/app/x', 1001, { why: 'size', rule: 'releases', maxBytes: 1000 }],
])('judges an upload %s, and names the grant that refuses', (_name, path, bytes, detail) => {
  const session = live([jail])
  const failure = refusal(() => session.judge('upload', path, bytes))
  expect(failure?.detail).toEqual(detail)
  clock.forward(1000)
  expect(fileActs()).toMatchObject(detail ? [{ way: 'web', deed: 'upload', path, outcome: 'refused', rule: 'releases', failure: failure?.message }] : [])
})

it('judges a rename at both of its ends, and what the direction does not permit at all', () => {
  const session = live([jail])
  expect(refusal(() => session.judge('rename', '/srv/app/a', undefined, '/srv/app/b'))).toBeUndefined()
  expect(refusal(() => session.judge('rename', '/srv/app/a', undefined, '/etc/b'))?.code).toBe('file_refused')
  expect(refusal(() => session.judge('rename', '/etc/a', undefined, '/srv/app/b'))?.code).toBe('file_refused')
  // Nor may a rename bring a file to where it can be downloaded.
  const into: FileRule = { name: 'in', actions: ['upload'], paths: ['/srv'] }
  const out: FileRule = { name: 'out', actions: ['download'], paths: ['/srv/out'] }
  const narrow = live([into, out])
  expect(refusal(() => narrow.judge('rename', '/srv/in/a', undefined, '/srv/out/a'))?.code).toBe('file_refused')
  expect(refusal(() => narrow.judge('rename', '/srv/out/a', undefined, '/srv/in/a'))).toBeUndefined()
  expect(refusal(() => session.judge('download', '/srv/app/a'))?.detail).toEqual({ why: 'action' })
  expect(refusal(() => live([]).judgeLook())?.code).toBe('file_refused')
  expect(refusal(() => session.judgeLook())).toBeUndefined()
})

it('stands still while control takes no more of what it does', async () => {
  const held = Promise.withResolvers<void>()
  taken = held.promise
  const session = live()
  for (let count = 0; count <= 500; count += 1) session.act({ at: 0, deed: 'mkdir', path: '/x', outcome: 'done' })
  clock.forward(200)
  let goesOn = false
  const room = session.roomForActs().then(() => (goesOn = true))
  await settled()
  expect(goesOn).toBe(false)
  held.resolve()
  await room
  expect(goesOn).toBe(true)
})
