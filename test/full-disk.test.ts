// A disk that fills up: sessions end in words, new ones are refused, and sign-in and deletion still work.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const diskBytes = 160 * 1024 * 1024
let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let folder: { path: string; remove: () => Promise<void> }
let disk: string

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('this test mounts a small disk of its own: run it as root')
  folder = await makeTempFolder('disk')
  disk = path.join(folder.path, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},mode=755`, 'tmpfs', disk])
  sshd = await startSshd()
  product = await startProduct({ data: disk })
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  execFileSync('umount', ['-l', disk])
  await folder?.remove()
})

/** Fills the disk up to the share. */
function fill(share: number): void {
  rmSync(path.join(disk, 'ballast'), { force: true })
  const [, , used] = execFileSync('df', ['--output=size,avail,used', '-B1', disk], { encoding: 'utf8' }).trim().split('\n')[1]?.trim().split(/\s+/) ?? []
  writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(Math.max(0, Math.floor(diskBytes * share) - Number(used))))
}

it('warns at 85 %, refuses new sessions at 95 %, and takes them again when there is room', async () => {
  fill(0.88)
  await waitUntil('the warning', async () => (await api.call<{ state: string }>('GET', '/disk')).state === 'warning', { withinMs: 20_000 })
  fill(0.96)
  await waitUntil('new sessions to be refused', async () => (await api.call<{ state: string }>('GET', '/disk')).state === 'refusing', { withinMs: 20_000 })
  const refused = await openTerminal(product, api, host).then(
    async (terminal) => (await terminal.waitForEnded()).failure,
    (error: { code?: string }) => error.code,
  )
  expect(refused).toBe('disk_full')
  fill(0.2)
  await waitUntil('room again', async () => (await api.call<{ state: string }>('GET', '/disk')).state === 'ok', { withinMs: 20_000 })
  const terminal = await openTerminal(product, api, host)
  await terminal.waitForWelcome()
  terminal.send('exit\n')
  await terminal.waitForEnded()
})

it('ends a session whose recording cannot be written, in words, while sign-in and deletion still work', async () => {
  const terminal = await openTerminal(product, api, host)
  const { session } = await terminal.waitForWelcome()
  terminal.send('echo before-it-is-full\n')
  await terminal.waitFor('before-it-is-full\r\n')
  // Not one byte is left for anybody.
  execFileSync('sh', ['-c', `cat /dev/zero > ${path.join(disk, 'ballast')} 2>/dev/null || true`])
  terminal.send('yes\n')
  const ended = await terminal.waitForEnded(30_000)
  expect(ended.reason).toBe('recording_failed')
  expect(['disk_full', 'recording_failed']).toContain(ended.failure)
  const other = await product.signIn()
  expect((await other.request('GET', '/api/v1/me')).status).toBe(200)
  await other
    .call('DELETE', `/sessions/${session}/recording`)
    .catch((error: { code?: string }) => expect(['recording_not_found', 'recording_incomplete', 'conflict']).toContain(error.code))
  rmSync(path.join(disk, 'ballast'))
  await waitUntil('the session to be ended in the list', async () => (await findSession(api, session)).state === 'ended', { withinMs: 30_000 })
  const again = await waitUntil(
    'a new session to be taken',
    async () => openTerminal(product, api, host).then(async (next) => ((await next.waitForWelcome().catch(() => undefined)) ? next : undefined)),
    { withinMs: 40_000, everyMs: 1000 },
  )
  again.send('exit\n')
  await again.waitForEnded()
})
