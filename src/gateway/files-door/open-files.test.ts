// From a redeemed ticket to the host's files, against a real sshd; control is what the test says.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Admission } from '#domain/admission.ts'
import type { HostKey } from '#domain/host-key.ts'
import { SessionId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { systemClock } from '#session/clock.ts'
import { LiveSessions } from '#session/live-sessions.ts'
import type { Redeemed, Report } from '#wire/link.ts'
import { type TestSshd, startSshd } from '../../../test/harness/sshd.ts'
import { TerminalConnections } from '../far/terminal-connections.ts'
import type { AskLink } from '../admission.ts'
import { HostConnection } from '../far/host-connection.ts'
import { openFiles, type OpenFilesWork } from './open-files.ts'

let sshd: TestSshd
let reports: Report[]
let liveSessions: LiveSessions
let connections: TerminalConnections
let number = 0
let password: string

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd?.stop())
beforeEach(() => {
  reports = []
  password = sshd.password ?? ''
  liveSessions = new LiveSessions()
  connections = new TerminalConnections()
})

/** Any key is known: whose it is, other tests ask. */
const link: AskLink = {
  sign: () => Promise.reject(new Error('no key is asked for')),
  release: () => Promise.resolve(new Secret(password)),
  judgeHostKey: (_lease, offered: HostKey) => Promise.resolve({ verdict: 'trusted' as const, trusted: [offered] }),
  trustHostKey: () => Promise.resolve(),
}
const admission = (auth: Admission['auth']): Admission => ({
  session: SessionId.parse(`se_${'a'.repeat(8)}${String.fromCharCode(97 + (number % 26), 97 + (Math.floor(number++ / 26) % 26)).repeat(12)}`),
  operator: { id: 'op_x', name: 'Ada' },
  asset: { name: 'web1' },
  target: { address: '127.0.0.1', port: sshd.port, username: sshd.user },
  auth,
  hostKeys: [],
  mayTrustHostKey: false,
  mayDialLoopback: true,
  record: 'must',
  limits: { idleMs: 60_000 },
  startedAt: new Date().toISOString(),
})
const redeemed = (auth: Admission['auth'], beside?: SessionId): Redeemed => ({
  kind: 'files',
  admission: admission(auth),
  rules: [{ name: 'all', actions: ['upload', 'download'] }],
  way: 'web',
  ...(beside ? { beside } : {}),
})
const work = (answer: Redeemed): OpenFilesWork => ({
  link: { ask: () => Promise.resolve(answer) } as unknown as OpenFilesWork['link'],
  liveSessions,
  terminalConnections: connections,
  clock: systemClock,
  log: { info: () => {}, warn: () => {} },
  report: (body) => Promise.resolve(void reports.push(body)),
  opening: { link, listeners: [] },
})
const asker = { source: '192.0.2.7', shown: 'cookie' }
const open = (answer: Redeemed, by = asker) => openFiles('t'.repeat(43), by, work(answer))
const codeOf = (opening: Promise<unknown>) =>
  opening.then(
    () => '',
    (error: { code?: string }) => error.code ?? String(error),
  )
const told = () => reports.map((each) => (each.report === 'ended' ? `ended ${each.end.reason} ${each.end.failure ?? ''}`.trim() : each.report))

test('begins, is reported, and closes its own connection with itself', async () => {
  const { session, opened } = await open(redeemed({ kind: 'password' }))
  expect(opened).toMatchObject({ session: session.id, kind: 'sftp', home: sshd.home })
  expect(session.isOwnedBy(createHash('sha256').update('cookie').digest())).toBe(true)
  expect(liveSessions.size).toBe(1)
  session.leave()
  await session.whenEnded
  expect([told(), liveSessions.size]).toEqual([['began', 'ended exited'], 0])
})

test('ends when its connection is lost', async () => {
  const { session } = await open(redeemed({ kind: 'password' }))
  sshd.cutSessions()
  await session.whenEnded
  expect(session.end?.reason).toBe('host_lost')
})

test('a host that lets nobody in is reported as the session’s end', async () => {
  password = 'wrong'
  expect(await codeOf(open(redeemed({ kind: 'password' })))).toBe('auth_failed')
  expect([told(), liveSessions.size]).toEqual([['ended auth_failed auth_failed'], 0])
})

test('where only the person can sign in, the terminal beside it is used, and stays', async () => {
  expect(await codeOf(open(redeemed({ kind: 'ask' })))).toBe('credential_missing')
  const beside = SessionId.parse(`se_${'a'.repeat(8)}${'t'.repeat(24)}`)
  expect(await codeOf(open(redeemed({ kind: 'ask' }, beside)))).toBe('credential_missing')
  const terminal = await HostConnection.dial({
    admission: admission({ kind: 'password' }),
    link,
    prompter: { ask: () => Promise.resolve(null) },
    listeners: [],
    signal: AbortSignal.timeout(10_000),
  })
  connections.add(beside, terminal)
  const { session } = await open(redeemed({ kind: 'ask' }, beside))
  expect((await session.files.stat(sshd.home)).entry.kind).toBe('folder')
  session.leave()
  await session.whenEnded
  expect(terminal.isClosed).toBe(false)
  const again = await open(redeemed({ kind: 'ask' }, beside))
  terminal.close()
  await again.session.whenEnded
  expect(again.session.end?.reason).toMatch(/host_lost/)
})

test('also when they come at once', async () => {
  const codes = await Promise.all(Array.from({ length: 12 }, () => codeOf(open(redeemed({ kind: 'password' })))))
  const own = liveSessions.all()
  expect(own.length).toBeLessThanOrEqual(8)
  expect(codes.filter((code) => code === 'too_many_sessions').length).toBeGreaterThanOrEqual(4)
  await liveSessions.drain('over')
})

test('of one sign-in there are eight, of another one more', async () => {
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(redeemed({ kind: 'password' }))))
  expect(await codeOf(open(redeemed({ kind: 'password' })))).toBe('too_many_sessions')
  // Its ticket is not used for it: no session began and failed.
  expect(told().filter((report) => report !== 'began')).toEqual([])
  const other = await open(redeemed({ kind: 'password' }), { ...asker, shown: 'other' })
  for (const { session } of [...opened, other]) session.leave()
  await Promise.all([...opened, other].map(({ session }) => session.whenEnded))
})
