// What runs by ssh, from outside: rights, the log of commands, files and forwards, with the real clients against the real product.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CommandView } from '#wire/api/audit.ts'
import type { ForwardView } from '#wire/api/door.ts'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, listSessions, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SshClients, type SshRun } from './harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let clients: SshClients
let api: ApiClient
let host: SavedHost
let operator: { id: string }
let key: KeyPair

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  clients = await SshClients.make(product)
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const bob = await addOperator(product, 'bob', 'Bob', 'member')
  key = await makeKeyPair(clients.folder, 'id', 'ed25519')
  await bob.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
  const people = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators')
  operator = people.items.find(({ username }) => username === 'bob') ?? { id: '' }
}, 60_000)
afterAll(async () => {
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
})

const byKey = () => ({ key: key.privateKeyFile })
const run = (command: string, options: string[] = []) => clients.run([...options, 'bob+web1@127.0.0.1', command], byKey())
const sessionOf = async (kind: string, state = 'ended') =>
  waitUntil(`a session of ${kind}`, async () => (await listSessions(api, `?kind=${kind}&door=ssh&state=${state}&sort=-startedAt&size=1`)).items[0])
const grant = (terms: Record<string, unknown>) => ({
  name: JSON.stringify(terms['actions']),
  operators: [operator.id],
  assets: [host.id],
  accounts: 'all',
  ...terms,
})

/** The newest first. */
async function refusedPlaces() {
  const { items } = await api.call<{ items: { detail?: { destination?: string } }[] }>('GET', '/audit?code=forward.refused&size=10')
  return items.map(({ detail }) => detail?.destination)
}

/** OpenSSH’s own sftp, with its commands on stdin. */
function sftp(commands: string): Promise<SshRun> {
  const known = ['-o', `UserKnownHostsFile=${path.join(clients.folder, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=accept-new']
  const args = ['-P', String(product.sshPort), '-b', '-', '-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR', ...known]
  return new Promise((resolve, reject) => {
    const child = spawn('sftp', [...args, 'bob+web1@127.0.0.1'], { stdio: 'pipe' })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
    child.stdin.end(commands)
  })
}

it('answers alike for a host that nothing permits and one that is not there', async () => {
  expect(await run('id')).toEqual({ code: 255, stdout: '', stderr: '[Sallyport] There is no such host.\n' })
  expect(await clients.run(['bob+web9@127.0.0.1', 'id'], byKey())).toEqual(await run('id'))
})

it('runs commands with that right alone, keeps each word for word, and lets a rule deny one', async () => {
  const { id } = await api.call<{ id: string }>('POST', '/grants', grant({ actions: ['exec'] }))
  await api.call('POST', '/command-rules', { name: 'no reboot', match: 'pattern', pattern: 'reboot*', effect: 'deny' })
  expect(await run(`printf '%s' "a  b"; exit 3`)).toMatchObject({ code: 3, stdout: 'a  b' })
  const row = await sessionOf('exec')
  expect(row).toMatchObject({ kind: 'exec', door: 'ssh', asset: 'web1', exitStatus: 3, command: `printf '%s' "a  b"; exit 3` })
  expect((await api.call<{ items: CommandView[] }>('GET', `/sessions/${row.id}/commands`)).items).toMatchObject([
    { text: `printf '%s' "a  b"; exit 3`, how: 'exec', exitStatus: 3 },
  ])
  const denied = await run('reboot --now')
  expect(denied).toMatchObject({ code: 255, stdout: '' })
  expect(denied.stderr).toContain('no reboot')
  expect(await sessionOf('exec')).toMatchObject({ failure: 'command_denied', command: 'reboot --now' })
  // A host of ours is spoken to at the door, whether or not one was chosen, and with no right to forward.
  for (const user of ['bob', 'bob+web1'])
    expect((await clients.run(['-W', 'web1:22', `${user}@127.0.0.1`], { ...byKey(), input: '' })).stdout).toBe('SSH-2.0-Sallyport\r\n')
  expect(await clients.run(['-W', 'web9:22', 'bob@127.0.0.1'], { ...byKey(), input: '' })).toMatchObject({ code: 255, stdout: '' })
  // A terminal is another right, and so are files.
  expect((await clients.run(['-tt', 'bob+web1@127.0.0.1'], { ...byKey(), input: '' })).code).toBe(255)
  expect((await sftp('ls /\n')).code).not.toBe(0)
  await api.call('DELETE', `/grants/${id}`)
})

it('moves files with that right, and tells each with its digest', async () => {
  const { id } = await api.call<{ id: string }>('POST', '/grants', grant({ actions: ['upload'] }))
  // The account of the host is another than ours.
  const there = path.join(clients.folder, 'there')
  await mkdir(there)
  await chmod(there, 0o777)
  const [local, remote] = [path.join(clients.folder, 'put.bin'), path.join(there, 'put.bin')]
  const content = Buffer.alloc(300_000, 'sallyport ')
  await writeFile(local, content)
  expect(await sftp(`put ${local} ${remote}\n`)).toMatchObject({ code: 0, stderr: '' })
  expect((await readFile(remote)).equals(content)).toBe(true)
  const row = await sessionOf('sftp')
  expect(row.recording).toBeUndefined()
  const told = await waitUntil('the file to be told', async () => {
    const { items } = await api.call<{ items: SessionTransferView[] }>('GET', `/sessions/${row.id}/transfers`)
    return items.find(({ deed }) => deed === 'upload')
  })
  expect(told).toMatchObject({ way: 'sftp', path: remote, bytes: 300_000, outcome: 'done', sha256: createHash('sha256').update(content).digest('hex') })
  expect((await sftp(`get ${remote} ${local}.back\n`)).code).not.toBe(0)
  expect((await run(`cat ${remote}`)).code).toBe(255)
  // Nothing may be forwarded: to where it was is written all the same, by whichever way.
  expect((await clients.run(['-W', 'db.invalid:5432', 'bob+web1@127.0.0.1'], { ...byKey(), input: '' })).code).toBe(255)
  expect((await clients.run(['-o', 'ExitOnForwardFailure=yes', '-R', '0.0.0.0:80:localhost:1', '-N', 'bob+web1@127.0.0.1'], byKey())).code).toBe(255)
  expect(await refusedPlaces()).toEqual(['0.0.0.0:80', 'db.invalid:5432', 'web9:22'])
  await api.call('DELETE', `/grants/${id}`)
})

it('forwards to where a grant says, tells it, and ends with the grant', async () => {
  const there = { host: '127.0.0.1', port: sshd.port }
  const { id } = await api.call<{ id: string }>('POST', '/grants', grant({ actions: ['forward'], forwardTo: [`db.invalid:${there.port}`, '127.0.0.1:*'] }))
  const through = (place: string) => clients.run(['-W', place, 'bob+web1@127.0.0.1'], { ...byKey(), input: '' })
  expect(await through(`localhost:${there.port}`)).toMatchObject({ code: 255, stdout: '' })
  expect((await through(`${there.host}:${there.port}`)).stdout).toMatch(/^SSH-2\.0-/)
  const row = await sessionOf('forward')
  const { items } = await waitUntil('the forward to be told', async () => {
    const page = await api.call<{ items: ForwardView[] }>('GET', `/sessions/${row.id}/forwards`)
    return page.items.length > 0 ? page : undefined
  })
  expect(items).toMatchObject([{ way: 'local', ...there, outcome: 'done' }])
  expect((await refusedPlaces())[0]).toBe(`localhost:${there.port}`)
  const child = clients.start(['-W', `${there.host}:${there.port}`, 'bob+web1@127.0.0.1'], byKey())
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const live = await sessionOf('forward', 'live')
  await api.call('DELETE', `/grants/${id}`)
  await gone
  expect(await waitUntil('its end', async () => ((await findSession(api, live.id)).state === 'ended' ? findSession(api, live.id) : undefined))).toMatchObject({
    endReason: 'revoked',
  })
}, 60_000)
