// The command line as people meet it: the real program, from `bin/`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '#main/program.ts'
import { isAlive } from './harness/process-tree.ts'

const command = join(root, 'bin', 'sallyport.mjs')
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SALLYPORT_|SSH_|NODE_OPTIONS|VITEST)/.test(name)))
let folder: string
const running: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-serve-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((child) => stop(child)))
  rmSync(folder, { recursive: true, force: true })
})

const run = (args: string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: folder,
    env: { ...environment, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}
const stop = (child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode)
    child.once('exit', (code) => resolve(code))
    child.kill(signal)
  })
/** Starts it and waits until it prints that it is ready. */
async function serving(args: string[], env: Record<string, string> = {}): Promise<{ child: ChildProcess; text: string; address: string }> {
  const child = spawn(process.execPath, [command, 'serve', '--http', '127.0.0.1:0', '--ssh', '127.0.0.1:0', '--gateways', '1', ...args], {
    cwd: folder,
    env: { ...environment, ...env },
  })
  running.push(child)
  let text = ''
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (const until = Date.now() + 30_000; !/Crypto/.test(text); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`it is not ready: ${text}${said}`)
  }
  return { child, text, address: /Web +(\S+)/.exec(text)?.[1] ?? '' }
}

test.each<[string, string[], Record<string, string>, number, string]>([
  ['an unknown flag', ['serve', '--htpp', 'x'], {}, 2, "unknown option '--htpp'"],
  ['an unknown verb', ['sevre'], {}, 2, "unknown command 'sevre'"],
  ['an unknown setting', ['serve'], { SALLYPORT_HTPP: 'x' }, 2, 'SALLYPORT_HTPP'],
  ['clear text beyond loopback', ['serve', '--http', '0.0.0.0:8022'], {}, 2, '--tls self-signed, or --tls-cert FILE --tls-key FILE, or --behind-proxy CIDR'],
  ['half a certificate', ['serve', '--tls-cert', 'x'], {}, 2, 'give both'],
  ['a certificate that is not there', ['serve', '--tls-cert', 'x', '--tls-key', 'y'], {}, 1, 'x cannot be read'],
  ['root for gateways', ['serve', '--gateway-user', '0'], {}, process.getuid?.() === 0 ? 2 : 1, '--gateway-user'],
  ['a claim link of nothing', ['admin', 'claim-link'], {}, 1, 'run "sallyport serve" first'],
])('%s is one line on stderr', (_name, args, env, status, words) => {
  const done = run(args, env)
  expect(done.stdout).toBe('')
  expect(done.stderr).toContain(words)
  expect(done.stderr).toMatch(/^sallyport: [^\n]+\n$/)
  expect(done.status).toBe(status)
})

test('prints help for every verb', () => {
  for (const args of [['--help'], ['serve', '--help'], ['admin', '--help'], ['admin', 'claim-link', '--help']]) {
    const done = run(args)
    expect(done.status).toBe(0)
    expect(done.stdout).toContain('Usage: sallyport')
  }
})

test('serves, prints how to come in, is alone on its data, and leaves with 0', async () => {
  const { child, text, address } = await serving([], { SSH_CONNECTION: '192.0.2.1 5000 192.0.2.2 2200', USER: 'x' })
  const claim = new RegExp(`Claim +(${address}/claim#[\\w-]{20,})`).exec(text)?.[1]
  expect(claim).toBeDefined()
  const { port } = new URL(address)
  const sshPort = /SSH +ssh -p (\d+) YOUR-NAME@127\.0\.0\.1\n/.exec(text)?.[1]
  expect(text).toMatch(new RegExp(`ssh -L ${port}:127.0.0.1:${port} -L ${sshPort}:127.0.0.1:${sshPort} -p 2200 \\S+@192.0.2.2`))
  expect(run(['admin', 'claim-link']).stdout).toBe(`${claim}\n`)
  const second = run(['serve', '--http', '127.0.0.1:0'])
  expect(second.status).toBe(1)
  expect(second.stderr).toContain('another sallyport')
  const taken = run(['serve', '--data', 'other', '--http', new URL(address).host])
  expect(taken.status).toBe(1)
  expect(taken.stderr).toContain('something else listens there')
  for (const [path, mode] of [
    ['control', 0o700],
    ['gateways/g1', 0o700],
    ['gateways/g1/identity', 0o700],
    ['gateways/g1/spool', 0o700],
  ] as const)
    expect(statSync(join(folder, 'data', path)).mode & 0o777, path).toBe(mode)
  expect(await stop(child)).toBe(0)
  expect(existsSync(join(folder, 'data', 'run', 'lock'))).toBe(false)
})

test('its children leave when it is killed, and the next start waits for them', async () => {
  const first = await serving([])
  const children = readFileSync(`/proc/${first.child.pid}/task/${first.child.pid}/children`, 'utf8').trim().split(' ').map(Number)
  expect(children).toHaveLength(2)
  await stop(first.child, 'SIGKILL')
  await serving([])
  // Whoever adopted them may not have buried them yet: a zombie holds nothing.
  expect(children.filter(isAlive)).toEqual([])
})

test('serves from a folder whose path is too long for a socket, and leaves nothing outside of it', async () => {
  const outside = join(folder, 'tmp')
  mkdirSync(outside)
  chmodSync(folder, 0o711)
  chmodSync(outside, 0o711)
  const { child, address } = await serving(['--data', join('d'.repeat(60), 'e'.repeat(60))], { TMPDIR: outside })
  expect((await fetch(`${address}/readyz`)).status).toBe(200)
  expect(readdirSync(outside)).toHaveLength(1)
  expect(await stop(child)).toBe(0)
  expect(readdirSync(outside)).toEqual([])
})

test('takes one wish to stop that comes three times as one', async () => {
  const { child } = await serving([])
  const left = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGTERM'] as const) child.kill(signal)
  expect(await left).toBe(0)
  expect(existsSync(join(folder, 'data', 'run', 'control.sock'))).toBe(false)
})

test('signs a certificate for itself, keeps it, and takes a new one at SIGHUP', async () => {
  const fingerprint = (address: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get(address, { rejectUnauthorized: false, agent: false }, (answer) => {
        const { socket } = answer as unknown as { socket: import('node:tls').TLSSocket }
        expect(answer.headers['strict-transport-security']).toContain('max-age=')
        resolve(socket.getPeerCertificate().fingerprint256)
        answer.resume()
      }).on('error', reject)
    })
  const first = await serving(['--tls', 'self-signed'])
  expect(first.address).toMatch(/^https:/)
  const made = await fingerprint(first.address)
  const kept = join(folder, 'data', 'control', 'tls')
  for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600)
  await stop(first.child)

  mkdirSync(join(folder, 'tls'))
  for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(folder, 'tls', name), readFileSync(join(kept, name)))
  const second = await serving(['--tls-cert', 'tls/cert.pem', '--tls-key', 'tls/key.pem'])
  expect(await fingerprint(second.address)).toBe(made)
  rmSync(kept, { recursive: true })
  await stop(second.child)
  const third = await serving(['--tls', 'self-signed'])
  const other = await fingerprint(third.address)
  expect(other).not.toBe(made)
  await stop(third.child)

  const fourth = await serving(['--tls-cert', 'tls/cert.pem', '--tls-key', 'tls/key.pem'])
  for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(folder, 'tls', name), readFileSync(join(kept, name)))
  fourth.child.kill('SIGHUP')
  for (let tries = 0; (await fingerprint(fourth.address)) !== other; tries += 1) {
    if (tries > 100) throw new Error('the new certificate was not taken')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

test.runIf(process.getuid?.() === 0)('started as root its gateways are someone else where the way is open, and it says so where it is closed', async () => {
  chmodSync(folder, 0o711)
  const open = await serving([])
  const uidOf = (pid: number) => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const uids = readFileSync(`/proc/${open.child.pid}/task/${open.child.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map((pid) => uidOf(Number(pid)))
  expect(new Set(uids)).toEqual(new Set(['0', '64022']))
  expect(open.text).not.toContain('Warning')
  await stop(open.child)
  chmodSync(folder, 0o700)
  const closed = await serving([])
  expect(closed.text).toContain(`Warning: gateways run as root, because ${folder} is closed to their own user`)
  for (const path of ['/readyz', '/']) expect((await fetch(closed.address + path)).status, path).toBe(200)
  expect(await stop(closed.child)).toBe(0)
})
