import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { startHostileHost, type Misbehaviour } from '../../../test/harness/hostile-host.ts'
import { scan } from '../probe.ts'
import { dialFar } from './dial.ts'
import { greet as greetLine } from './greet.ts'
import { reach, type Listeners } from './reach.ts'
import { admissionFor, playLink, playPerson, testSession } from './test-asks.ts'

const never = new AbortController().signal
async function failureOf(act: Promise<unknown>): Promise<Failure> {
  try {
    await act
  } catch (cause) {
    if (cause instanceof Failure) return cause
    throw cause
  }
  throw new Error('nothing was thrown')
}
const options = { listeners: [], mayDialLoopback: true, hostKeyTypes: [], signal: never }
const greet = async (
  target: { address: string; port: number },
  how: { listeners: Listeners; mayDialLoopback: boolean; hostKeyTypes: string[]; signal: AbortSignal },
) => greetLine(await reach(target, how), how)

describe('a peer that is no SSH host', () => {
  it.each<[Misbehaviour, string]>([
    ['garbage', 'host_not_ssh'],
    ['http', 'host_not_ssh'],
    ['hang-up', 'host_not_ssh'],
    ['reset', 'host_not_ssh'],
    ['huge-banner', 'host_banner_too_large'],
    ['endless-line', 'host_banner_too_large'],
    ['garbage-after-identification', 'host_protocol_error'],
    ['huge-packet', 'host_protocol_error'],
    // Its bytes are zeros: a packet of no length.
    ['drip', 'host_protocol_error'],
  ])('%s is %s at once and in little memory', async (misbehaviour, code) => {
    const host = await startHostileHost(misbehaviour)
    try {
      const before = process.memoryUsage().rss
      const started = performance.now()
      expect((await failureOf(greet({ address: host.host, port: host.port }, options))).code).toBe(code)
      // Far from the 15 s after which silence alone is given up.
      expect(performance.now() - started).toBeLessThan(10_000)
      expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024)
    } finally {
      await host.stop()
    }
  })

  it.each<Misbehaviour>(['silence'])(
    '%s is host_timeout after 15 s',
    async (misbehaviour) => {
      const host = await startHostileHost(misbehaviour)
      try {
        const started = performance.now()
        expect((await failureOf(greet({ address: host.host, port: host.port }, options))).code).toBe('host_timeout')
        expect(performance.now() - started).toBeLessThan(20_000)
        await expect.poll(() => host.open(), { timeout: 10_000 }).toBe(0)
      } finally {
        await host.stop()
      }
    },
    40_000,
  )

  it('is left as soon as the dial is given up', async () => {
    const host = await startHostileHost('silence')
    const abort = new AbortController()
    const dial = greet({ address: host.host, port: host.port }, { ...options, signal: abort.signal })
    setTimeout(() => abort.abort(new Failure('shutting_down', 'bye')), 100)
    expect((await failureOf(dial)).code).toBe('shutting_down')
    await expect.poll(() => host.open(), { timeout: 10_000 }).toBe(0)
    await host.stop()
  })
})

describe('where nothing is dialled', () => {
  it('refuses forbidden addresses without a connection, after the name was resolved too', async () => {
    const host = await startHostileHost('silence')
    for (const [address, part] of [
      ['127.0.0.1', { mayDialLoopback: false }],
      ['localhost', { mayDialLoopback: false }],
      ['::ffff:127.0.0.1', { mayDialLoopback: false }],
      ['127.0.0.1', { listeners: [{ host: '127.0.0.1', port: host.port }] }],
      ['localhost', { listeners: [{ host: '0.0.0.0', port: host.port }] }],
      ['169.254.169.254', {}],
      ['0.0.0.0', {}],
    ] as const)
      expect((await failureOf(greet({ address, port: host.port }, { ...options, ...part }))).code).toBe('address_not_allowed')
    expect(host.taken()).toBe(0)
    await host.stop()
  })

  it('tells a closed port and an unknown name apart', async () => {
    const host = await startHostileHost('silence')
    await host.stop()
    expect((await failureOf(greet({ address: '127.0.0.1', port: host.port }, options))).code).toBe('host_refused')
    expect((await failureOf(greet({ address: 'no-such-name.invalid', port: 22 }, options))).code).toBe('host_unreachable')
  })
})

const beforeTerminal = [
  ['channel-before-sign-in', 'host_protocol_error'],
  ['request-before-sign-in', 'host_protocol_error'],
  ['success-before-asking', 'host_protocol_error'],
  ['extensions-without-end', 'host_protocol_error'],
  ['noise-before-sign-in', 'host_protocol_error'],
  ['banners-without-end', 'host_banner_too_large'],
  ['packets-of-zero', 'host_protocol_error'],
  ['session-refused', 'channel_refused'],
  ['terminal-refused', 'channel_refused'],
  ['shell-refused', 'channel_refused'],
] as const
const inTerminal = [
  'data-past-window',
  'stderr-past-window',
  'packet-too-large',
  'data-after-eof',
  'data-for-another-channel',
  'window-overflow',
  'auth-failure-after-sign-in',
  'unasked-reply',
  'requests-without-end',
  'rekeys-without-end',
  'another-key-at-rekey',
]
const misbehaviours = [...beforeTerminal.map(([name]) => name), ...inTerminal, 'prompts-without-end', 'prompts-by-the-thousand', 'silent-at-sign-in']

let child: ChildProcess
const ports = new Map<string, number>()
beforeAll(async () => {
  child = spawn(process.execPath, [fileURLToPath(new URL('../../ssh/hostile-ssh-host.fixture.ts', import.meta.url)), ...misbehaviours], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()))
    child.once('exit', () => reject(new Error('the hosts ended')))
  })
  for (const [at, port] of (JSON.parse(line) as number[]).entries()) ports.set(misbehaviours[at] ?? '', port)
})
afterAll(() => void child.kill('SIGKILL'))
const startBreaker = (misbehaviour: string): number => ports.get(misbehaviour) ?? 0
const dialBreaker = (misbehaviour: string, person = playPerson(() => null), auth: 'ask' | 'password' = 'password') => {
  const port = startBreaker(misbehaviour)
  const link = playLink({ password: 'secret password' })
  const admission = admissionFor({ address: '127.0.0.1', port, username: 'root' }, { mayTrustHostKey: true, auth: { kind: auth } })
  // Everyone trusts this host's key: what it does afterwards is the subject.
  link.judgeHostKey = () => Promise.resolve({ verdict: 'trusted', trusted: [] })
  return { link, dialled: dialFar({ admission, link, prompter: person, size: { cols: 80, rows: 24 }, term: 'xterm', listeners: [], signal: never }) }
}

describe('an SSH host that breaks the protocol', () => {
  it.each(beforeTerminal)('%s is %s before the terminal opens', async (misbehaviour, code) => {
    const { dialled, link } = dialBreaker(misbehaviour)
    expect((await failureOf(dialled)).code).toBe(code)
    if (misbehaviour.endsWith('before-sign-in') || misbehaviour === 'success-before-asking') expect(link.asked).not.toContain('sign')
  })

  it('may not prompt for ever, nor by the thousand', async () => {
    const person = playPerson(() => ['answer'])
    const { dialled } = dialBreaker('prompts-without-end', person, 'ask')
    expect(['auth_failed', 'host_protocol_error']).toContain((await failureOf(dialled)).code)
    expect(person.questions.length).toBeLessThanOrEqual(10)
    const thousand = dialBreaker('prompts-by-the-thousand', person, 'ask')
    expect((await failureOf(thousand.dialled)).code).toBe('host_protocol_error')
  })

  it.each(inTerminal)(
    '%s cuts the connection, holds at most the window, and releases no credential again',
    async (misbehaviour) => {
      // Nobody reads for a while: the window is all that may come. On a busy machine the host may be so late that all it sends is read by then and breaks nothing.
      for (const [pauseMs, patienceMs] of [
        [200, 5000],
        [2000, 10_000],
        [8000, 60_000],
      ] as const) {
        const { dialled, link } = dialBreaker(misbehaviour)
        const { far } = await dialled
        let bytes = 0
        const before = process.memoryUsage().rss
        const closed = new Promise<{ exit: unknown; cause: unknown }>((resolve) => {
          far.on = { output: (chunk) => (bytes += chunk.length), room: () => {}, closed: (exit, cause) => resolve({ exit, cause }) }
        })
        await pause(pauseMs)
        expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
        far.resume()
        const end = await Promise.race([closed, pause(patienceMs)])
        expect(link.asked).toEqual(['release'])
        if (end === undefined && pauseMs < 8000) {
          far.close()
          continue
        }
        expect(end).toEqual({ exit: undefined, cause: expect.objectContaining({ code: 'host_protocol_error' }) })
        expect(bytes).toBeLessThanOrEqual(512 * 1024)
        return
      }
    },
    120_000,
  )

  it('is scanned without signing in', async () => {
    const port = startBreaker('silent-at-sign-in')
    const keys = await scan(
      { probe: 'scan', lease: testSession, address: '127.0.0.1', port, mayDialLoopback: true },
      { link: playLink({}), listeners: [], signal: never },
    )
    expect(keys.map((key) => key.type)).toEqual(['ssh-rsa'])
  })
})
