// What goes on from the SSH door, from outside: ports, jumps and agents, permitted and refused, with the real client and with one that sends what no client sends.
import { spawn, spawnSync } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ForwardView } from '#wire/api/door.ts'
import { RawClient } from '#ssh/raw-ssh-client.fixture.ts'
import { wireString, wireUint32, WireReader } from '#ssh/wire-reader.ts'
import type { ApiClient } from './harness/api-client.ts'
import { freePort } from './harness/free-port.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
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
let web1: SavedHost
let bob = ''
let key: KeyPair
const page = 'a page of the host\n'.repeat(1000)
const web: Server = createHttpServer((_request, response) => response.end(page))
const webPort = () => (web.address() as AddressInfo).port

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct(), new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))])
  api = await product.claim()
  clients = await SshClients.make(product)
  web1 = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web2' })
  const theirs = await addOperator(product, 'bob', 'Bob', 'member')
  key = await makeKeyPair(clients.folder, 'id', 'ed25519')
  await theirs.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
  const people = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators')
  bob = people.items.find(({ username }) => username === 'bob')?.id ?? ''
}, 60_000)
afterAll(async () => {
  web.close()
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
})

const byKey = () => ({ key: key.privateKeyFile })
/** For as long as the act lasts, bob has the grant on web1. */
async function granted<Result>(terms: Record<string, unknown>, act: (id: string) => Promise<Result>): Promise<Result> {
  const { id } = await api.call<{ id: string }>('POST', '/grants', { name: 'bob', operators: [bob], assets: [web1.id], accounts: 'all', ...terms })
  try {
    return await act(id)
  } finally {
    await api.request('DELETE', `/api/v1/grants/${id}`)
  }
}
type Row = { code: string; outcome: string; detail?: Record<string, unknown> }
const ledger = async (code: string) => (await api.call<{ items: Row[] }>('GET', `/audit?code=${code}&size=50`)).items
const places = async (code: string) => (await ledger(code)).map(({ detail }) => detail?.['destination'])
const newest = (kind: string, state: string) =>
  waitUntil(`a session of ${kind}`, async () => (await listSessions(api, `?kind=${kind}&door=ssh&state=${state}&sort=-startedAt&size=1`)).items[0])
const forwardsOf = async (id: string, count: number) =>
  waitUntil('forwards to be told', async () => {
    const { items } = await api.call<{ items: ForwardView[] }>('GET', `/sessions/${id}/forwards`)
    return items.length >= count ? items : undefined
  })

/** An ssh that stays; with what it says on stderr. */
async function beside<Result>(args: string[], act: (of: { said: () => string; gone: Promise<number | null> }) => Promise<Result>, env = {}): Promise<Result> {
  const child = clients.start(['-v', '-N', ...args, 'bob+web1@127.0.0.1'], { ...byKey(), env })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    return await act({ said: () => said, gone })
  } finally {
    child.kill()
    await gone
  }
}
/** The body, or how curl failed. */
function fetched(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('curl', ['-s', '--max-time', '10', ...args])
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(out).toString() : `curl ${code}`))
  })
}
/** Connects, and stays until the other side goes; undefined when nobody is there. */
function greeted(port: number): Promise<{ first: string; gone: Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').on('error', () => resolve(undefined))
    const gone = new Promise<void>((done) => socket.once('close', () => done()))
    socket.once('data', (chunk: Buffer) => resolve({ first: chunk.toString(), gone }))
  })
}
const until = (args: string[]) => waitUntil('the page', async () => (await fetched(args)) === page, { withinMs: 20_000 })

describe('ports', () => {
  it('-D asks for each place, and what is carried is told with bytes and time (FWD-01, FWD-03)', async () => {
    const port = await freePort()
    const by = (place: string) => fetched(['--socks5-hostname', `127.0.0.1:${port}`, `http://${place}/`])
    await granted({ actions: ['forward'] }, () =>
      beside(['-D', `127.0.0.1:${port}`], async ({ said }) => {
        await waitUntil('a page', async () => (await by(`localhost:${webPort()}`)) === page, { withinMs: 20_000 })
        const answers = await Promise.all(['10.9.8.7:80', 'db.invalid:5432', '169.254.169.254:80', `127.0.0.1:${product.port}`].map(by))
        expect(answers).toEqual(Array(4).fill('curl 97'))
        await waitUntil('the refusals', () => said().match(/administratively prohibited/g)?.length === 4)
        expect(await by(`127.0.0.1:${webPort()}`)).toBe(page)
        expect(new Set(await places('forward.refused'))).toEqual(new Set(['10.9.8.7:80', 'db.invalid:5432', '169.254.169.254:80', `127.0.0.1:${product.port}`]))
        const { id } = await newest('forward', 'live')
        const told = await forwardsOf(id, 2)
        for (const each of told) {
          expect(each).toMatchObject({ way: 'local', port: webPort(), outcome: 'done' })
          expect(each.bytesOut).toBeGreaterThan(page.length)
          expect(each.bytesIn).toBeGreaterThan(50)
        }
        expect(new Set(told.map(({ host }) => host))).toEqual(new Set(['localhost', '127.0.0.1']))
      }),
    )
    const row = await newest('forward', 'ended')
    expect(row.bytesOut).toBeGreaterThan(2 * page.length)
  })

  it('-R listens on the loopback alone, above 1023, and its port is gone with the session (FWD-02)', async () => {
    const port = await freePort()
    await granted({ actions: ['forward'] }, async (grant) => {
      const to = `127.0.0.1:${webPort()}`
      const refused = (bind: string) => clients.run(['-o', 'ExitOnForwardFailure=yes', '-N', '-R', `${bind}:${to}`, 'bob+web1@127.0.0.1'], byKey())
      for (const bind of [`0.0.0.0:${port}`, `[::]:${port}`, `192.0.2.1:${port}`, 'localhost:80', 'localhost:1023'])
        expect((await refused(bind)).stderr).toContain('remote port forwarding failed')
      expect(await places('forward.refused')).toEqual(expect.arrayContaining([`0.0.0.0:${port}`, `192.0.2.1:${port}`, 'localhost:80', 'localhost:1023']))
      await beside(['-R', `${port}:${to}`], async ({ gone }) => {
        await until([`http://127.0.0.1:${port}/`])
        const { id } = await newest('forward', 'live')
        expect(await forwardsOf(id, 1)).toMatchObject([{ way: 'remote', port, outcome: 'done' }])
        const at = performance.now()
        await api.call('DELETE', `/grants/${grant}`)
        await waitUntil('its end', async () => (await findSession(api, id)).state === 'ended', { withinMs: 6000 })
        // The host listens no longer, while the client is still there.
        await waitUntil('the port to be closed', async () => (await fetched([`http://127.0.0.1:${port}/`])) === 'curl 7', { withinMs: 6000 })
        expect(performance.now() - at).toBeLessThan(6000)
        expect(await Promise.race([gone, Promise.resolve('still there')])).toBe('still there')
      })
    })
  })

  it('what is carried ends within 5 s of the grant, and nothing is begun anew (AUTHZ-05, AUTHZ-07)', async () => {
    const port = await freePort()
    await granted({ actions: ['forward'] }, (grant) =>
      beside(['-L', `127.0.0.1:${port}:127.0.0.1:${sshd.port}`], async ({ said }) => {
        const { first, gone } = await waitUntil('the greeting of the host', () => greeted(port))
        expect(first).toMatch(/^SSH-2\.0-OpenSSH/)
        const { id } = await newest('forward', 'live')
        const at = performance.now()
        await api.call('DELETE', `/grants/${grant}`)
        await gone
        expect(performance.now() - at).toBeLessThan(5000)
        expect(await waitUntil('its end', async () => ((await findSession(api, id)).state === 'ended' ? findSession(api, id) : undefined))).toMatchObject({
          endReason: 'revoked',
        })
        expect(await forwardsOf(id, 1)).toMatchObject([{ way: 'local', host: '127.0.0.1', port: sshd.port, outcome: 'done' }])
        await fetched([`http://127.0.0.1:${port}/`])
        await waitUntil('the refusal', () => said().includes('administratively prohibited'))
      }),
    )
  })
})

it('refuses kinds of channels that are none of ours, and goes on; without a host nothing runs here (FWD-04, FWD-06)', async () => {
  const client = await RawClient.signedIn(product.sshPort, 'bob', testOperator.password)
  const open = async (type: string, ...more: Buffer[]) => {
    client.send(Buffer.of(90), wireString(type), wireUint32(7), wireUint32(65_536), wireUint32(32_768), ...more)
    const answer = await client.next()
    return answer[0] === 92 ? answer.readUInt32BE(5) : `answered ${answer[0]}`
  }
  expect(await open('direct-streamlocal@openssh.com', wireString('/var/run/docker.sock'), wireString(''), wireUint32(0))).toBe(3)
  expect(await open('tun@openssh.com', wireUint32(1), wireUint32(0))).toBe(3)
  expect(await open('x11', wireString('127.0.0.1'), wireUint32(1))).toBe(3)
  expect(await open('auth-agent@openssh.com')).toBe(1)
  const way = [wireString('127.0.0.1'), wireUint32(22), wireString('127.0.0.1'), wireUint32(1)]
  expect(await open('forwarded-tcpip', ...way)).toBe(1)
  expect(await open('direct-tcpip', ...way)).toBe(1)
  for (const request of ['streamlocal-forward@openssh.com', 'tcpip-forward']) {
    client.send(Buffer.of(80), wireString(request), Buffer.of(1), wireString('localhost'), wireUint32(2222))
    expect((await client.next())[0]).toBe(82)
  }
  // Alive: a command is answered, in words, and was not run.
  client.send(Buffer.of(90), wireString('session'), wireUint32(9), wireUint32(65_536), wireUint32(32_768))
  const theirs = (await client.next(91)).readUInt32BE(5)
  client.send(Buffer.of(98), wireUint32(theirs), wireString('exec'), Buffer.of(1), wireString('echo ran-$((40+2))'))
  const said = await client.next(95)
  const text = new WireReader(said.subarray(9)).text()
  expect(text).toContain('Say which host')
  expect(text).not.toContain('ran-42')
  client.socket.destroy()
  const sftp = await clients.run(['-s', 'bob@127.0.0.1', 'sftp'], byKey())
  expect(sftp).toMatchObject({ code: 255, stdout: '' })
  expect(sftp.stderr).toContain('Say which host')
})

describe('ssh -J', () => {
  const proxy = () => {
    const known = `-o UserKnownHostsFile=${path.join(clients.folder, 'known_hosts')} -o StrictHostKeyChecking=accept-new`
    return `ProxyCommand=ssh -F none ${known} -o LogLevel=INFO -o BatchMode=yes -o IdentitiesOnly=yes -i ${key.privateKeyFile} -p ${product.sshPort} -W %h:22 bob@127.0.0.1`
  }
  const jump = (to: string, ...args: string[]): Promise<SshRun> =>
    clients.run(['-o', proxy(), '-o', `HostKeyAlias=[127.0.0.1]:${product.sshPort}`, to, ...args])

  it('reaches what is granted, with a session of its own; no other account, and no other host', async () => {
    await granted({ actions: ['exec', 'forward'] }, async () => {
      expect(await jump(`${sshd.user}@web1`, 'echo jumped; exit 5')).toEqual({ code: 5, stdout: 'jumped\n', stderr: '' })
      expect(await newest('exec', 'ended')).toMatchObject({ operator: 'bob', asset: 'web1', account: sshd.user, door: 'ssh', exitStatus: 5 })
      expect(await jump('nobody@web1', 'id')).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('Permission denied') as string })
      const elsewhere = await jump(`${sshd.user}@web2`, 'id')
      expect([elsewhere.code, elsewhere.stdout]).toEqual([255, ''])
      expect(elsewhere.stderr).toContain('administratively prohibited')
      // From inside of the jump on, by its own rules.
      expect((await jump(`${sshd.user}@web1`, '-W', `localhost:${sshd.port}`)).stdout).toMatch(/^SSH-2\.0-OpenSSH/)
    })
  })

  it('takes clients that begin with a key or a password, and one that only says a name', async () => {
    await granted({ actions: ['exec'] }, async () => {
      for (const methods of ['publickey', 'password', 'none']) {
        const options = ['-o', 'PreferredAuthentications=' + methods, '-o', 'BatchMode=no', '-i', key.privateKeyFile]
        const run = await clients.run(['-o', proxy(), '-o', `HostKeyAlias=[127.0.0.1]:${product.sshPort}`, ...options, `${sshd.user}@web1`, 'echo in'], {
          password: 'anything',
        })
        expect([methods, run.code, run.stdout]).toEqual([methods, 0, 'in\n'])
      }
    })
  })
})

it('lends an agent where a grant says so: it lists and signs, nothing else, and each use is in the ledger (FWD-09, FWD-10)', async () => {
  const socket = path.join(clients.folder, 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  try {
    const env = { SSH_AUTH_SOCK: socket }
    await waitUntil('the agent', () => spawnSync('ssh-add', ['-q', key.privateKeyFile], { env }).status === 0)
    const run = (command: string) => clients.run(['-A', 'bob+web1@127.0.0.1', command], { ...byKey(), env })
    const [type, blob] = key.publicKey.split(' ')
    await granted({ actions: ['exec'] }, async () => {
      expect(await run('echo "[$SSH_AUTH_SOCK]"')).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
      expect((await ledger('request.dropped')).map(({ detail }) => detail?.['name'])).toContain('auth-agent-req@openssh.com')
    })
    await granted({ actions: ['exec'], forwardAgent: true }, async () => {
      expect((await run('ssh-add -L')).stdout).toContain(`${type} ${blob}`)
      const script = [
        'cd "$(mktemp -d)"',
        'ssh-add -L > key.pub',
        'echo signed > text && ssh-keygen -q -Y sign -f key.pub -n test text && head -n 1 text.sig',
        'ssh-keygen -q -t ed25519 -N "" -f other',
        'ssh-add other && echo added',
        'ssh-add -D && echo removed',
        'ssh-add -x </dev/null && echo locked',
        'ssh-add -L | wc -l; rm -rf "$PWD"',
      ]
      const ran = await run(`{ ${script.join('; ')}; } 2>&1`)
      expect(ran.stdout).toContain('-----BEGIN SSH SIGNATURE-----')
      expect(ran.stdout).not.toMatch(/added|removed|locked/)
      expect(ran.stdout).toMatch(/\n1\n$/)
      const uses = await waitUntil('the uses', async () => {
        const rows = await ledger('agent.used')
        return rows.some(({ detail }) => detail?.['request'] === 'sign') && rows.filter(({ outcome }) => outcome === 'refused').length >= 2 ? rows : undefined
      })
      expect(uses.find(({ detail }) => detail?.['request'] === 'sign')).toMatchObject({
        outcome: 'done',
        detail: { fingerprint: key.fingerprint, asset: 'web1' },
      })
    })
  } finally {
    agent.kill()
  }
})
