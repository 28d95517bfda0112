// What a grant leaves of files, from outside: the real clients of OpenSSH and rsync at the product's door, and a real sshd behind it (XFER-07, XFER-08).
import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { listSessions, saveHost, type SavedHost } from './harness/saved-host.ts'
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
/** `in` is where the grant lets files be, `out` stands beside it; `here` is the operator's own. */
let folder: { in: string; out: string; here: string }
let round = 0

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
beforeEach(async () => {
  const base = path.join(clients.folder, `round-${(round += 1)}`)
  folder = { in: path.join(base, 'in'), out: path.join(base, 'out'), here: path.join(base, 'here') }
  // The account of the host is another than ours.
  for (const each of Object.values(folder)) {
    await mkdir(each, { recursive: true })
    await chmod(each, 0o777)
  }
  await writeFile(path.join(folder.here, 'file'), 'from here')
  await writeFile(path.join(folder.in, 'there'), 'there')
  await writeFile(path.join(folder.out, 'secret'), 'secret')
  await symlink(folder.out, path.join(folder.in, 'leads-out'))
})

async function under<T>(terms: Record<string, unknown>, act: () => Promise<T>): Promise<T> {
  const grant = { name: 'Deploys', operators: [operator.id], assets: [host.id], accounts: 'all', ...terms }
  const { id } = await api.call<{ id: string }>('POST', '/grants', grant)
  try {
    return await act()
  } finally {
    await api.call('DELETE', `/grants/${id}`)
  }
}

function run(program: string, args: string[], input = ''): Promise<SshRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
    child.stdin.end(input)
  })
}
const options = () => [
  ...['-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR'],
  ...['-o', `UserKnownHostsFile=${path.join(clients.folder, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=accept-new'],
]
const sftp = (commands: string) => run('sftp', ['-P', String(product.sshPort), '-b', '-', ...options(), 'bob+web1@127.0.0.1'], commands)
const scp = (from: string, to: string, ...flags: string[]) => run('scp', [...flags, '-P', String(product.sshPort), ...options(), from, to])
const rsync = (from: string, to: string) => run('rsync', ['-e', ['ssh', '-p', product.sshPort, ...options()].join(' '), '-a', from, to])
const remote = (where: string) => `bob+web1@127.0.0.1:${where}`

it('an upload that no grant gives does not happen by scp, scp -O, sftp or rsync (XFER-07)', async () => {
  const [local, to] = [path.join(folder.here, 'file'), path.join(folder.in, 'up')]
  const ran = await under({ actions: ['download'] }, () =>
    Promise.all([scp(local, remote(to)), scp(local, remote(to), '-O'), sftp(`put ${local} ${to}\n`), rsync(local, remote(to))]),
  )
  expect(ran.map(({ code }) => code === 0)).toEqual([false, false, false, false])
  for (const { stderr } of ran) expect(stderr).toMatch(/uploads are not part of your access to this host|No grant lets you do this on this host/)
  expect((await readdir(folder.in)).toSorted()).toEqual(['leads-out', 'there'])
})

it('files stay where a grant says, whatever leads out, and who is refused reads which grant', async () => {
  const [local, got] = [path.join(folder.here, 'file'), path.join(folder.here, 'got')]
  await under({ actions: ['upload', 'download'], paths: [folder.in] }, async () => {
    const well = await sftp(
      `cd ${folder.in}\nput ${local} up\nget up ${got}\nrename up ../in/moved\nmkdir sub\nput ${local} sub/x\nrm sub/x\nrmdir sub\nchmod 600 moved\n`,
    )
    expect(well).toMatchObject({ code: 0, stderr: '' })
    expect([await readFile(got, 'utf8'), (await readdir(folder.in)).toSorted()]).toEqual(['from here', ['leads-out', 'moved', 'there']])
    expect(await scp(local, remote(`${folder.in}/by-scp`))).toMatchObject({ code: 0, stderr: '' })

    const refused = [
      `put ${local} ${folder.out}/x`,
      `put ${local} ${folder.in}/../out/x`,
      `put ${local} ${folder.in}/leads-out/x`,
      `get ${folder.out}/secret ${got}-1`,
      `get ${folder.in}/leads-out/secret ${got}-1`,
      `rm ${folder.in}/leads-out/secret`,
      `rename ${folder.in}/there ${folder.out}/x`,
      `rename ${folder.in}/leads-out/secret ${folder.in}/x`,
      `ln ${folder.in}/leads-out/secret ${folder.in}/x`,
      `ln -s ${folder.out} ${folder.in}/x`,
      `chmod 777 ${folder.in}/leads-out/secret`,
      `mkdir ${folder.out}/x`,
    ]
    const { stderr } = await sftp(refused.map((line) => `-${line}\n`).join(''))
    expect(stderr.match(/denied/gi)?.length).toBeGreaterThanOrEqual(refused.length)
    expect(stderr).toContain('The grant “Deploys” permits uploads only at')
    expect(stderr).toContain('The grant “Deploys” permits downloads only at')
    expect([await readdir(folder.out), (await readdir(folder.in)).toSorted(), await readdir(folder.here)]).toEqual([
      ['secret'],
      ['by-scp', 'leads-out', 'moved', 'there'],
      ['file', 'got'],
    ])
    const row = await waitUntil('its session', async () => (await listSessions(api, '?kind=sftp&state=ended&sort=-startedAt&size=1')).items[0])
    const told = await waitUntil('all that was refused', async () => {
      const { items } = await api.call<{ items: SessionTransferView[] }>('GET', `/sessions/${row.id}/transfers`)
      return items.length >= refused.length ? items : undefined
    })
    expect(told.map(({ outcome, failure }) => [outcome, failure?.includes('“Deploys”')])).toEqual(told.map(() => ['refused', true]))

    // These cannot be held to a folder, even where it would have been the right one.
    const other = [
      await scp(local, remote(`${folder.in}/x`), '-O'),
      await rsync(local, remote(`${folder.in}/x`)),
      await scp(remote(`${folder.in}/there`), `${got}-2`, '-O'),
    ]
    expect(other.map(({ code }) => code === 0)).toEqual([false, false, false])
    expect(other[0]?.stderr).toMatch(/“Deploys”.*scp without -O and sftp/)
    expect(other[1]?.stderr).toMatch(/“Deploys”.*use sftp or scp/)
  })
})

it('sizes are held to the byte, and a larger file in a batch leaves the others be (XFER-08)', async () => {
  const most = 100_000
  const bytes = (name: string) => path.join(folder.here, name)
  for (const [name, size] of [
    ['empty', 0],
    ['fits', most],
    ['large', most + 1],
    ['last', 1],
  ] as const) {
    await writeFile(bytes(name), Buffer.alloc(size, name))
    await writeFile(path.join(folder.out, name), Buffer.alloc(size, name))
  }
  await under({ actions: ['upload', 'download'], maxBytes: most }, async () => {
    for (const flags of [[], ['-O']]) {
      const to = path.join(folder.in, `up${flags.length}`)
      await mkdir(to)
      await chmod(to, 0o777)
      const up = await run('scp', [...flags, '-P', String(product.sshPort), ...options(), ...['empty', 'fits', 'large', 'last'].map(bytes), remote(to)])
      expect([up.code === 0, up.stderr.includes('The grant “Deploys” permits uploads of at most 100000 bytes')]).toEqual([false, true])
      for (const name of ['empty', 'fits', 'last']) expect((await readFile(path.join(to, name))).equals(await readFile(bytes(name)))).toBe(true)
      const large = await readFile(path.join(to, 'large')).catch(() => Buffer.alloc(0))
      expect(large.length).toBeLessThanOrEqual(most)
      const back = path.join(folder.here, `back${flags.length}`)
      await mkdir(back)
      const down = await run('scp', [
        ...flags,
        '-P',
        String(product.sshPort),
        ...options(),
        ...['empty', 'fits', 'large', 'last'].map((name) => remote(path.join(folder.out, name))),
        back,
      ])
      expect([down.code === 0, down.stderr.includes('The grant “Deploys” permits downloads of at most 100000 bytes')]).toEqual([false, true])
      expect((await readdir(back)).toSorted()).toEqual(['empty', 'fits', 'last'])
      expect((await readFile(path.join(back, 'fits'))).length).toBe(most)
    }
    expect((await rsync(bytes('fits'), remote(folder.in))).stderr).toContain('“Deploys”')
    const appended = await sftp(`put ${bytes('fits')} ${folder.in}/grows\n-reput ${bytes('large')} ${folder.in}/grows\n`)
    expect(appended.stderr).toContain('at most 100000 bytes')
    // Its client may cut it at what it knows to have sent.
    expect((await readFile(path.join(folder.in, 'grows'))).length).toBeLessThanOrEqual(most)
  })
})
