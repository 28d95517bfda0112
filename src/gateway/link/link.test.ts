import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { SessionId, WatchId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { type BlockHeader, linkSignaturePrefix, maxLinkTextBytes, type EndsAt, type MustEnd, type MustLeave } from '#wire/link.ts'
import { type Identity, loadIdentity, vouch } from './identity.ts'
import { Link } from './link.ts'
import { ScriptedControl, usualScript } from './scripted-control.ts'

const session = SessionId.parse(`se_${'b'.repeat(24)}`)
let control: ScriptedControl
let folder: string
let link: Link | undefined
let wishes: MustEnd[]
let leaves: MustLeave[]
let moved: EndsAt[]
let identity: Identity

const open = (more: Partial<ConstructorParameters<typeof Link>[0]> = {}) =>
  new Link({
    socketPath: control.socketPath,
    identity,
    name: 'g1',
    version: '0.0.0',
    startedAt: 1,
    localSecret: new Secret(Buffer.alloc(32, 1)),
    sessions: () => [{ id: session, bytesIn: 1, bytesOut: 2, idleMs: 3 }],
    spoolBytes: () => 42,
    mustEnd: (wish) => wishes.push(wish),
    mustLeave: (wish) => leaves.push(wish),
    endsAt: (state) => void moved.push(state),
    probe: () => Promise.reject(new Failure('host_refused', 'nothing listens there')),
    log: pino({ level: 'silent' }),
    ...more,
  })
const block = (index: number): BlockHeader => ({
  session,
  index,
  previous: '0'.repeat(64),
  sha256: '1'.repeat(64),
  fromMs: 0,
  toMs: 1,
  fromOffset: 0,
  toOffset: 1,
  castBytes: 1,
})
const codeOf = (error: unknown) => (error instanceof Failure ? error.code : error)
const up = async (dialled: Link) => {
  for (let tries = 0; !dialled.isUp; tries += 1) {
    if (tries > 500) throw new Error('the link did not come up')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-link-'))
  control = new ScriptedControl()
  wishes = []
  leaves = []
  moved = []
  identity = await loadIdentity(folder)
  await control.start()
})
afterEach(async () => {
  link?.close()
  link = undefined
  await control.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('proves its key and its machine, and says its sessions', async () => {
  link = open()
  const hello = await control.until('hello')
  const nonce = Buffer.alloc(32, 7)
  const key = createPublicKey({ key: Buffer.from(hello.publicKey, 'base64'), format: 'der', type: 'spki' })
  const said = Buffer.concat([Buffer.from(linkSignaturePrefix), Buffer.of(0), nonce])
  expect(verify(null, said, key, Buffer.from(hello.signature, 'base64'))).toBe(true)
  expect(hello.vouch).toBe(vouch(new Secret(Buffer.alloc(32, 1)), nonce))
  expect(hello.sessions).toEqual([session])
  await up(link)
  expect(link.apiToken).toBe('api-token')
  const beat = await control.until('beat')
  expect(beat.sessions).toEqual([{ id: session, bytesIn: 1, bytesOut: 2, idleMs: 3 }])
  expect(beat.load.spoolBytes).toBe(42)
})

test('tells thousands of sessions in beats that control still reads', async () => {
  const many = Array.from(
    { length: 3200 },
    (_, at) =>
      `se_${'b'.repeat(28)}${Array.from(String(at).padStart(4, '0'))
        .map((digit) => 'abcdefghij'[Number(digit)])
        .join('')}`,
  )
  const most = Number.MAX_SAFE_INTEGER
  const sizes: number[] = []
  control.script = (message, say) => {
    sizes.push(JSON.stringify(message).length)
    usualScript(message, say)
  }
  link = open({ sessions: () => many.map((id) => ({ id: SessionId.parse(id), bytesIn: most, bytesOut: most, idleMs: most, watchers: 100, away: false })) })
  await control.until('beat', ({ sessions }) => sessions.length === 200)
  const told = control.heard.flatMap((message) => (message.type === 'beat' ? message.sessions.map(({ id }) => id) : []))
  expect(told.slice(0, 3200)).toEqual(many)
  expect(Math.max(...sizes)).toBeLessThan(maxLinkTextBytes)
})

test('keeps its identity, 0600, and refuses to replace a broken one', async () => {
  expect((await loadIdentity(folder)).publicKey).toBe(identity.publicKey)
  expect(statSync(join(folder, 'identity.pem')).mode & 0o777).toBe(0o600)
  writeFileSync(join(folder, 'identity.pem'), 'not a key')
  await expect(loadIdentity(folder)).rejects.toThrow('cannot be read')
})

test('gives control’s refusal to the asker, with its code', async () => {
  link = open()
  await up(link)
  const asked = link.ask({ ask: 'redeem', ticket: 'x', source: '::1', cols: 80, rows: 24, term: 'xterm' })
  await expect(asked.catch(codeOf)).resolves.toBe('ticket_invalid')
})

test('refuses an answer that does not fit its schema', async () => {
  control.script = (message, say) => (message.type === 'ask' ? say({ type: 'answer', id: message.id, body: { signature: 1 } }) : usualScript(message, say))
  link = open()
  await up(link)
  await expect(link.ask({ ask: 'sign', lease: session, algorithm: 'x', data: '' }).catch(codeOf)).resolves.toBe('internal')
})

test('says control_unreachable at once without a link, and when it is cut in the middle', async () => {
  control.script = (message, say) => (message.type === 'ask' ? undefined : usualScript(message, say))
  link = open()
  await expect(link.ask({ ask: 'release', lease: session }).catch(codeOf)).resolves.toBe('control_unreachable')
  await up(link)
  const asked = link.ask({ ask: 'release', lease: session }).catch(codeOf)
  await control.until('ask')
  await control.cut()
  await expect(asked).resolves.toBe('control_unreachable')
  expect(link.isUp).toBe(false)
  expect(link.apiToken).toBeUndefined()
})

test('tells reports and blocks again after a cut, in order, until they are taken', async () => {
  control.script = (message, say) => (message.type === 'hello' ? usualScript(message, say) : undefined)
  link = open()
  await up(link)
  const settled: string[] = []
  void link.report({ report: 'began', session, at: 1 }).then(() => settled.push('began'))
  void link.sendBlock(block(0), Buffer.from('frame')).then(() => settled.push('block'))
  await control.until('block')
  expect(settled).toEqual([])
  await control.cut()
  control.heard.length = 0
  control.script = usualScript
  await control.start()
  await up(link)
  await control.until('block')
  expect(control.heard.filter((message) => message.type === 'report' || message.type === 'block').map((message) => message.type)).toEqual(['report', 'block'])
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(settled.toSorted()).toEqual(['began', 'block'])
  expect(link.unsettled).toBe(0)
})

test('holds back the thirty-third block until one is taken', async () => {
  control.script = (message, say) => (message.type === 'hello' ? usualScript(message, say) : undefined)
  link = open()
  await up(link)
  const dialled = link
  const sent = Array.from({ length: 33 }, (_, index) => dialled.sendBlock(block(index), Buffer.from('frame')))
  await control.until('block', ({ index }) => index === 31)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(control.heard.some((message) => message.type === 'block' && message.index === 32)).toBe(false)
  const first = await control.until('block', ({ index }) => index === 0)
  control.say({ type: 'taken', id: first.id })
  await sent[0]
  await control.until('block', ({ index }) => index === 32)
  for (const rest of sent.slice(1)) rest.catch(() => undefined)
})

test('acts on a push with a receipt, and on the same state in every beat', async () => {
  const wish = { session, reason: 'terminated', by: 'ada', text: 'enough' }
  control.script = (message, say) =>
    message.type === 'beat' ? say({ type: 'beaten', mustEnd: [wish], settings: { recordingNotice: 'recorded' } }) : usualScript(message, say)
  link = open()
  await up(link)
  control.say({ type: 'push', id: 9, mustEnd: wish })
  expect((await control.until('receipt')).id).toBe(9)
  for (let tries = 0; wishes.length < 2 && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(wishes).toEqual([wish, wish])
  expect(link.settings).toEqual({ recordingNotice: 'recorded' })
})

test('sends a watcher away by push with a receipt, and by the same state in WELCOME and every beat', async () => {
  const leave = { watch: WatchId.parse(`wa_${'c'.repeat(24)}`), text: 'You signed out.' }
  control.script = (message, say) => {
    if (message.type === 'hello')
      return say({
        type: 'welcome',
        gateway: `gw_${'a'.repeat(24)}`,
        apiToken: 'api-token',
        mustEnd: [],
        mustLeave: [{ ...leave, text: 'welcome' }],
        settings: {},
      })
    if (message.type === 'beat') return say({ type: 'beaten', mustEnd: [], mustLeave: [{ ...leave, text: 'beat' }], settings: {} })
    return usualScript(message, say)
  }
  link = open()
  await up(link)
  control.say({ type: 'push-leave', id: 12, mustLeave: leave })
  expect((await control.until('receipt')).id).toBe(12)
  for (let tries = 0; leaves.length < 3 && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(leaves.map(({ text }) => text).toSorted()).toEqual(['You signed out.', 'beat', 'welcome'])
  expect(wishes).toEqual([])
})

test('says when permissions end with each beat, and hears where they moved: by push with a receipt, and in the answer to a beat', async () => {
  control.script = (message, say) => {
    if (message.type !== 'beat') return usualScript(message, say)
    return say({ type: 'beaten', mustEnd: [], endsAt: [{ session, endsAt: 7 }], settings: {} })
  }
  link = open({ sessions: () => [{ id: session, bytesIn: 1, bytesOut: 2, idleMs: 3, endsAt: 6 }] })
  await up(link)
  expect((await control.until('beat')).sessions).toMatchObject([{ id: session, endsAt: 6 }])
  control.say({ type: 'push-ends-at', id: 13, endsAt: { session, endsAt: null } })
  expect((await control.until('receipt')).id).toBe(13)
  for (let tries = 0; moved.length < 2 && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(moved.toSorted((one, other) => (one.endsAt ?? 0) - (other.endsAt ?? 0))).toEqual([
    { session, endsAt: null },
    { session, endsAt: 7 },
  ])
})

test('calls off probes when the link is cut, with a failure as the reason and no fault in the log', async () => {
  const faults: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line) => void faults.push(line) })
  const reasons: unknown[] = []
  const probe = (_body: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        reasons.push(codeOf(signal.reason))
        reject(signal.reason as Error)
      }),
    )
  link = open({ log, probe })
  await up(link)
  control.say({ type: 'probe', id: 3, body: { probe: 'scan', lease: `ck_${'a'.repeat(24)}`, address: 'h', port: 22, mayDialLoopback: false } })
  await new Promise((resolve) => setTimeout(resolve, 100))
  await control.cut()
  for (let tries = 0; reasons.length === 0 && tries < 200; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(reasons).toEqual(['control_unreachable'])
  expect(faults).toEqual([])
})

test('answers a probe that fails with its code', async () => {
  link = open()
  await up(link)
  control.say({ type: 'probe', id: 3, body: { probe: 'scan', lease: `ck_${'a'.repeat(24)}`, address: 'h', port: 22, mayDialLoopback: false } })
  expect(await control.until('probed')).toEqual({ type: 'probed', id: 3, failure: { code: 'host_refused', message: 'nothing listens there' } })
})

test.each([
  ['text that is no JSON', 'nonsense'],
  ['an unknown message', JSON.stringify({ type: 'dance' })],
  ['an unknown field', JSON.stringify({ type: 'taken', id: 1, more: true })],
  ['a binary message', Buffer.from('x')],
])('hangs up on %s and dials again', async (_name, raw) => {
  link = open()
  await up(link)
  control.heard.length = 0
  control.sayRaw(raw)
  expect((await control.until('hello')).sessions).toEqual([session])
})
