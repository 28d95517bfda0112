// Terminals that flood, people who do not read, clients that ask without end: what it costs them, and nobody else (DOS-07 to DOS-09). The large counts are in `test/long/`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeOffset, encodePing, encodeSize } from '#wire/terminal.ts'
import type { ApiClient } from './harness/api-client.ts'
import { costOfStalledReaders, slowestEchoes, startFloods } from './harness/floods.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--grace-seconds', '60'] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const mib = 1024 * 1024

it('a stalled reader of a flood costs at most 4 MB and keeps its session', async () => {
  const { perReader, live } = await costOfStalledReaders(product, api, host, 20)
  expect(perReader).toBeLessThan(4 * mib)
  expect(live).toBe(20)
})

it('whoever types feels at most 50 ms of floods in four other sessions', { timeout: 400_000 }, async () => {
  const floods = await startFloods(product, api, host, 4)
  try {
    const terminal = await openTerminal(product, api, host)
    await terminal.waitForWelcome(60_000)
    terminal.send("PS1=''; cat >/dev/null\n")
    await terminal.waitFor('cat >/dev/null\r\n', 30_000)
    expect(await slowestEchoes(terminal, 60)).toBeLessThan(50)
  } finally {
    await floods.stop()
  }
})

describe('a client that asks without end', () => {
  it('has at most ten resizes a second reach the host, and the last one counts', async () => {
    const terminal = await openTerminal(product, api, host)
    const { session } = await terminal.waitForWelcome()
    terminal.send("PS1=''; trap 'echo winch' WINCH; echo ready-$((1+1))\n")
    await terminal.waitFor('ready-2')
    const from = performance.now()
    for (let count = 0; count < 3500; count += 1) terminal.resize(60 + (count % 90), 20 + (count % 30))
    terminal.resize(111, 33)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    terminal.send('stty size\n')
    await terminal.waitFor('33 111')
    const seconds = (performance.now() - from) / 1000
    terminal.send('exit\n')
    await terminal.waitForEnded()
    expect(terminal.text.split('winch\r\n').length - 1).toBeLessThanOrEqual(10 * seconds + 1)
    await waitUntil('the recording', async () => (await findSession(api, session)).recording?.state === 'intact', { withinMs: 60_000 })
    const recorded = (await download(api, session, 'v3')).split('\n').filter((line) => /^\[[\d.]+, ?"r"/.test(line))
    expect(recorded.length).toBeLessThanOrEqual(10 * seconds + 1)
    expect(recorded.at(-1)).toContain('111x33')
  })

  it.each([
    ['resizes', () => encodeSize('resize', 80, 24)],
    ['acknowledgements of nothing', () => encodeOffset('ack', 0)],
    ['pings', () => encodePing('ping', 1)],
    ['input of one byte', () => Uint8Array.of(0x11, 0x0a)],
  ])('is ended after ten thousand %s at once', async (_what, frame) => {
    const terminal = await openTerminal(product, api, host)
    await terminal.waitForWelcome()
    for (let count = 0; count < 10_000; count += 1) terminal.raw(frame())
    expect(await terminal.waitForEnded()).toMatchObject({ failure: 'input_too_fast' })
    expect((await terminal.waitForClose()).code).toBe(4002)
  })
})
