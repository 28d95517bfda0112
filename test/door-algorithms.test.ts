// The newest and the oldest from end to end: OpenSSH 10 with a security key at the door, and behind it a host with SHA-1 and CBC alone.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { isDebian12, openSsh10 } from './harness/openssh-10.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { saveHost } from './harness/saved-host.ts'
import { buildSecurityKey, makeKey, type MadeKey } from './harness/security-key.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'

const oldAlone = ['KexAlgorithms diffie-hellman-group14-sha1', 'HostKeyAlgorithms ssh-rsa', 'Ciphers aes128-cbc', 'MACs hmac-sha1']
let folder: Awaited<ReturnType<typeof makeTempFolder>>
let product: Product
let api: ApiClient
let hosts: { current: TestSshd; old: TestSshd }
let provider = ''
const keys = new Map<string, MadeKey>()
let known = ''
let oldHost = ''

type Ran = { code: number; stdout: string; stderr: string }
/** `flags`: what the security key says of its person. */
function ssh(type: string, host: string, command: string, { program = 'ssh', flags = 1 } = {}): Promise<Ran> {
  const env = { PATH: process.env['PATH'], SALLYPORT_SK_FLAGS: String(flags), ...(program === 'ssh' ? {} : { SSH_SK_HELPER: openSsh10().skHelper }) }
  const settings = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`, `SecurityKeyProvider=${provider}`]
  const args = ['-v', '-F', 'none', '-p', String(product.sshPort), '-i', keys.get(type)?.file ?? '', ...settings.flatMap((each) => ['-o', each])]
  return new Promise((resolve) => {
    execFile(
      program,
      [...args, '-l', `${testOperator.username}+${hosts.current.user}+${host}`, '127.0.0.1', command],
      { env, timeout: 60_000 },
      (cause, stdout, stderr) => resolve({ code: cause ? Number(cause.code ?? -1) : 0, stdout, stderr }),
    )
  })
}
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

beforeAll(async () => {
  folder = await makeTempFolder('door-algorithms')
  const [current, old] = await Promise.all([startSshd(), startSshd({ config: oldAlone })])
  hosts = { current, old }
  product = await startProduct()
  api = await product.claim()
  provider = await buildSecurityKey(folder.path)
  for (const type of ['ed25519-sk', 'ecdsa-sk', 'ed25519']) {
    const key = await makeKey(path.join(folder.path, type), ['-t', type], provider)
    keys.set(type, key)
    await api.call('POST', '/me/keys', { line: key.line, name: type })
  }
  const { hostKeys } = await api.call<{ hostKeys: { line: string }[] }>('GET', '/door')
  known = path.join(folder.path, 'known_hosts')
  await writeFile(known, hostKeys.map(({ line }) => `[127.0.0.1]:${product.sshPort} ${line.split(' ').slice(-2).join(' ')}\n`).join(''))
  await saveHost(api, current, { kind: 'key', privateKey: current.userKeys.ed25519.privateKey }, { name: 'current' })
  const auth = { kind: 'key' as const, privateKey: old.userKeys.ed25519.privateKey }
  oldHost = (await saveHost(api, old, auth, { name: 'old', trust: false })).id
})
afterAll(async () => {
  await product?.stop()
  await Promise.all([hosts?.current.stop(), hosts?.old.stop()])
  await folder?.remove()
})

const releases = isDebian12 ? (['10', 'the system'] as const) : (['the system'] as const)
describe.each(releases)('the ssh of %s', (release) => {
  const program = release === '10' ? openSsh10().ssh : 'ssh'
  it.each(['ed25519-sk', 'ecdsa-sk'])('signs in by a security key of type %s that is touched, and runs a command', async (type) => {
    const { code, stdout, stderr } = await ssh(type, 'current', 'echo through; exit 7', { program })
    expect([code, stdout]).toEqual([7, 'through\n'])
    expect(stderr).toContain(`kex: algorithm: ${release === '10' ? 'mlkem768x25519-sha256' : 'curve25519-sha256'}`)
    const untouched = await ssh(type, 'current', 'echo through', { program, flags: 0 })
    expect([untouched.code, untouched.stdout]).toEqual([255, ''])
  })
})

it('reaches a host with old algorithms while it is marked, says so in the ledger, and refuses it before and after', async () => {
  const scan = () => api.call<{ items: object[] }>('POST', `/assets/${oldHost}/host-keys/scan`, {})
  const mark = (legacyUntil: string | null) => api.call('PATCH', `/assets/${oldHost}`, { legacyUntil })
  await expect(scan()).rejects.toThrow('host_algorithms_old')
  await mark(inDays(30))
  await api.call('PUT', `/assets/${oldHost}/host-keys`, { trusted: (await scan()).items })
  expect(await ssh('ed25519', 'old', 'echo through')).toMatchObject({ code: 0, stdout: 'through\n' })
  for (const over of [inDays(-1), null]) {
    await mark(over)
    const refused = await ssh('ed25519', 'old', 'echo through')
    expect([refused.code, refused.stdout]).toEqual([255, ''])
    expect(refused.stderr).toMatch(/no .* in common/)
  }
  const { items } = await api.call<{ items: { code: string; detail?: Record<string, unknown> }[] }>('GET', '/audit?code=session.admitted&sort=at')
  expect(items.filter(({ detail }) => detail?.['assetName'] === 'old').map(({ detail }) => typeof detail?.['oldAlgorithmsUntil'])).toEqual([
    'string',
    'undefined',
    'undefined',
  ])
})
