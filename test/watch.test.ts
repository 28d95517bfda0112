// Watching over the protocol: a screen and then the tail, never a key, and at no cost to the one who works.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, openLive, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { Person, picture } from './harness/scripted-hour.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import type { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

const mib = 1024 * 1024
let sshd: TestSshd
let product: Product
let api: ApiClient
let auditor: ApiClient
let host: SavedHost
beforeAll(async () => {
  // One gateway, whose memory is looked at.
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ gateways: 1 })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  auditor = await addOperator(product, 'grace', 'Grace', 'auditor')
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

async function open(): Promise<{ owner: TerminalClient; session: string }> {
  const owner = await openTerminal(product, api, host)
  const { session } = await owner.waitForWelcome()
  owner.send("PS1='$ '; stty -echo; echo begun-$((40+2))\n")
  await owner.waitFor('begun-42')
  await waitUntil('it to be live', async () => (await findSession(api, session)).state === 'live')
  return { owner, session }
}
async function watch(session: string, options: { acknowledges?: boolean } = {}): Promise<TerminalClient> {
  const watcher = await openLive(product, auditor, 'watch', session, { cookie: auditor.cookie, ...options })
  expect(await watcher.waitForWelcome()).toMatchObject({ session, readOnly: true, key: '' })
  return watcher
}
async function end(owner: TerminalClient): Promise<void> {
  owner.send('exit 0\n')
  await owner.waitForEnded()
}
const kinds = (client: TerminalClient) => client.frames.map(({ kind }) => kind)
/** In its screens and behind them. */
const seen = (client: TerminalClient) => [...client.screens.map(({ text }) => Buffer.from(text).toString()), client.text].join('')
const rssBytes = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${product.gatewayPids()[0] ?? 0}/status`, 'latin1'))?.[1]) * 1024

describe('a watcher sees', () => {
  it('the screen first, whatever stands on it, and then the tail: what the owner sees, in its sizes', async () => {
    const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
    const owner = new Person(product.url, undefined, ticket)
    await owner.awaits('the terminal', () => owner.stream.state === 'open')
    await owner.type(
      "PS1='$ '; clear; printf '\\033[1;31mred \\033[0;44mblue\\033[0m \\344\\270\\226\\347\\225\\214\\n'; seq 200; printf '\\033[5;40Hhere'; echo done-$((1+1))\n",
    )
    await owner.sees('done-2')
    await waitUntil('it to be live', async () => (await findSession(api, owner.session)).state === 'live')
    const asked = await auditor.call<{ ticket: string }>('POST', '/tickets', { kind: 'watch', session: owner.session })
    const watcher = new Person(product.url, auditor.cookie, asked.ticket, owner.session)
    const sameAfter = async (wanted: string) => {
      await owner.sees(wanted)
      await watcher.awaits(`the same picture after ${wanted}`, () => JSON.stringify(picture(watcher.screen)) === JSON.stringify(picture(owner.screen)))
      expect([watcher.screen.cols, watcher.screen.rows]).toEqual([owner.screen.cols, owner.screen.rows])
    }
    await sameAfter('done-2')
    expect(watcher.screens).toBe(1)
    await owner.type("printf '\\033[?1049h\\033[2J\\033[3;3H\\033[7malternate\\033[0m'; echo; echo in-$((2+2))\n")
    await sameAfter('in-4')
    owner.resize(70, 20)
    await owner.type('stty size; echo sized-$((3+3))\n')
    await sameAfter('sized-6')
    expect(watcher.text).toContain('20 70')
    await owner.type("printf '\\033[?1049l'; echo back-$((4+4))\n")
    await sameAfter('back-8')
    expect(watcher.screens).toBe(1)
    await owner.type('exit 7\n')
    await owner.awaits('the end', () => owner.ended !== undefined)
    await watcher.awaits('the end', () => watcher.ended !== undefined)
    expect(watcher.ended).toEqual(owner.ended)
    expect(watcher.ended).toMatchObject({ reason: 'exited', exitStatus: 7 })
  })

  it('of a flood at most two screens a second, and its end', async () => {
    const { owner, session } = await open()
    const watcher = await watch(session)
    await waitUntil('the first screen', () => watcher.screens.length === 1)
    const began = performance.now()
    owner.clear()
    owner.send('timeout 4 yes; clear; echo over-$((5+5))\n')
    await owner.waitFor('over-10', 60_000)
    const seconds = (performance.now() - began) / 1000
    await waitUntil('the watcher to see it', () => seen(watcher).includes('over-10'))
    expect(watcher.screens.length).toBeGreaterThan(2)
    expect(watcher.screens.length).toBeLessThanOrEqual(Math.ceil(seconds) * 2 + 3)
    expect(owner.received).toBeGreaterThan(4 * mib)
    // Screens and bursts in place of the stream.
    expect(watcher.text.length).toBeLessThan(owner.received / 2)
    await end(owner)
  })

  it('nothing while it is hidden, then a screen; and hears of the end also while hidden', async () => {
    const { owner, session } = await open()
    const watcher = await watch(session)
    await waitUntil('the first screen', () => watcher.screens.length === 1)
    watcher.hide()
    owner.send('echo unseen-$((6+6))\n')
    await owner.waitFor('unseen-12')
    // What was sent before HIDDEN arrived has arrived with the answer to this.
    watcher.raw(Uint8Array.of(0x7e, 0, 0, 0, 1))
    await waitUntil('PONG', () => kinds(watcher).includes('pong'))
    const { length } = watcher.text
    owner.send('seq 1000; echo later-$((7+7))\n')
    await owner.waitFor('later-14')
    expect(watcher.text.length).toBe(length)
    expect(watcher.screens).toHaveLength(1)
    watcher.hide(false)
    await waitUntil('another screen', () => watcher.screens.length === 2)
    expect(Buffer.from(watcher.screens[1]?.text ?? []).toString()).toContain('later-14')
    watcher.hide()
    await end(owner)
    expect(await watcher.waitForEnded()).toMatchObject({ reason: 'exited', exitStatus: 0 })
  })
})

describe('a watcher cannot', () => {
  it('type or resize: INPUT is the fault read_only, RESIZE says nothing to the host (AUTHZ-12)', async () => {
    const { owner, session } = await open()
    const watcher = await watch(session)
    await waitUntil('the first screen', () => watcher.screens.length === 1)
    watcher.resize(33, 11)
    // A focus report, as an emulator sends one by itself.
    watcher.send('\x1b[I')
    expect(await watcher.waitForEnded()).toMatchObject({ failure: 'read_only' })
    expect((await watcher.waitForClose()).code).toBe(4002)
    const { bytesIn } = (await findSession(api, session)) as unknown as { bytesIn: number }
    owner.send('stty size; echo still-$((8+8))\n')
    await owner.waitFor('24 80')
    await owner.waitFor('still-16')
    expect(kinds(owner)).not.toContain('ended')
    await end(owner)
    // Every byte that reached the host was the owner's.
    expect(owner.taken).toBe(owner.inputOffset)
    expect(bytesIn).toBeLessThanOrEqual(owner.inputOffset)
  })

  it('watch without the right: an administrator without mayWatch, and a member, are told of no such session', async () => {
    const { owner, session } = await open()
    for (const [username, role] of [
      ['linus', 'admin'],
      ['bob', 'member'],
    ] as const) {
      const other = await addOperator(product, username, username, role)
      await expect(other.call('POST', '/tickets', { kind: 'watch', session })).rejects.toThrow(/404 session_not_found/)
    }
    await end(owner)
  })
})

it('the owner sees names come and go, also on the next connection', async () => {
  const { owner, session } = await open()
  const first = await watch(session)
  await waitUntil('the name', () => owner.watchers.join() === 'Grace')
  const second = await watch(session)
  await waitUntil('both', () => owner.watchers.join() === 'Grace,Grace')
  const back = await openLive(product, api, 'attach', session)
  await waitUntil('both on another device', () => back.watchers.join() === 'Grace,Grace')
  first.close()
  await waitUntil('one', () => back.watchers.join() === 'Grace')
  second.cut()
  await waitUntil('nobody', () => back.watchers.length === 0)
  await end(back)
})

it('a hundred watch one session, and the next is refused in words', async () => {
  const { owner, session } = await open()
  const watchers: TerminalClient[] = []
  // Tickets by tens: fifty strangers of one address may wait at once.
  while (watchers.length < 100) watchers.push(...(await Promise.all(Array.from({ length: 10 }, () => watch(session)))))
  await waitUntil('a hundred names', () => owner.watchers.length === 100)
  const late = await openLive(product, auditor, 'watch', session, { cookie: auditor.cookie })
  expect(await late.waitForEnded()).toMatchObject({
    failure: 'too_many_watchers',
    message: expect.stringMatching(/100 people watch this session already/) as string,
  })
  expect((await late.waitForClose()).code).toBe(4004)
  owner.send('echo for-all-$((9+9))\n')
  await owner.waitFor('for-all-18')
  await waitUntil('all to see it', () => watchers.every((watcher) => seen(watcher).includes('for-all-18')), { withinMs: 30_000 })
  watchers.pop()?.close()
  await waitUntil('one to have gone', () => owner.watchers.length === 99)
  watchers.push(await watch(session))
  await end(owner)
  const ends = await Promise.all(watchers.map((watcher) => watcher.waitForEnded(30_000)))
  expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(['exited']))
})

it('watchers that stop reading, or never acknowledge, cost the owner nothing and the gateway little', async () => {
  const { owner, session } = await open()
  const flood = async (name: string) => {
    const began = performance.now()
    let peak = 0
    const looks = setInterval(() => (peak = Math.max(peak, rssBytes())), 50)
    owner.send(`head -c ${24 * mib} /dev/zero | tr '\\0' 'x'; echo; echo ${name}-$((20+20))\n`)
    await owner.waitFor(`${name}-40`, 60_000)
    clearInterval(looks)
    owner.clear()
    return { ms: performance.now() - began, peak }
  }
  await flood('warm')
  const alone = await flood('alone')
  const stalled = await Promise.all(Array.from({ length: 10 }, () => watch(session)))
  for (const watcher of stalled) watcher.stall()
  const silent = await Promise.all(Array.from({ length: 10 }, () => watch(session, { acknowledges: false })))
  await waitUntil('their screens', () => silent.every(({ screens }) => screens.length === 1))
  const watched = await flood('watched')
  // A busy machine doubles a time by itself; a watcher that held the host would hold it for good.
  expect(watched.ms).toBeLessThan(alone.ms * 3 + 1000)
  expect(watched.peak - alone.peak).toBeLessThan(20 * 4 * mib)
  for (const watcher of silent) {
    expect(watcher.screens).toHaveLength(1)
    expect(watcher.text.length).toBeLessThan(512 * 1024)
    expect(watcher.closed).toBeUndefined()
  }
  const [late] = silent
  late?.acknowledge()
  await waitUntil('a screen of the present', () => (late?.screens.at(-1)?.offset ?? 0) >= owner.received - 64 * 1024)
  await end(owner)
})
