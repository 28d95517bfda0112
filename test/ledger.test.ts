// The ledger from outside: told to receivers while it is written, and verified by the command line, running or not, whole or changed.
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { syslogReceiver } from '#control/audit/syslog-receiver.ts'
import { lineText } from '#control/audit/ledger-line.ts'
import { verifyLines } from '#control/audit/verify-lines.ts'
import { startReceiver } from '#control/audit/test-receiver.ts'
import { selfSignedCertificate } from '#main/certificate.ts'
import { checkout, type Product, startProduct } from './harness/product.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const secret = 'a secret of the webhook'

/** Beside us, since receivers in this process have to go on. */
const verify = (...args: string[]) => run('verify', ...args)
async function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SALLYPORT_|VITEST|NODE_OPTIONS)/.test(name)))
  const child = spawn(process.execPath, [join(checkout, 'bin', 'sallyport.mjs'), ...args], { env })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number]
  return { status, ...said }
}

/** What whoever owns the file can do. */
function pastTriggers(file: string, statement: string): void {
  const sqlite = new Sqlite(file)
  for (const name of ['audit_refuses_update', 'audit_refuses_delete']) sqlite.exec(`drop trigger "${name}"`)
  expect(sqlite.prepare(statement).run().changes).toBeGreaterThan(0)
  sqlite.close()
}

test('the ledger is told to receivers, signed outside, and verified offline; a changed row is named', async () => {
  const folder = await makeTempFolder('ledger')
  const [heads, data] = [join(folder.path, 'heads'), join(folder.path, 'data')]
  for (const each of [heads, data]) mkdirSync(each)
  const certificate = await selfSignedCertificate(join(folder.path, 'tls'), [])
  const ca = join(folder.path, 'ca.pem')
  writeFileSync(ca, certificate.cert)
  writeFileSync(join(folder.path, 'secret'), `${secret}\n`)
  const syslog = await startReceiver('good', 0, certificate)
  const told: { number: number; code: string }[] = []
  const hook = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')))
    request.on('end', () => {
      const { 'x-sallyport-timestamp': timestamp, 'x-sallyport-signature': signature } = request.headers
      const isSigned =
        signature ===
        `v1=${createHmac('sha256', secret)
          .update(`${String(timestamp)}.${body}`)
          .digest('hex')}`
      if (isSigned) told.push(...(JSON.parse(body) as { rows: typeof told }).rows)
      response.writeHead(isSigned ? 200 : 401).end()
    })
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const flags = ['--ledger-heads', heads, '--forward-syslog', `tls://127.0.0.1:${syslog.port}`, '--forward-ca', ca]
  const webhook = [
    '--forward-webhook',
    `http://127.0.0.1:${(hook.address() as AddressInfo).port}/ledger`,
    '--forward-webhook-secret-file',
    join(folder.path, 'secret'),
  ]
  let product: Product | undefined
  try {
    product = await startProduct({ data, gateways: 1, flags: [...flags, ...webhook] })
    const api = await product.claim()
    await waitUntil(
      'both receivers to be told',
      () => told.some(({ code }) => code === 'operator.claimed') && syslog.rows().some(({ code }) => code === 'operator.claimed'),
    )
    const view = await api.call('GET', '/audit/verify')
    expect(view).toMatchObject({
      state: 'whole',
      receivers: [{ name: 'heads' }, { name: `syslog tls://127.0.0.1:${syslog.port}` }, { name: expect.stringContaining('webhook') }],
    })
    expect((await verify('--audit', '--data', data)).stdout).toMatch(/^consistent: \d+ rows\nhead: /)
    await product.stop()

    // A copy of the key, as one takes it away at the beginning.
    const trust = join(folder.path, 'trusted.pem')
    copyFileSync(join(data, 'control', 'keys', 'ledger.pub'), trust)
    const file = join(data, 'control', 'sallyport.db')
    const before = [readFileSync(file), statSync(file).mtimeMs]
    const whole = await verify('--audit', '--data', data, '--heads', heads, '--trust', trust, '--json')
    expect(whole.status, whole.stderr).toBe(0)
    const { rows, signedNumber, unchained, state } = JSON.parse(whole.stdout) as Record<string, unknown>
    expect({ state, unchained, signedNumber }).toEqual({ state: 'verified', unchained: 0, signedNumber: rows })
    expect([readFileSync(file), statSync(file).mtimeMs]).toEqual(before)
    expect(readdirSync(heads)).toHaveLength(1)

    // What a receiver holds can be verified alone.
    const lines = syslog.rows()
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 1))
    expect(told.map(({ number }) => number)).toEqual(told.map((_, at) => at + 1))
    const exported = join(folder.path, 'ledger.jsonl')
    const { stdout } = await run('export', '--audit', '--data', data)
    expect(stdout.startsWith(`${lines.map(lineText).join('\n')}\n`)).toBe(true)
    writeFileSync(exported, stdout)
    expect(await verifyLines(exported, {})).toMatchObject({ state: 'whole', from: 1, rows })
    writeFileSync(exported, `${lines.map((line) => lineText({ ...line, outcome: line.number === 2 ? 'refused' : line.outcome })).join('\n')}\n`)
    expect(await verify('--audit', exported)).toMatchObject({ status: 1, stdout: expect.stringContaining('broken: number 2: line 2') })

    // TLS is verified: without the authority nothing is sent.
    const untrusted = syslogReceiver({ host: '127.0.0.1', port: syslog.port, tls: true })
    await expect(untrusted.send({ rows: lines, lines: [], first: 1, last: 1 }, AbortSignal.timeout(10_000))).rejects.toThrow('self-signed certificate')
    expect(syslog.rows()).toHaveLength(lines.length)

    pastTriggers(file, `update audit set operator = 'somebody' where seq = 2`)
    const changed = await verify('--audit', '--data', data, '--heads', heads, '--trust', trust)
    expect(changed).toMatchObject({ status: 1, stdout: expect.stringContaining('broken: number 2, ledger row 2: the ledger row is not what was chained') })
  } finally {
    await product?.kill()
    hook.closeAllConnections()
    hook.close()
    await syslog.stop()
    await folder.remove()
  }
})
