// What runs without a terminal through the SSH door of the real product: commands, copies and git of Debian's own clients, and what is kept of each.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, listSessions, saveHost, type SavedHost, shownBytes } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SshClients } from './harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

type Transfer = { deed: string; path: string; way: string; outcome: string; bytes?: number; sha256?: string }
type Ran = { code: number | null; out: Buffer; err: string }

let sshd: TestSshd
let product: Product
let clients: SshClients
let api: ApiClient
let host: SavedHost
let keys: { ada: KeyPair; bob: KeyPair }
let far: string
const content = Buffer.alloc(2_000_003, 'what is in the file\n')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd({ config: ['AcceptEnv LANG LC_*'] }), startProduct()])
  api = await product.claim()
  clients = await SshClients.make(product)
  const [saved, ada, bob] = await Promise.all([
    saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' }),
    makeKeyPair(clients.folder, 'ada', 'ed25519'),
    makeKeyPair(clients.folder, 'bob', 'ed25519'),
  ])
  host = saved
  keys = { ada, bob }
  await api.call('POST', '/me/keys', { line: ada.publicKey, name: 'laptop' })
  far = mkdtempSync(path.join(sshd.home, 'passage-'))
  chmodSync(far, 0o777)
  writeFileSync(local('file'), content)
}, 60_000)
afterAll(async () => {
  await clients?.close()
  await product?.stop()
  if (far) rmSync(far, { recursive: true, force: true })
  await sshd?.stop()
})

const local = (name: string) => path.join(clients.folder, name)
const remote = (name: string) => path.join(far, name)
const flags = (user: 'ada' | 'bob' = 'ada') => {
  const known = ['-o', `UserKnownHostsFile=${local('known_hosts')}`, '-o', 'StrictHostKeyChecking=accept-new', '-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes']
  return [
    '-F',
    'none',
    ...known,
    '-o',
    `Port=${product.sshPort}`,
    '-o',
    `User=${user}+web1`,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `IdentityFile=${keys[user].privateKeyFile}`,
  ]
}
function run(program: string, args: readonly string[], input: Buffer | string = '', env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env['PATH'] ?? '', HOME: clients.folder, ...env }, timeout: 60_000 })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (piece: Buffer) => out.push(piece))
    child.stderr.on('data', (piece: Buffer) => err.push(piece))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out), err: Buffer.concat(err).toString() }))
  })
}
const ssh = (command: string, input?: Buffer, more: string[] = []) => run('ssh', [...flags(), ...more, '127.0.0.1', command], input)
const rsync = (args: string[], user?: 'bob') => run('rsync', ['-e', `ssh ${flags(user).join(' ')}`, ...args])
const newest = async (kind: string) => {
  const { items } = await listSessions(api, '?sort=-startedAt&size=50')
  return items.find((item) => (item as { kind?: string }).kind === kind)?.id ?? ''
}
const transfers = (id: string, count: number) =>
  waitUntil('what was told', async () => {
    const { items } = await api.call<{ items: Transfer[] }>('GET', `/sessions/${id}/transfers`)
    return items.length >= count ? items : undefined
  })

describe('commands', () => {
  it('end as they do without a bastion: statuses, signals, variables, both streams, and each direction by itself', async () => {
    const statuses = [0, 1, 42, 126, 200, 255]
    expect(await Promise.all(statuses.map(async (status) => (await ssh(`exit ${status}`)).code))).toEqual(statuses)
    expect(await ssh('kill -KILL $$')).toMatchObject({ code: 255, err: '' })
    expect(await ssh('printf %s "$LC_TEST"; echo wrong >&2', undefined, ['-o', 'SetEnv=LC_TEST=ä'])).toEqual({ code: 0, out: Buffer.from('ä'), err: 'wrong\n' })
    const all = Buffer.from(Array.from({ length: 256 * 200 }, (_, at) => at % 256))
    const echoed = await ssh('cat; echo done', all)
    expect([echoed.out.subarray(0, -5).equals(all), echoed.out.subarray(-5).toString()]).toEqual([true, 'done\n'])
    expect((await ssh('head -c 2', Buffer.alloc(3_000_000, 'x'))).out.toString()).toBe('xx')
  })

  it('lose nothing of 20 MiB on stdout and on stderr at once', async () => {
    const bytes = 20 * 1024 * 1024
    for (let round = 0; round < 3; round++) {
      const ran = await ssh(`head -c ${bytes} /dev/zero | tr '\\0' e >&2 & head -c ${bytes} /dev/zero | tr '\\0' o; wait; exit 9`)
      expect([ran.code, ran.out.length, ran.err.length, sha256(ran.out)]).toEqual([9, bytes, bytes, sha256(Buffer.alloc(bytes, 'o'))])
    }
  }, 90_000)

  it('are kept by their words and the beginning of what they said', async () => {
    await ssh('echo kept; seq 1 300000')
    const id = await newest('exec')
    const ended = await waitUntil('its end', async () => ((await findSession(api, id)).state === 'ended' ? findSession(api, id) : undefined))
    expect(ended).toMatchObject({ endReason: 'exited', exitStatus: 0, command: 'echo kept; seq 1 300000' })
    const recording = await waitUntil('the recording', async () => {
      const text = await download(api, id, 'v3').catch(() => '')
      return text.includes('is not recorded') ? text : undefined
    })
    const shown = shownBytes(recording).toString()
    // A megabyte as a terminal shows it: each line end with a return before it.
    expect([shown.startsWith('kept\r\n1\r\n2\r\n'), shown.replaceAll('\r\n', '\n').length]).toEqual([true, 1024 * 1024])
  })

  it('push and pull by git', async () => {
    const git = (args: string[]) => run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], '', { GIT_SSH_COMMAND: `ssh ${flags().join(' ')}` })
    await ssh(`git init -q --bare ${remote('repo.git')}`)
    await git(['init', '-q', local('repo')])
    await git(['-C', local('repo'), 'commit', '-q', '--allow-empty', '-m', 'first'])
    const pushed = await git(['-C', local('repo'), 'push', `127.0.0.1:${remote('repo.git')}`, 'HEAD:refs/heads/main'])
    expect([pushed.code, (await git(['clone', '-q', '-b', 'main', `127.0.0.1:${remote('repo.git')}`, local('clone')])).code]).toEqual([0, 0])
    expect((await git(['-C', local('clone'), 'log', '--format=%s'])).out.toString()).toBe('first\n')
  })
})

describe('files', () => {
  it.each([
    ['sftp', 'scp', []],
    ['scp', 'scp', ['-O']],
  ])('by %s go both ways, and are told with the digests that sha256sum says', async (way, program, more) => {
    const name = `${way}-copy`
    expect(await run(program, [...flags(), ...more, local('file'), `127.0.0.1:${remote(name)}`])).toMatchObject({ code: 0, err: '' })
    const up = await transfers(await newest(way), 1)
    expect(await run(program, [...flags(), ...more, `127.0.0.1:${remote(name)}`, local(name)])).toMatchObject({ code: 0, err: '' })
    const [down] = await transfers(await newest(way), 1)
    const [sum] = (await ssh(`sha256sum ${remote(name)}`)).out.toString().split(' ')
    expect([readFileSync(local(name)).equals(content), sum]).toEqual([true, sha256(content)])
    const whole = { way, outcome: 'done', bytes: content.length, sha256: sum }
    expect([up[0], down]).toMatchObject([
      { ...whole, deed: 'upload' },
      { ...whole, deed: 'download', path: remote(name) },
    ])
  })

  it('by rsync go both ways, and are told with path and bytes of the stream', async () => {
    expect(await rsync(['-a', local('file'), `127.0.0.1:${remote('synced')}`])).toMatchObject({ code: 0 })
    expect(await transfers(await newest('rsync'), 1)).toMatchObject([{ way: 'rsync', deed: 'upload', path: remote('synced'), outcome: 'done' }])
    expect(await rsync(['-a', `127.0.0.1:${remote('synced')}`, local('synced')])).toMatchObject({ code: 0 })
    expect(readFileSync(local('synced')).equals(content)).toBe(true)
  })

  it('do not go up where the grant gives downloads alone: by scp, old scp, sftp and rsync (XFER-07)', async () => {
    const bob = await addOperator(product, 'bob', 'Bob', 'member')
    await bob.call('POST', '/me/keys', { line: keys.bob.publicKey, name: 'laptop' })
    const { items } = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators?size=50')
    const operators = items.filter(({ username }) => username === 'bob').map(({ id }) => id)
    await api.call('POST', '/grants', { name: 'bob reads', operators, groups: [], assets: [host.id], tags: [], accounts: 'all', actions: ['download'] })
    const to = `127.0.0.1:${remote('refused')}`
    const refused = [
      await run('scp', [...flags('bob'), local('file'), to]),
      await run('scp', [...flags('bob'), '-O', local('file'), to]),
      await run('sftp', [...flags('bob'), '-b', '-', '127.0.0.1'], `put ${local('file')} ${remote('refused')}\n`),
      await rsync([local('file'), to], 'bob'),
      await run('ssh', [...flags('bob'), '127.0.0.1', `cat > ${remote('refused')}`], content),
    ]
    expect(refused.filter(({ code }) => code === 0)).toEqual([])
    const listed = await run('sftp', [...flags('bob'), '-b', '-', '127.0.0.1'], `ls -1 ${far}\nget ${remote('synced')} ${local('read')}\n`)
    expect([listed.code, listed.out.toString().includes('refused'), readFileSync(local('read')).equals(content)]).toEqual([0, false, true])
    const sftp = await transfers(await newest('sftp'), 1)
    expect(sftp).toMatchObject([{ deed: 'download', outcome: 'done', sha256: sha256(content) }])
  }, 60_000)
})
