// Hostile clients at the SSH door of the whole product, where the answer is made of several parts: who guesses, who lies about where they come from, whose words would be something else in a log, who does not read.
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpuSeconds, family } from '../bench/cost.ts'
import { RawClient } from '../src/ssh/raw-ssh-client.fixture.ts'
import { wireString, wireUint32, WireReader } from '../src/ssh/wire-reader.ts'
import type { ApiClient } from './harness/api-client.ts'
import { lookInside } from './harness/inside.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { makeRawKey, rawSignIn, type RawKey } from './harness/raw-terminals.ts'
import { findSession, listSessions, saveHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SshClients } from './harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { totpCode } from './harness/totp.ts'
import { waitUntil } from './harness/wait.ts'

type AuditRow = { seq: number; code: string; source?: string; detail?: Record<string, unknown> }

let sshd: TestSshd
let product: Product
let clients: SshClients
let api: ApiClient
let bob: ApiClient
let key: KeyPair
const rawKey: RawKey = makeRawKey()
const { password } = testOperator

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--sessions-per-operator', '50'] })])
  api = await product.claim()
  clients = await SshClients.make(product)
  ;[, key, bob] = await Promise.all([
    saveHost(api, sshd, { kind: 'password', password: sshd.password ?? '' }, { name: 'web1' }),
    makeKeyPair(clients.folder, 'id', 'ed25519'),
    addOperator(product, 'bob', 'Bob', 'member'),
  ])
  await api.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
  await api.call('POST', '/me/keys', { line: rawKey.line, name: 'raw' })
}, 60_000)
afterAll(async () => {
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
})

const opened = async () => {
  const client = await RawClient.open(product.sshPort)
  await client.service()
  return client
}
/** Answers whether it is half of what is needed. */
const refused = async (client: RawClient) => {
  const reader = new WireReader((await client.next(51)).subarray(1))
  return { methods: reader.text(), isHalf: reader.byte() === 1 }
}
const newest = async () => (await api.call<{ items: AuditRow[] }>('GET', '/audit?sort=-at&size=20')).items
const byKey = () => ({ key: key.privateKeyFile })
/** Anything that a terminal would take for more than text, but the line ends that part records. */
// oxlint-disable-next-line no-control-regex -- none may be there
const hasControls = (text: string) => /[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(text)
const logs = () => product.stdout() + product.stderr()

describe('who writes what no name holds', () => {
  it('is refused as anybody, with one row without the name, or none when it holds control characters; no log has a line of their own (AUD-09)', async () => {
    const rowsAfter = async (name: string) => {
      const before = (await newest())[0]?.seq ?? 0
      const client = await opened()
      client.password(name, 'guess')
      expect(await refused(client)).toEqual({ methods: 'publickey,password,keyboard-interactive', isHalf: false })
      client.socket.destroy()
      return (await newest()).filter(({ seq }) => seq > before)
    }
    const rows = await rowsAfter('ada+{"level":50,"msg":"forged-line"}\\r\\n%0a')
    expect(rows).toMatchObject([{ code: 'operator.sign_in_failed', source: '127.0.0.1', detail: { why: 'unknown name' } }])
    expect(JSON.stringify(rows)).not.toContain('forged')
    expect(await rowsAfter('ada\r\n{"level":50,"msg":"forged-line"}\n\x1b]0;forged\x07\x1b[2J')).toEqual([])
    expect(logs()).not.toContain('forged')
    expect(hasControls(logs())).toBe(false)
  })
})

describe('who guesses', () => {
  it('is cut after six passwords (AUTH-04)', async () => {
    const client = await opened()
    for (let tries = 0; tries < 5; tries += 1) {
      client.password('carol+web1', `guess ${tries}`)
      expect(await refused(client)).toMatchObject({ isHalf: false })
    }
    client.password('carol+web1', 'guess 6')
    client.password('carol+web1', 'guess 7')
    expect(await client.end()).toEqual({ reason: 14, text: 'Too many authentication failures' })
  })

  it('does not go on as somebody else (AUTH-09)', async () => {
    const client = await opened()
    client.password('carol+web1', 'guess')
    await refused(client)
    client.password('ada+web1', password)
    expect((await client.end())?.reason).toBe(2)
  })

  it('does not use a code twice, nor one that opened a browser (AUTH-11)', async () => {
    const { secret } = await bob.call<{ secret: string }>('POST', '/me/second-factor', { password })
    const first = totpCode(secret)
    await bob.call('POST', '/me/second-factor/confirm', { code: first })
    const signIn = async (code: string) => {
      const client = await opened()
      client.password('bob+web1', password)
      expect(await refused(client)).toMatchObject({ isHalf: true })
      client.request('bob+web1', 'keyboard-interactive', wireString(''), wireString(''))
      await client.next(60)
      client.send(Buffer.of(61), wireUint32(1), wireString(code))
      const answer = await waitUntil('an answer', async () => (await client.next())[0])
      client.socket.destroy()
      return answer === 52 ? 'in' : 'refused'
    }
    // The next code holds half a minute before its time, for clocks that differ.
    const next = totpCode(secret, Date.now() + 30_000)
    expect([await signIn(first), await signIn(next), await signIn(next)]).toEqual(['refused', 'in', 'refused'])
  })
})

describe('who lies', () => {
  it('about where they come from is no client of SSH, and not believed (AUTH-06)', async () => {
    for (const header of [
      'PROXY TCP4 203.0.113.9 192.0.2.1 4242 22\r\n',
      '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x09\xc0\x00\x02\x01\x10\x92\x00\x16',
    ]) {
      const client = await RawClient.connect(product.sshPort)
      client.bytes(Buffer.from(header, 'latin1'))
      client.bytes(Buffer.from('SSH-2.0-Raw\r\n'))
      await client.end()
    }
    const client = await rawSignIn(product.sshPort, 'ada+web1', rawKey)
    client.socket.destroy()
    expect(logs()).not.toContain('203.0.113.9')
    expect((await newest()).filter(({ source }) => source !== undefined && source !== '127.0.0.1')).toEqual([])
  })

  it('in a command is kept as text, in one row and in no log (AUD-09, AUD-15)', async () => {
    const command = `printf done; : '\r\n{"level":50,"msg":"forged-line"}\n\x1b]0;forged\x07'`
    expect(await clients.run(['ada+web1@127.0.0.1', command], byKey())).toMatchObject({ code: 0, stdout: 'done' })
    const [row, ...others] = (await listSessions(api, '?sort=-startedAt&size=50')).items
    // The row has it as one line.
    expect(row).toMatchObject({ kind: 'exec', command: `printf done; : ' {"level":50,"msg":"forged-line"} ]0;forged '` })
    expect(others.filter((each) => JSON.stringify(each).includes('forged'))).toEqual([])
    const commands = (await api.call<{ items: { text: string }[] }>('GET', `/sessions/${row?.id ?? ''}/commands`)).items
    expect(commands.map(({ text }) => text)).toEqual([command.replaceAll(/[^\P{Cc}\n]/gu, '')])
    expect(logs()).not.toContain('forged')
    expect(hasControls(logs())).toBe(false)
  })
})

it('who does not read costs at most 4 MB, and gets all of it once they do (DOS-08)', async () => {
  const [count, bytes] = [6, 40_000_000]
  // Pages that the allocator keeps say nothing with so few; `test/floods.test.ts` looks at them with many.
  const held = async () =>
    (await lookInside(product)).filter(({ inside }) => inside !== 'control').reduce((sum, { heapBytes, externalBytes }) => sum + heapBytes + externalBytes, 0)
  const start = () => {
    const child = clients.start(['ada+web1@127.0.0.1', `head -c ${bytes} /dev/zero`], byKey())
    const reader = { child, got: 0, code: undefined as number | null | undefined }
    child.stdout?.on('data', (piece: Buffer) => (reader.got += piece.length))
    child.on('close', (code) => (reader.code = code))
    return reader
  }
  const over = (readers: readonly ReturnType<typeof start>[]) =>
    waitUntil('all of it', () => readers.every(({ code }) => code !== undefined), { withinMs: 60_000 })
  // Code and pools of the first are nobody's cost.
  await over(Array.from({ length: count }, start))
  const before = await held()
  const readers = Array.from({ length: count }, start)
  try {
    for (const [at, { child }] of readers.entries()) {
      await waitUntil('its first bytes', () => (readers[at]?.got ?? 0) > 0, { withinMs: 30_000, everyMs: 2 })
      stopReading(child, at)
    }
    await waitUntil('all to stand still', async () => {
      const from = cpuSeconds(family(product.pid))
      await new Promise((resolve) => setTimeout(resolve, 500))
      return cpuSeconds(family(product.pid)) - from < 0.05
    })
    expect(((await held()) - before) / count).toBeLessThan(4 * 1024 * 1024)
    expect((await listSessions(api, '?state=live&size=1')).total).toBe(count)
  } finally {
    for (const { child } of readers) {
      child.kill('SIGCONT')
      child.stdout?.resume()
    }
  }
  await over(readers)
  expect(readers.map(({ code, got }) => [code, got])).toEqual(readers.map(() => [0, bytes]))
}, 120_000)
/** Half of them as a program that hangs, half as one whose own reader does. */
function stopReading(child: ChildProcess, at: number): void {
  if (at % 2 === 0) child.kill('SIGSTOP')
  else child.stdout?.pause()
}

it('a host whose key has changed hears of no account and gets no password, by a command as little as at a terminal (SSHT-12)', async () => {
  const before = Object.values(sshd.hostKeys).map(({ fingerprint }) => fingerprint)
  await sshd.replaceHostKeys()
  const heard = sshd.log().length
  const run = await clients.run(['ada+web1@127.0.0.1', 'id'], byKey())
  expect([run.code, run.stdout]).toEqual([255, ''])
  expect(before.some((fingerprint) => run.stderr.includes(fingerprint))).toBe(true)
  expect(Object.values(sshd.hostKeys).some(({ fingerprint }) => run.stderr.includes(fingerprint))).toBe(true)
  const said = await waitUntil('the host to be left', () => {
    const since = sshd.log().slice(heard)
    return since.includes('Connection') && since.includes('[preauth]') ? since : undefined
  })
  expect(said).not.toContain(sshd.user)
  const row = (await listSessions(api, '?sort=-startedAt&size=1')).items[0]
  await waitUntil('its end', async () => (await findSession(api, row?.id ?? '')).state === 'ended')
  expect(await findSession(api, row?.id ?? '')).toMatchObject({ endReason: 'host_key_changed' })
})
