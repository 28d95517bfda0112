// The large counts of `test/ssh-passage.test.ts`: both streams full at once twenty times, every status there is, and ends of streams that race with the end of what ran.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Product, startProduct } from '../harness/product.ts'
import { saveHost } from '../harness/saved-host.ts'
import { SshClients } from '../harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from '../harness/ssh-keys.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'

let sshd: TestSshd
let product: Product
let clients: SshClients
let key: KeyPair

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--sessions-per-operator', '100'] })])
  const api = await product.claim()
  clients = await SshClients.make(product)
  ;[, key] = await Promise.all([
    saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' }),
    makeKeyPair(clients.folder, 'id', 'ed25519'),
  ])
  await api.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
})
afterAll(async () => {
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
})
const run = (command: string, input?: string) =>
  clients.run(['ada+web1@127.0.0.1', command], { key: key.privateKeyFile, ...(input === undefined ? {} : { input }) })
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

it('20 MiB on stdout and on stderr at once arrive whole, twenty times of twenty', async () => {
  const bytes = 20 * 1024 * 1024
  const whole = [9, sha256('o'.repeat(bytes)), sha256('e'.repeat(bytes))]
  for (let round = 0; round < 20; round++) {
    const ran = await run(`head -c ${bytes} /dev/zero | tr '\\0' e >&2 & head -c ${bytes} /dev/zero | tr '\\0' o; wait; exit 9`)
    expect([ran.code, sha256(ran.stdout), sha256(ran.stderr)]).toEqual(whole)
  }
})

it('every status arrives', async () => {
  for (let status = 0; status < 256; status += 8) {
    const eight = Array.from({ length: 8 }, (_each, at) => status + at)
    expect((await Promise.all(eight.map((each) => run(`exit ${each}`)))).map(({ code }) => code)).toEqual(eight)
  }
})

it('what is said last is not lost, whatever ends first', async () => {
  const last = 'x'.repeat(300_000)
  for (let round = 0; round < 50; round++) {
    const ran = await Promise.all([
      run('cat; exit 3', last),
      run(`head -c 300000 /dev/zero | tr '\\0' x; exit 3`),
      run(`head -c 300000 /dev/zero | tr '\\0' x >&2; exit 3`),
      run('exec 1>&-; cat >&2; exit 3', last),
    ])
    expect(ran.map(({ code, stdout, stderr }) => [code, stdout.length + stderr.length])).toEqual(Array.from({ length: 4 }, () => [3, 300_000]))
  }
})
