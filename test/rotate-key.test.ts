// `sallyport admin rotate-key` beside a running product: nothing stops, a kill costs nothing, and a start without the right key is refused (SEC-04, SEC-05, SEC-06).
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from './harness/free-port.ts'
import { checkout, type Product, startProduct, testOperator } from './harness/product.ts'
import { openTerminal, type SavedHost, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const shared = 150
let sshd: TestSshd
let product: Product
let data: Awaited<ReturnType<typeof makeTempFolder>>
beforeAll(async () => {
  data = await makeTempFolder('rotation')
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ data: data.path })])
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await data?.remove()
})

type Run = { child: ChildProcess; said(): string; ended: Promise<{ code: number | null; said: string }> }
function rotate(): Run {
  let text = ''
  const child = spawn(process.execPath, [path.join(checkout, 'bin', 'sallyport.mjs'), 'admin', 'rotate-key', '--data', data.path], {
    cwd: data.path,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  return { child, said: () => text, ended: once(child, 'close').then(() => ({ code: child.exitCode, said: text })) }
}
const keysFolder = () => path.join(data.path, 'control', 'keys')
const keyFiles = () => readdirSync(keysFolder()).filter((name) => /^vault.*\.key$/.test(name))

it('goes on under load, after kills, and loses no session and no secret', async () => {
  const api = await product.claim()
  const first = { username: 'root', auth: { kind: 'password', password: 'the same for all' } }
  const ids: string[] = []
  for (let index = 0; index < shared; index += 1) ids.push((await api.call<{ id: string }>('POST', '/credentials', { ...first, name: `c${index}` })).id)
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  const before = await openTerminal(product, api, host)
  await before.waitForWelcome()

  const typeIn = async (to: SavedHost, word: string) => {
    const terminal = await openTerminal(product, api, to)
    await terminal.waitForWelcome()
    terminal.send(`echo ${word.slice(0, 3)}''${word.slice(3)}; exit\n`)
    await terminal.waitFor(word)
    await terminal.waitForEnded()
  }
  let isOver = false
  const done = { written: 0, opened: 0 }
  const writes = (async () => {
    for (; !isOver; done.written += 1)
      await api.call('PATCH', `/credentials/${ids[done.written % shared]}`, { auth: { kind: 'password', password: `changed ${done.written}` } })
  })()
  const sessions = (async () => {
    for (; !isOver; done.opened += 1) await typeIn(host, `opened-${done.opened}`)
  })()
  try {
    // Killed when it has announced, when it has just changed the key, and in the middle of sealing.
    for (const [line, afterMs] of [
      ['Waiting until', 0],
      ['New secrets are sealed', 0],
      ['New secrets are sealed', 40],
      ['Going on|New secrets', 15],
    ] as const) {
      const run = rotate()
      await Promise.race([run.ended, waitUntil(line, () => new RegExp(line).test(run.said()), { withinMs: 40_000, everyMs: 5 })])
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
      run.child.kill('SIGKILL')
      await run.ended
      await typeIn(host, `between-${afterMs}`)
    }
    const { code, said } = await rotate().ended
    expect(said).toMatch(/The vault key is vk1_\w{16}\. The old one, vk1_\w{16}, lies in .*retired/)
    expect(code).toBe(0)
  } finally {
    isOver = true
    await Promise.all([writes, sessions]).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${product.stderr()}`, { cause: error })
    })
  }
  expect(done.written).toBeGreaterThan(3)
  expect(done.opened).toBeGreaterThan(1)
  before.send("echo sti''ll-here; exit\n")
  await before.waitFor('still-here')
  await before.waitForEnded()
  expect(keyFiles()).toHaveLength(1)
  expect(existsSync(path.join(keysFolder(), 'vault.key'))).toBe(false)
  expect(product.stderr()).not.toMatch(/does not open|retired/)
}, 180_000)

it('is needed at the next start: without it, or with another, nothing is served, and its id is named', async () => {
  await product.stop()
  const file = keyFiles()[0] ?? ''
  const id = /vk1_\w{16}/.exec(file)?.[0] ?? ''
  const [right, aside] = [path.join(keysFolder(), file), path.join(data.path, 'aside.key')]
  const database = path.join(data.path, 'control', 'sallyport.db')
  const { code, said } = await rotate().ended
  expect([code, said]).toEqual([0, expect.stringContaining('The vault key is')])
  const next = path.join(keysFolder(), keyFiles()[0] ?? '')
  const nextId = /vk1_\w{16}/.exec(next)?.[0] ?? ''
  expect(existsSync(right)).toBe(false)

  const bytes = readFileSync(database)
  renameSync(next, aside)
  copyFileSync(path.join(keysFolder(), 'retired', file), path.join(keysFolder(), 'vault.key'))
  await expect(startProduct({ data: data.path, port: await freePort() })).rejects.toThrow(new RegExp(`${nextId} is missing.*holds ${id}`))
  rmSync(path.join(keysFolder(), 'vault.key'))
  expect(readFileSync(database).equals(bytes)).toBe(true)
  expect(keyFiles()).toEqual([])

  mkdirSync(keysFolder(), { recursive: true })
  renameSync(aside, path.join(keysFolder(), 'vault.key'))
  product = await startProduct({ data: data.path })
  const api = await product.signIn(testOperator.username, testOperator.password)
  const { items } = await api.call<{ items: { id: string; name: string; accounts: { id: string; username: string }[] }[] }>('GET', '/assets')
  const [host] = items
  const saved = { id: host?.id ?? '', name: host?.name ?? '', account: host?.accounts[0]?.username ?? '', accountId: host?.accounts[0]?.id ?? '', hostKeys: [] }
  const terminal = await openTerminal(product, api, saved)
  await terminal.waitForWelcome()
  terminal.send("echo ope''ned; exit\n")
  await terminal.waitFor('opened')
  await terminal.waitForEnded()
}, 120_000)
