// The SSH door from outside: the real ssh client against the real product and a real sshd.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { download, findSession, listSessions, openLive, saveHost, type SavedHost, shownBytes } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SshClients } from './harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let clients: SshClients
let api: ApiClient
let host: SavedHost
let key: KeyPair
const { password } = testOperator

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd({ config: ['AcceptEnv LANG LC_* LD_PRELOAD'] }), startProduct()])
  api = await product.claim()
  clients = await SshClients.make(product)
  ;[host, key] = await Promise.all([
    saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' }),
    makeKeyPair(clients.folder, 'id', 'ed25519'),
  ])
  await api.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
}, 60_000)
afterAll(async () => {
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
})

const byKey = () => ({ key: key.privateKeyFile })
const newest = async () => (await listSessions(api, '?sort=-startedAt&size=1')).items[0]
const ended = (id: string) => waitUntil('the end to be known', async () => ((await findSession(api, id)).state === 'ended' ? findSession(api, id) : undefined))
/** A shell at a terminal, with its prompt, and its session. */
async function shell(user = 'ada+web1', options: { cols?: number; rows?: number } = {}) {
  const before = new Set((await listSessions(api, '?size=200')).items.map(({ id }) => id))
  const terminal = clients.terminal([`${user}@127.0.0.1`], { ...byKey(), ...options })
  await terminal.waitFor('This session is recorded.')
  await terminal.waitFor(/[$#] $/)
  const row = await waitUntil('its row', async () => (await listSessions(api, '?state=live')).items.find(({ id }) => !before.has(id)))
  return { terminal, row }
}

describe('signing in', () => {
  it('takes a key and a password, and one refusal for whatever is wrong', async () => {
    expect(await clients.run(['ada+web1@127.0.0.1', 'echo by key'], byKey())).toEqual({ code: 0, stdout: 'by key\n', stderr: '' })
    expect(await clients.run(['ada+web1@127.0.0.1', 'echo by password'], { password })).toEqual({ code: 0, stdout: 'by password\n', stderr: '' })
    const wrong = ['-o', 'NumberOfPasswordPrompts=1', '-o', 'PreferredAuthentications=password']
    const refusals = await Promise.all([
      clients.run([...wrong, 'ada+web1@127.0.0.1', 'true'], { password: 'not it' }),
      clients.run([...wrong, 'nobody+web1@127.0.0.1', 'true'], { password: 'not it' }),
      clients.run([...wrong, 'ada+web1+x+y@127.0.0.1', 'true'], { password }),
    ])
    for (const refusal of refusals) {
      expect(refusal.code).toBe(255)
      expect(refusal.stderr).toContain('Permission denied (publickey,password,keyboard-interactive)')
    }
  })

  it('waits for an approval in the browser, by the number that the terminal shows', async () => {
    const child = clients.start(['-o', 'PreferredAuthentications=keyboard-interactive', 'ada+web1@127.0.0.1', 'echo approved'], { password: '' })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
    const shown = await waitUntil('the number', () => /\/approve\/(\S+)[\s\S]*number: (\S+)/.exec(said))
    expect(said).toContain('it comes from 127.0.0.1')
    await api.call('POST', `/approvals/${decodeURIComponent(shown[1] ?? '')}/approve`, { number: shown[2] })
    expect(await exit).toBe(0)
    expect(said).toMatch(/approved\n$/)
  })

  it('adds a key that proves itself, once its owner says so in the browser', async () => {
    const other = await makeKeyPair(clients.folder, 'other', 'ecdsa')
    expect((await clients.run(['ada+web1@127.0.0.1', 'true'], { key: other.privateKeyFile })).code).toBe(255)
    const child = clients.start(['enroll@127.0.0.1'], { key: other.privateKeyFile })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
    const shown = await waitUntil('the number', () => /\/approve\/(\S+)[\s\S]*number: (\S+)/.exec(said))
    expect(said).toContain(other.fingerprint)
    await api.call('POST', `/approvals/${decodeURIComponent(shown[1] ?? '')}/approve`, { number: shown[2], name: 'other' })
    expect(await exit).toBe(0)
    expect(said).toContain('this key signs in ada')
    expect((await clients.run(['ada+web1@127.0.0.1', 'true'], { key: other.privateKeyFile })).code).toBe(0)
  })

  it('goes by the block for ~/.ssh/config and the lines for known_hosts as they are pasted', async () => {
    const { text, knownHosts } = await api.call<{ text: string; knownHosts: string }>('GET', '/door/ssh-config')
    const [config, known] = [path.join(clients.folder, 'config'), path.join(clients.folder, 'known_hosts_of_the_door')]
    await Promise.all([writeFile(config, text), writeFile(known, knownHosts)])
    const strict = ['-F', config, '-o', `UserKnownHostsFile=${known}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes']
    const { stdout } = await promisify(execFile)('ssh', [...strict, '-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', 'web1', 'echo pasted'])
    expect(stdout).toBe('pasted\n')
  })

  it('ends what a key opened when the key is removed', async () => {
    const spare = await makeKeyPair(clients.folder, 'spare', 'rsa')
    const added = await api.call<{ id: string }>('POST', '/me/keys', { line: spare.publicKey })
    const opened = clients.run(['ada+web1@127.0.0.1', 'sleep 60'], { key: spare.privateKeyFile })
    const row = await waitUntil('its row', async () => (await listSessions(api, '?state=live')).items[0])
    await api.call('DELETE', `/me/keys/${added.id}`)
    expect((await opened).stderr).toContain('The key that opened this was removed.')
    expect(await ended(row.id)).toMatchObject({ endReason: 'revoked' })
    expect((await clients.run(['ada+web1@127.0.0.1', 'true'], { key: spare.privateKeyFile })).code).toBe(255)
  })
})

describe('where to go', () => {
  it('is said, or listed for who did not say it without a terminal; what is not there and what is forbidden look alike', async () => {
    const refusal = (user: string) => clients.run([`${user}@127.0.0.1`, 'id'], byKey())
    expect(await refusal('ada')).toEqual({ code: 255, stdout: '', stderr: '[Sallyport] Say which host: ssh ada+HOST@…\nYou may use: web1.\n' })
    expect(await refusal('ada+web9')).toEqual({ code: 255, stdout: '', stderr: '[Sallyport] There is no such host.\n' })
  })

  it('is chosen in a menu at a terminal', async () => {
    const terminal = clients.terminal(['ada@127.0.0.1'], byKey())
    await terminal.waitFor('web1')
    terminal.type('\r')
    await terminal.waitFor(/[$#] $/)
    terminal.type('exit 5\n')
    expect(await terminal.waitForExit()).toBe(5)
  })
})

describe('a terminal', () => {
  it('has the client’s size and TERM, follows it, and ends with the status of the shell; its recording holds what it showed', async () => {
    const { terminal, row } = await shell('ada+web1', { cols: 100, rows: 30 })
    expect(row).toMatchObject({ door: 'ssh', asset: 'web1', kind: 'shell', source: '127.0.0.1' })
    terminal.type('stty size; echo $TERM\n')
    await terminal.waitFor(/30 100\r\nxterm-256color/)
    terminal.resize(132, 43)
    terminal.type('until stty size | grep 132; do sleep 0.1; done\n')
    await terminal.waitFor('43 132')
    terminal.type('exit 7\n')
    expect(await terminal.waitForExit()).toBe(7)
    expect(await ended(row.id)).toMatchObject({ endReason: 'exited', exitStatus: 7 })
    const recording = await waitUntil('the recording', async () => {
      const text = await download(api, row.id, 'v3').catch(() => '')
      return text.includes('"x"') || text.includes('43 132') ? text : undefined
    })
    expect(shownBytes(recording).toString()).toContain('30 100\r\nxterm-256color')
    expect(recording).toContain('"132x43"')
    // What Sallyport says beside the session is no part of it.
    expect(recording).not.toContain('[Sallyport]')
  })

  it('passes variables of the list alone, whatever the host would take', async () => {
    const run = await clients.run(['-tt', '-o', 'SetEnv=LC_TEST=ok LD_PRELOAD=/evil.so', 'ada+web1@127.0.0.1', 'echo $LC_TEST-$LD_PRELOAD-'], byKey())
    expect(run).toMatchObject({ code: 0, stdout: 'ok--\r\n', stderr: '' })
  })

  it('ends with the signal that ended its program, as ssh does', async () => {
    const run = await clients.run(['-tt', 'ada+web1@127.0.0.1', 'kill -TERM $$'], byKey())
    expect(run).toMatchObject({ code: 255, stderr: '' })
    expect(await ended((await newest())?.id ?? '')).toMatchObject({ endReason: 'signaled' })
  })

  it('is watched by others, which its owner reads, and ended by an administrator, who is named', async () => {
    const { terminal, row } = await shell()
    const watcher = await openLive(product, api, 'watch', row.id)
    await terminal.waitFor('Watching this session: ')
    terminal.type('echo seen-$((40+2))\n')
    await waitUntil('the watcher to see it', () => watcher.text.includes('seen-42'))
    await api.call('POST', `/sessions/${row.id}/terminate`, { reason: 'enough' })
    await terminal.waitFor('[Sallyport] Terminated by ada: enough')
    expect(await terminal.waitForExit()).toBe(255)
    expect(await ended(row.id)).toMatchObject({ endReason: 'terminated' })
    watcher.close()
  })

  it('goes on in the browser when the client is lost, and takes its person along from one that is not', async () => {
    const { terminal, row } = await shell()
    terminal.type('X=kept-$((40+2)); echo $X\n')
    await terminal.waitFor('kept-42')
    await terminal.kill()
    const browser = await openLive(product, api, 'attach', row.id, { cookie: api.cookie })
    expect((await browser.waitForWelcome()).graceSeconds).toBe(60)
    browser.send('echo still-$X\n')
    await browser.waitFor('still-kept-42')
    browser.send('exit\n')
    expect(await browser.waitForEnded()).toMatchObject({ reason: 'exited' })

    const second = await shell()
    const thief = await openLive(product, api, 'attach', second.row.id, { cookie: api.cookie })
    await thief.waitForWelcome()
    await second.terminal.waitFor('goes on in another window')
    expect(await second.terminal.waitForExit()).toBe(255)
    thief.close()
  })

  it('ends at once when its client leaves in order', async () => {
    const { terminal, row } = await shell()
    terminal.type('\r~.')
    expect(await terminal.waitForExit()).toBe(255)
    expect(await ended(row.id)).toMatchObject({ endReason: 'owner_gone' })
  })
})

describe('a host', () => {
  it('asks its own questions at the terminal, without showing the answer; without a terminal it is said what to do', async () => {
    await saveHost(api, sshd, { kind: 'ask' }, { name: 'asks' })
    const terminal = clients.terminal(['ada+asks@127.0.0.1'], byKey())
    await terminal.waitFor(`Password of ${sshd.user} on 127.0.0.1: `)
    terminal.type(`wrong\x7f\x15${sshd.password}\r`)
    const shown = await terminal.waitFor(/[$#] $/)
    expect(shown).not.toContain(sshd.password)
    terminal.type('exit\n')
    expect(await terminal.waitForExit()).toBe(0)
    const run = await clients.run(['ada+asks@127.0.0.1', 'true'], byKey())
    expect([run.code, run.stdout]).toEqual([255, ''])
    expect(run.stderr).toContain('connect with a terminal (ssh -t)')
  })
})

describe('several channels over one connection', () => {
  it('are admitted one by one: what was granted to the first is asked again for the next (AUTHZ-07)', async () => {
    await addOperator(product, 'bob', 'Bob', 'member')
    const { items } = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators?size=50')
    const bob = items.find(({ username }) => username === 'bob')?.id ?? ''
    const grant = await api.call<{ id: string }>('POST', '/grants', {
      name: 'bob on web1',
      operators: [bob],
      groups: [],
      assets: [host.id],
      tags: [],
      accounts: 'all',
      actions: ['shell', 'exec'],
    })
    const shared = ['-o', `ControlPath=${clients.folder}/shared`]
    const master = clients.start([...shared, '-M', '-N', 'bob+web1@127.0.0.1'], { password })
    const exit = new Promise<number | null>((resolve) => master.on('exit', resolve))
    await waitUntil('the shared connection', async () => (await clients.run([...shared, '-O', 'check', 'bob+web1@127.0.0.1'])).code === 0)
    const next = () => clients.run([...shared, 'bob+web1@127.0.0.1', 'echo next; exit 4'])
    expect(await Promise.all([next(), next(), next()])).toEqual(Array.from({ length: 3 }, () => ({ code: 4, stdout: 'next\n', stderr: '' })))
    await api.call('DELETE', `/grants/${grant.id}`)
    expect(await next()).toEqual({ code: 255, stdout: '', stderr: '[Sallyport] There is no such host.\n' })
    await clients.run([...shared, '-O', 'exit', 'bob+web1@127.0.0.1'])
    await exit
  })
})

describe('the door', () => {
  it('lets people in beside connections that say nothing (DOS-01)', async () => {
    const silent = Array.from({ length: 60 }, () => connect(product.sshPort, '127.0.0.1').on('error', () => undefined))
    try {
      // Whoever comes in the first second after them may be told to come again.
      const run = () => clients.run(['ada+web1@127.0.0.1', 'echo in'], byKey())
      await waitUntil('somebody to be let in', async () => (await run()).stdout === 'in\n', { withinMs: 15_000 })
    } finally {
      for (const socket of silent) socket.destroy()
    }
  })

  it('shows both fingerprints when the key of a host has changed, and signs in to nobody (SSHT-12)', async () => {
    const before = host.hostKeys.map(({ fingerprint }) => fingerprint)
    await sshd.replaceHostKeys()
    const run = await clients.run(['-tt', 'ada+web1@127.0.0.1'], byKey())
    expect(run.code).toBe(255)
    expect(before.some((fingerprint) => run.stderr.includes(fingerprint))).toBe(true)
    expect(Object.values(sshd.hostKeys).some(({ fingerprint }) => run.stderr.includes(fingerprint))).toBe(true)
    expect(await ended((await newest())?.id ?? '')).toMatchObject({ endReason: 'host_key_changed' })
  })

  it('says goodbye to everybody when it stops', async () => {
    const scan = await api.call<{ items: unknown[] }>('POST', `/assets/${host.id}/host-keys/scan`, {})
    await api.call('PUT', `/assets/${host.id}/host-keys`, { trusted: scan.items })
    const { terminal } = await shell()
    const idle = clients.start(['-N', 'ada+web1@127.0.0.1'], byKey())
    const left = new Promise<number | null>((resolve) => idle.on('exit', resolve))
    await product.stop()
    await terminal.waitFor('[Sallyport] Sallyport is restarting. Connect again in a moment.')
    expect([await terminal.waitForExit(), await left]).toEqual([255, 255])
  })
})
