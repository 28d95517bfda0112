import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Admission, Hop } from '#domain/admission.ts'
import { Failure } from '#domain/failure.ts'
import type { FarExit } from '#session/far.ts'
import { freePort } from '../../../test/harness/free-port.ts'
import { startHostileHost } from '../../../test/harness/hostile-host.ts'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { waitUntil } from '../../../test/harness/wait.ts'
import { check, look, scan } from '../probe.ts'
import { dialFar } from './dial.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson, testSession, type PlayedLink } from './test-asks.ts'

let far: TestSshd
let first: TestSshd
let second: TestSshd
let closed: TestSshd
beforeAll(async () => {
  ;[far, first, second, closed] = await Promise.all([startSshd(), startSshd(), startSshd(), startSshd({ config: ['AllowTcpForwarding no'] })])
}, 60_000)
afterAll(async () => {
  await Promise.all([far, first, second, closed].map((sshd) => sshd?.stop()))
})

const never = new AbortController().signal
const keysOf = (sshd: TestSshd) => Object.values(sshd.hostKeys).map((key) => hostKeyFromLine(key.publicKey))
const target = (sshd: TestSshd) => ({ address: sshd.host, port: sshd.port, username: sshd.user })
const hop = (sshd: TestSshd, name: string, part: Partial<Hop> = {}): Hop => ({
  asset: { id: `as_${name}`, name },
  target: target(sshd),
  auth: { kind: 'password' },
  hostKeys: keysOf(sshd),
  mayDialLoopback: true,
  ...part,
})
const admission = (via: Hop[], part: Partial<Admission> = {}) => admissionFor(target(far), { asset: { name: 'db1' }, hostKeys: keysOf(far), via, ...part })
const linkTo = (passwords: Partial<Record<number | 'end', string>> = {}) => {
  const asked: string[] = []
  const link = playLink({ password: far.password ?? '' })
  const played: PlayedLink = {
    ...link,
    asked,
    release: (lease, signal, at) => {
      asked.push(`release ${at ?? 'end'}`)
      return playLink({ password: passwords[at ?? 'end'] ?? far.password ?? '' }).release(lease, signal)
    },
    judgeHostKey: (lease, offered, signal, at) => {
      asked.push(`judge ${at ?? 'end'}`)
      return link.judgeHostKey(lease, offered, signal)
    },
  }
  return played
}

async function dial(wanted: Admission, link = linkTo(), person = playPerson(() => null), accepted?: (host: string) => void) {
  const size = { cols: 80, rows: 24 }
  const dialled = await dialFar({
    admission: wanted,
    link,
    prompter: person,
    size,
    term: 'xterm',
    listeners: [],
    signal: never,
    ...(accepted ? { accepted } : {}),
  })
  let text = ''
  let bytes = 0
  const ended = new Promise<{ exit: FarExit | undefined; cause: unknown }>((resolve) => {
    dialled.far.on = {
      output: (chunk) => {
        bytes += chunk.length
        text = (text + Buffer.from(chunk).toString('latin1')).slice(-20_000)
      },
      room: () => {},
      closed: (exit, cause) => resolve({ exit, cause }),
    }
  })
  dialled.far.resume()
  return { far: dialled.far, text: () => text, bytes: () => bytes, ended, type: (line: string) => dialled.far.write(Buffer.from(line)) }
}
async function failureOf(act: Promise<unknown>): Promise<Failure> {
  const cause = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (cause instanceof Failure) return cause
  throw new Error(`not a failure: ${String(cause)}`)
}
const nobodyOn = (...hosts: TestSshd[]) =>
  waitUntil('every connection to be closed', () => hosts.every((sshd) => sshd.sessionPids().length === 0), { withinMs: 8000 })

describe('a shell through other hosts', () => {
  it('goes through one and through two, asking for the credential of each, and leaves nothing behind', async () => {
    for (const [via, asked] of [
      [[hop(first, 'web1')], ['release 0', 'release end']],
      [
        [hop(first, 'web1'), hop(second, 'web2')],
        ['release 0', 'release 1', 'release end'],
      ],
    ] as const) {
      const link = linkTo()
      const shell = await dial(admission([...via]), link)
      shell.type('stty -echo; echo "via=$((40+2))"; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo "over=$((1+1))"; exit 5\n')
      expect(await shell.ended).toEqual({ exit: { exitStatus: 5 }, cause: undefined })
      expect(shell.bytes()).toBeGreaterThan(3_000_000)
      expect(shell.text()).toContain('over=2')
      expect(link.asked).toEqual(asked)
      await nobodyOn(far, first, second)
    }
    expect(first.log()).not.toMatch(/Starting session/)
  })

  it('takes what is typed as fast as the host reads it, and stands still when nobody takes its output', async () => {
    const shell = await dial(admission([hop(first, 'web1'), hop(second, 'web2')]))
    shell.type('stty raw -echo; echo "rea""dy"; head -c 2000000 | sha256sum; exit\n')
    await waitUntil('the shell to read', () => shell.text().includes('ready'))
    const typed = Buffer.alloc(2_000_000, 'y')
    for (let at = 0; at < typed.length; at += 50_000) shell.far.write(typed.subarray(at, at + 50_000))
    expect((await shell.ended).exit).toEqual({ exitStatus: 0 })
    expect(shell.text()).toContain('2db20dee0800b36a')
    const flood = await dial(admission([hop(first, 'web1')]))
    flood.type('yes\n')
    await waitUntil('the flood to begin', () => flood.bytes() > 1_000_000)
    flood.far.pause()
    const before = flood.bytes()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(flood.bytes() - before).toBeLessThanOrEqual(1024 * 1024)
    flood.far.resume()
    await waitUntil('the flood to go on', () => flood.bytes() > before + 4_000_000)
    flood.far.close()
    await nobodyOn(far, first, second)
  })

  it('ends as a lost host when one on the way is gone, naming it', async () => {
    const shell = await dial(admission([hop(first, 'web1'), hop(second, 'web2')]))
    shell.type('echo "up=$((1+1))"\n')
    await waitUntil('the shell', () => shell.text().includes('up=2'))
    second.cutSessions()
    const { exit, cause } = await shell.ended
    expect(exit).toBeUndefined()
    expect(cause).toMatchObject({ message: expect.stringMatching(/^Reaching db1 through web2: /) as string })
    await nobodyOn(far, first, second)
  })
})

describe('what is wrong on the way', () => {
  it('is said with the name of the host and its code, and nothing further is dialled', async () => {
    const cases: [Hop[], string, RegExp, PlayedLink?][] = [
      [[hop(first, 'web1', { target: { ...target(first), port: await freePort() } })], 'host_refused', /^Reaching db1 through web1: .*nothing listens/],
      [[hop(first, 'web1', { hostKeys: [hostKeyFromLine(first.strangerKey.publicKey)] })], 'host_key_changed', /^Reaching db1 through web1: /],
      [[hop(first, 'web1', { hostKeys: [] })], 'host_key_unknown', /^Reaching db1 through web1: /],
      [[hop(first, 'web1')], 'auth_failed', /^Reaching db1 through web1: The host does not accept the password/, linkTo({ 0: 'wrong' })],
      [[hop(first, 'web1'), hop(second, 'web2')], 'auth_failed', /^Reaching db1 through web2: /, linkTo({ 1: 'wrong' })],
      [[hop(closed, 'shut')], 'channel_refused', /^Reaching db1 through shut: .*AllowTcpForwarding/],
      [[hop(first, 'web1'), hop(closed, 'shut')], 'channel_refused', /^Reaching db1 through shut: /],
      [[hop(first, 'web1'), hop(second, 'web2', { target: { ...target(second), port: await freePort() } })], 'host_refused', /^Reaching web2 through web1: /],
      [[hop(first, 'web1'), hop(second, 'web2', { target: { ...target(second), address: '169.254.169.254' } })], 'address_not_allowed', /169\.254/],
    ]
    for (const [via, code, words, link = linkTo()] of cases) {
      const failure = await failureOf(dial(admission(via), link))
      expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)])
      expect(link.asked).not.toContain('release end')
    }
    await nobodyOn(far, first, second, closed)
  })

  it('is not blamed on the way when it is the host at the end', async () => {
    const failure = await failureOf(dial(admission([hop(first, 'web1')]), linkTo({ end: 'wrong' })))
    expect([failure.code, failure.message, failure.detail?.['hop']]).toEqual(['auth_failed', expect.stringMatching(/^The host does not accept/), undefined])
    const hostile = await startHostileHost('http')
    const strange = await failureOf(dial(admission([hop(first, 'web1')], { target: { ...target(far), port: hostile.port } })))
    expect(strange.code).toBe('host_not_ssh')
    await hostile.stop()
    await nobodyOn(far, first)
  })

  it('never leads to Sallyport’s own listeners', async () => {
    const listeners = [{ host: '127.0.0.1', port: far.port }]
    const size = { cols: 80, rows: 24 }
    const dialling = dialFar({
      admission: admission([hop(first, 'web1')]),
      link: linkTo(),
      prompter: playPerson(() => null),
      size,
      term: 'xterm',
      listeners,
      signal: never,
    })
    expect(await failureOf(dialling)).toMatchObject({ code: 'address_not_allowed', detail: { why: 'own-listener' } })
    await nobodyOn(first)
  })
})

describe('a host on the way', () => {
  it('asks the person for a password by its name', async () => {
    const person = playPerson(() => [first.password ?? ''])
    const shell = await dial(admission([hop(first, 'web1', { auth: { kind: 'ask' } })]), linkTo(), person)
    expect(person.questions).toEqual([{ kind: 'password', account: first.user, address: first.host, hop: 'web1' }])
    shell.far.close()
  })

  it('whose key is accepted for this once is told to the person', async () => {
    const link = linkTo()
    link.judgeHostKey = () => Promise.resolve({ verdict: 'accepted', trusted: [] })
    const told: string[] = []
    const shell = await dial(admission([hop(first, 'web1', { hostKeys: [] })]), link, undefined, (host) => told.push(host))
    expect(told).toEqual(['web1'])
    shell.far.close()
    await nobodyOn(far, first)
  })
})

describe('looking at hosts behind others', () => {
  const place = (sshd: { host: string; port: number }) => ({ address: sshd.host, port: sshd.port, mayDialLoopback: false })
  const context = () => ({ link: linkTo(), listeners: [], signal: never })

  it('scans and checks them over one way', async () => {
    const via = [hop(first, 'web1')]
    const scanning = context()
    const keys = await scan({ probe: 'scan', lease: testSession, via, ...place(far) }, scanning)
    expect(keys.map((key) => key.fingerprint).toSorted()).toEqual(
      keysOf(far)
        .map((key) => key.fingerprint)
        .toSorted(),
    )
    expect(scanning.link.asked).toEqual(['release 0'])
    const probe = {
      probe: 'check' as const,
      lease: testSession,
      via,
      ...place(far),
      username: far.user,
      auth: { kind: 'password' as const },
      hostKeys: keysOf(far),
    }
    expect((await check(probe, context())).map(({ step, ok }) => [step, ok])).toEqual([
      ['reach', true],
      ['key', true],
      ['sign-in', true],
    ])
    expect(await check({ ...probe, via: [hop(first, 'web1', { hostKeys: [] })] }, context())).toMatchObject([
      { step: 'reach', ok: false, failure: 'host_key_unknown' },
    ])
    await nobodyOn(far, first)
  })

  it('sees which of them answer, one sign-in for all', async () => {
    const http = await startHostileHost('http')
    const silent = await startHostileHost('silence')
    const targets = [far, { host: '127.0.0.1', port: await freePort() }, http, second, silent].map(place)
    const looking = context()
    const looks = await look({ probe: 'reach', lease: testSession, via: [hop(first, 'web1')], targets }, looking)
    expect(looks).toMatchObject([
      { ok: true },
      { ok: false, failure: 'host_refused' },
      { ok: false, failure: 'host_not_ssh' },
      { ok: true },
      { ok: false, failure: 'host_timeout' },
    ])
    expect(looking.link.asked).toEqual(['release 0'])
    const lost = await look(
      { probe: 'reach', lease: testSession, via: [hop(closed, 'shut', { target: { ...target(closed), port: await freePort() } })], targets },
      context(),
    )
    expect(new Set(lost.map((one) => (one.ok ? 'ok' : one.failure)))).toEqual(new Set(['host_refused']))
    await Promise.all([http.stop(), silent.stop(), nobodyOn(far, first, second)])
  })

  it('needs no way for those that are dialled', async () => {
    const looks = await look({ probe: 'reach', lease: testSession, targets: [{ ...place(far), mayDialLoopback: true }, place(far)] }, context())
    expect(looks).toMatchObject([{ ok: true }, { ok: false, failure: 'address_not_allowed' }])
  })
})
