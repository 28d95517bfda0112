// People and programs from outside: made by an administrator or by the command line, let in by a password, a code or a token, and put out again.
import { spawn } from 'node:child_process'
import { generateSync } from 'otplib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from './harness/api-client.ts'
import { checkout, type Product, startProduct } from './harness/product.ts'
import { findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'
import { changeRows } from './harness/written-rows.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const command = (...args: string[]) =>
  new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const said = { out: '', err: '' }
    const child = spawn(process.execPath, [`${checkout}/bin/sallyport.mjs`, 'admin', ...args, '--data', product.data], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString('utf8')))
    child.on('close', (code) => resolve({ code, ...said }))
  })
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error: { code?: string }) => error.code ?? String(error),
  )
const idOf = async (client: ApiClient) => String((await client.call('GET', '/me'))['id'])

it('a program with a token opens a terminal without an Origin, and loses it with the token', async () => {
  const { id, token } = await api.call<{ id: string; token: string }>('POST', '/tokens', { name: 'deploy' })
  const program = new ApiClient(product.url, token)
  expect(await program.call('GET', '/me')).toMatchObject({ username: 'ada' })
  const nobody = await refused(TerminalClient.connect({ url: product.url, ticket: 'x'.repeat(43), origin: '' }))
  expect(nobody).toContain('403')
  const terminal = await openTerminal(product, program, host, { origin: '', token })
  const { session } = await terminal.waitForWelcome()
  terminal.send('echo by-$((40+2))-token\n')
  await terminal.waitFor('by-42-token')
  // Another's token does not open what this one asked for, nor does the browser of the same person.
  const other = await api.call<{ token: string }>('POST', '/tokens', { name: 'other' })
  const stolen = await openTerminal(product, program, host, { origin: '', token: other.token })
  expect(await stolen.waitForEnded()).toMatchObject({ failure: 'ticket_invalid' })
  const browser = await openTerminal(product, program, host, { cookie: api.cookie })
  expect(await browser.waitForEnded()).toMatchObject({ failure: 'ticket_invalid' })
  await api.call('DELETE', `/tokens/${id}`)
  expect(await terminal.waitForEnded()).toMatchObject({ reason: 'revoked', message: 'The API token that opened this was removed.' })
  expect(await refused(program.call('GET', '/me'))).toBe('unauthenticated')
  await waitUntil('the session to have ended', async () => (await findSession(api, session)).endReason === 'revoked')
  expect((await findSession(api, session)).door).toBe('api')
})

it('somebody who is disabled is put out of their terminal at once and signs in no more (AUTH-15)', async () => {
  const bob = await addOperator(product, 'bob', 'Bob', 'admin')
  const terminal = await openTerminal(product, bob, host, { cookie: bob.cookie })
  await terminal.waitForWelcome()
  const id = await idOf(bob)
  await api.call('PATCH', `/operators/${id}`, { enabled: false })
  expect(await terminal.waitForEnded()).toMatchObject({ reason: 'revoked', message: 'Your account was disabled.' })
  expect(await refused(bob.call('GET', '/me'))).toBe('unauthenticated')
  expect(await refused(product.signIn('bob'))).toBe('sign_in_failed')
})

it('a second factor is asked for where the role must have one, and its code holds once', async () => {
  await addOperator(product, 'audra', 'Audra', 'auditor')
  await api.call('PATCH', '/settings', { secondFactorFor: ['auditor'] })
  const client = product.api()
  const given = { username: 'audra', password: 'correct horse battery staple' }
  const { setup } = await client.call<{ setup: { secret: string } }>('POST', '/sign-in', given)
  const code = generateSync({ secret: setup.secret })
  const made = await client.call<{ recoveryCodes: string[] }>('POST', '/sign-in', { ...given, code })
  expect(made.recoveryCodes).toHaveLength(10)
  expect(await client.call('GET', '/me')).toMatchObject({ username: 'audra' })
  expect(await refused(product.api().call('POST', '/sign-in', { ...given, code }))).toBe('second_factor_wrong')
  expect(await product.api().call('POST', '/sign-in', given)).toEqual({ next: 'totp' })
  await product.api().call('POST', '/sign-in', { ...given, code: made.recoveryCodes[0] })
})

it('the command line makes people and sets passwords beside the running product', async () => {
  const made = await command('create-operator', 'carol', '--name', 'Carol C.')
  expect([made.code, made.err]).toEqual([0, 'sallyport: this password is for one sign-in, which asks for another\n'])
  const given = { username: 'carol', password: made.out.trim() }
  expect(await product.api().call('POST', '/sign-in', given)).toEqual({ next: 'password' })
  const carol = product.api()
  expect(await carol.call('POST', '/sign-in', { ...given, newPassword: 'a password of her own' })).toMatchObject({
    operator: { name: 'Carol C.', role: 'member' },
  })
  const again = await command('reset-password', 'carol', '--remove-second-factor')
  expect(again.code).toBe(0)
  expect(again.out).not.toBe(made.out)
  expect(await refused(carol.call('GET', '/me'))).toBe('unauthenticated')
  expect(await product.api().call('POST', '/sign-in', { username: 'carol', password: again.out.trim() })).toEqual({ next: 'password' })
  expect(await command('create-operator', 'carol')).toMatchObject({ code: 1, out: '', err: 'sallyport: Someone has this user name already.\n' })
  expect(await command('create-operator', 'a:b')).toMatchObject({ code: 2, out: '' })
  expect(await command('reset-password', 'nobody')).toMatchObject({ code: 1, out: '', err: 'sallyport: there is nobody with the user name "nobody"\n' })
})

// Last: it slows this address.
it('guesses are slowed by the address they come from, whatever address they say they come from (AUTH-06)', async () => {
  let answer = ''
  // Ten are free; on a slow machine waits of a second are over before the next try.
  for (let tries = 0; answer !== 'sign_in_slowed' && tries < 60; tries += 1) {
    const forged = {
      'x-forwarded-for': `203.0.113.${tries}`,
      'x-real-ip': `203.0.113.${tries}`,
      forwarded: `for=203.0.113.${tries}`,
      'x-sallyport-source': `203.0.113.${tries}`,
    }
    const body = { username: `guess${tries}`, password: 'not the right one' }
    const { json } = await product.api().request('POST', '/api/v1/sign-in', { body, headers: forged })
    answer = (json as { error: { code: string } }).error.code
  }
  expect(answer).toBe('sign_in_slowed')
  const sources = new Set<unknown>()
  changeRows(product, (database) => {
    for (const row of database.prepare(`select source from audit where code = 'operator.sign_in_failed'`).all()) sources.add(row['source'])
  })
  expect(sources).toEqual(new Set(['127.0.0.1']))
})
