// A session is reached through any gateway of the machine: one that is not its own relays, and asks nobody.
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openLive, openTerminal, saveHost, type SavedHost, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { TerminalClient, UpgradeRefused } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let terminal: TerminalClient
let session: string

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--log-level', 'debug'] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})
beforeEach(async () => {
  terminal = await openTerminal(product, api, host)
  session = (await terminal.waitForWelcome()).session
  terminal.send("PS1=''; stty -echo; echo ready-$((1+1))\n")
  await terminal.waitFor('ready-2')
})

const relayed = () =>
  product
    .stderr()
    .split('\n')
    .filter((line) => line.includes('is relayed') && line.includes(session)).length

/** Connects again and again, since the kernel chooses the gateway, until one that is not the session's has relayed. */
async function throughTheOther(
  connect: () => Promise<TerminalClient>,
  between: (direct: TerminalClient) => void = (direct) => direct.cut(),
): Promise<TerminalClient> {
  for (let tries = 0; tries < 60; tries += 1) {
    const before = relayed()
    const client = await connect()
    await client.waitForWelcome()
    // Its line is written before the answer is passed on; the pipe to this process may be slower.
    await waitUntil('the log', () => relayed() > before, { withinMs: 200, everyMs: 5 }).catch(() => undefined)
    if (relayed() > before) return client
    between(client)
  }
  throw new Error('the kernel gave 60 connections to one gateway')
}
/** Cuts what there is, and resumes through the gateway that does not hold the session. */
function resumeThroughTheOther(): Promise<TerminalClient> {
  let last = terminal
  last.cut()
  return throughTheOther(
    async () => (last = await TerminalClient.connect({ url: product.url, resume: last.resume })),
    (direct) => direct.cut(),
  )
}

it('types, shows and ends through the other gateway, and nothing is lost or doubled', async () => {
  const shown = [terminal.bytes]
  const back = await resumeThroughTheOther()
  expect(back.welcome).toMatchObject({ session, outputOffset: shown[0]?.length })
  for (let key = 0; key < 50; key += 1) {
    back.send(`echo typed-${key}-$((${key}+1))\n`)
    await back.waitFor(`typed-${key}-${key + 1}`)
  }
  back.send('head -c 5000000 /dev/zero | tr "\\0" x; echo; echo poured-$((1+1))\n')
  await back.waitFor('poured-2')
  back.send('exit\n')
  expect((await back.waitForEnded()).reason).toBe('exited')
  expect((await back.waitForClose()).code).toBe(1000)
  shown.push(back.bytes)
  await waitUntil('the recording to be sealed', async () => (await findSession(api, session)).recording?.state === 'intact', { withinMs: 20_000 })
  expect(shownBytes(await download(api, session, 'v3')).equals(Buffer.concat(shown))).toBe(true)
})

it('needs no control: it hangs while the session is taken up, and is killed while it is typed', async () => {
  const before = product.controlPids()
  expect(before.length).toBeGreaterThan(0)
  for (const pid of before) process.kill(pid, 'SIGSTOP')
  let back: TerminalClient
  try {
    back = await resumeThroughTheOther()
    back.send('echo without-$((40+2))\n')
    await back.waitFor('without-42')
  } finally {
    for (const pid of before) process.kill(pid, 'SIGKILL')
  }
  for (let key = 0; key < 30; key += 1) {
    back.send(`echo killed-${key}-$((${key}+1))\n`)
    await back.waitFor(`killed-${key}-${key + 1}`, 3000)
  }
  terminal = back
  // And once more from the beginning, by the key of a WELCOME that control never saw.
  back = await resumeThroughTheOther()
  back.send('exit\n')
  expect((await back.waitForEnded()).reason).toBe('exited')
  await waitUntil(
    'both gateways to be linked',
    async () => (await Promise.all(Array.from({ length: 8 }, () => api.request('GET', '/readyz')))).every((answer) => answer.status === 200),
    { withinMs: 20_000 },
  )
})

it('another device attaches through the other gateway', async () => {
  const phone = await throughTheOther(() => openLive(product, api, 'attach', session))
  phone.send('echo attached-$((40+2))\n')
  await phone.waitFor('attached-42')
  expect((await terminal.waitForClose()).code).toBe(4001)
  phone.send('exit\n')
  expect((await phone.waitForEnded()).reason).toBe('exited')
})

it('a session of a gateway that is not there, and an address that is none, are refused before the upgrade', async () => {
  const refused = (address: string) =>
    TerminalClient.connect({ url: product.url, session: address, says: false }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof UpgradeRefused ? `${error.status} ${/"code":"(\w+)"/.exec(error.body)?.[1]}` : String(error)),
    )
  for (let round = 0; round < 4; round += 1) expect(await refused(`se_zzzzzzzz${session.slice(11)}`)).toBe('503 gateway_unavailable')
  expect(await refused(`${session}!`)).toBe('404 not_found')
  terminal.close()
})

it('has one socket for each gateway, in a folder of theirs alone', async () => {
  const folder = path.join(product.data, 'run', 'relay')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const sockets = readdirSync(folder)
  expect(sockets.length).toBe(2)
  expect(sockets.every((name) => /^[a-z2-7]{8}\.sock$/.test(name))).toBe(true)
  terminal.close()
})

it('a gateway that was killed comes back to its socket', async () => {
  const folder = path.join(product.data, 'run', 'relay')
  const before = readdirSync(folder).toSorted()
  const pids = product.gatewayPids()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await waitUntil('both gateways to be started again', () => product.gatewayPids().filter((pid) => !pids.includes(pid)).length === 2, { withinMs: 20_000 })
  terminal = await waitUntil('a terminal to open', () => openTerminal(product, api, host).catch(() => undefined), { withinMs: 20_000 })
  session = (await terminal.waitForWelcome()).session
  const back = await resumeThroughTheOther()
  expect(readdirSync(folder).toSorted()).toEqual(before)
  back.close()
})

it('when all stop, the last word comes through the relay', async () => {
  const back = await resumeThroughTheOther()
  const stopped = product.stop()
  expect((await back.waitForEnded()).reason).toBe('drained')
  expect(await stopped).toBe(0)
})
