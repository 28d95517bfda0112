// Everything secret that a real run touches, looked for afterwards in everything that the run said and left (SEC-01, SEC-02, SEC-08, SEC-09). And what ends when people sign out (WEB-08).
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { descendants } from './harness/process-tree.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { TerminalClient } from './harness/terminal-client.ts'
import { totpCode } from './harness/totp.ts'
import { waitUntil } from './harness/wait.ts'

const operatorPassword = 'canary operator password 7c1f'
const guessed = 'canary guessed password 55aa'
const hostPassword = 'canary host password 91b2'
const ofMany = 'canary shared password 6d2a'
const imported = 'canary imported password 0b7e'
const typed = 'canary typed without echo 3e3e'

let sshd: TestSshd
let product: Product
let api: ApiClient
let data: Awaited<ReturnType<typeof makeTempFolder>>
beforeAll(async () => {
  data = await makeTempFolder('canary')
  const started = startProduct({ data: path.join(data.path), flags: ['--log-level', 'trace'] })
  ;[sshd, product] = await Promise.all([startSshd({ keyboardInteractive: true }), started])
  api = await product.claim('ada', operatorPassword)
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await data?.remove()
})

/** TCP ports on which the process listens (proc(5): state 0A). */
function listening(pid: number): number[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]))
  const ports = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && own.has(fields[9]))
      .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)),
  )
  return [...new Set(ports)].toSorted((one, other) => one - other)
}
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed since it was listed
  }
}

const ended = (id: string) =>
  waitUntil('the session to have ended', async () => {
    const row = await findSession(api, id)
    return row.state === 'ended' ? row : undefined
  })

it('signing out ends the terminals that were opened from there within five seconds, and no others', async () => {
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'sign-out' })
  const other = await product.signIn('ada', operatorPassword)
  const [mine, theirs] = [await openTerminal(product, other, host), await openTerminal(product, api, host)]
  const [{ session }] = await Promise.all([mine.waitForWelcome(), theirs.waitForWelcome()])
  await other.signOut()
  expect(await mine.waitForEnded(5000)).toMatchObject({ reason: 'revoked', message: 'You signed out.' })
  expect(await ended(session)).toMatchObject({ endReason: 'revoked', endMessage: 'You signed out.' })
  theirs.send('echo still-$((40+2))\n')
  await theirs.waitFor('still-42')
  theirs.send('exit\n')
  await theirs.waitForEnded()
})

it('no secret stands in a log, an answer, the command line, the environment, or in clear on disk', async () => {
  const secrets: Record<string, string> = { operatorPassword, guessed, hostPassword, ofMany, imported, typed, claimToken: product.claimToken ?? '' }
  const sealed = sshd.userKeys.sealedEd25519
  secrets['passphrase'] = sealed.passphrase ?? ''
  const body = (pem: string) => pem.split('\n').slice(2, 4).join('')
  secrets['sealed key'] = body(sealed.privateKey).slice(0, 60)
  secrets['plain key'] = body(sshd.userKeys.ed25519.privateKey).slice(0, 60)
  secrets['cookie'] = /=(.+)$/.exec(api.cookie)?.[1] ?? ''

  const answers: string[] = []
  const say = async (method: string, where: string, sent?: unknown) => {
    const answer = await api.request(method, `/api/v1${where}`, sent === undefined ? {} : { body: sent })
    answers.push(answer.text, JSON.stringify(answer.headers))
    return answer
  }
  await say('POST', '/sign-in', { username: 'ada', password: guessed })
  await say('POST', '/sign-in', { username: guessed, password: guessed })
  // A field that is wrong must not be quoted.
  await say('POST', '/sign-in', { username: 'ada', password: [operatorPassword] })
  await say('POST', '/checks', { address: '127.0.0.1', port: sshd.port, username: sshd.user, auth: { kind: 'password', password: hostPassword }, trusted: [] })

  // A person's own: shown once, and looked for everywhere else.
  const setup = await api.call<{ secret: string }>('POST', '/me/second-factor', { password: operatorPassword })
  secrets['TOTP secret'] = setup.secret
  const { recoveryCodes } = await api.call<{ recoveryCodes: string[] }>('POST', '/me/second-factor/confirm', { code: totpCode(setup.secret) })
  for (const [index, code] of recoveryCodes.entries())
    Object.assign(secrets, { [`recovery code ${index}`]: code, [`bare code ${index}`]: code.replaceAll('-', '') })
  secrets['API token'] = (await api.call<{ token: string }>('POST', '/tokens', { name: 'for the test' })).token
  await say('GET', '/me/second-factor')
  await say('GET', '/tokens')
  // Another sign-in, which a recovery code opens and a mistyped one does not.
  await say('POST', '/sign-in', { username: 'ada', password: operatorPassword, code: `${recoveryCodes[1]}x` })
  const reused = await product.api().request('POST', '/api/v1/sign-in', { body: { username: 'ada', password: operatorPassword, code: recoveryCodes[0] } })
  expect(reused.status).toBe(200)
  answers.push(reused.text)

  const withKey = await saveHost(api, sshd, { kind: 'key', privateKey: sealed.privateKey, passphrase: sealed.passphrase ?? '' }, { name: 'by-key' })
  const withPassword = await saveHost(api, sshd, { kind: 'password', password: hostPassword }, { name: 'by-password' })
  const asked = await saveHost(api, sshd, { kind: 'ask' }, { name: 'asked' })
  const first = { name: 'of many', username: sshd.user, auth: { kind: 'password', password: `${ofMany} before` } }
  const shared = await api.call<{ id: string }>('POST', '/credentials', first)
  await say('PATCH', `/credentials/${shared.id}`, { auth: { kind: 'password', password: ofMany } })
  await say('POST', '/credentials', { ...first, auth: { kind: 'password', password: [ofMany] } })
  await say('GET', '/credentials')
  const withShared = await saveHost(api, sshd, { kind: 'credential', id: shared.id }, { name: 'by-shared' })
  const accounts = [{ username: 'root', auth: { kind: 'password', password: imported } }]
  await say('POST', '/assets/import', {
    rows: [
      { name: 'imported', address: '127.0.0.1', port: sshd.port, accounts },
      { name: 'by-shared', address: 'x', accounts },
    ],
  })
  await say('GET', '/assets')
  await say('POST', `/assets/${withPassword.id}/check`, { account: withPassword.accountId })

  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: withKey.id, account: withKey.account })
  secrets['ticket'] = ticket
  const terminal = await TerminalClient.connect({ url: product.url, ticket })
  const welcome = await terminal.waitForWelcome()
  secrets['key of the session'] = welcome.key
  terminal.send('stty -echo; read -r x; stty echo; echo read-$((1+1))\n')
  await sleep(500)
  terminal.send(`${typed}\n`)
  await terminal.waitFor('read-2')
  terminal.send('exit\n')
  await terminal.waitForEnded()

  await waitUntil('the recording to be sealed', async () => (await findSession(api, welcome.session)).recording?.state === 'intact')
  // Compressed on disk, so read as people do.
  answers.push(await download(api, welcome.session, 'v3'))
  expect(answers.at(-1)).toContain('read-2')

  for (const host of [withPassword, withShared]) {
    const refused = await openTerminal(product, api, host)
    const failure = await refused.waitForEnded(30_000)
    expect(failure.failure).toBe('auth_failed')
    answers.push(JSON.stringify(failure))
  }
  const prompted = await openTerminal(product, api, asked)
  prompted.answer(await prompted.waitForPrompt(), [hostPassword])
  prompted.answer(await prompted.waitForPrompt(30_000), null)
  answers.push(JSON.stringify(await prompted.waitForEnded()))
  await say('GET', '/sessions')

  const processes = [product.pid, ...descendants(product.pid)].map((pid) => readFileSync(`/proc/${pid}/cmdline`) + readFileSync(`/proc/${pid}/environ`, 'utf8'))
  expect(processes.length).toBeGreaterThan(3)
  // SEC-09: no inspector, no snapshot, no report, by flag or by signal.
  const own = [product.pid, ...descendants(product.pid)]
  expect(processes.filter((text) => /--inspect|--heapsnapshot|--report-on|--diagnostic-dir/.test(text))).toEqual([])
  const portsBefore = own.map(listening)
  for (const pid of own) process.kill(pid, 'SIGUSR1')
  await sleep(1000)
  expect(own.map(listening)).toEqual(portsBefore)
  expect(new Set(portsBefore.flat())).toEqual(new Set([product.port, product.sshPort]))
  expect(await say('GET', '/me').then(({ status }) => status)).toBe(200)
  await product.stop()
  const files = readdirSync(data.path, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(data.path, name))
    .filter((file) => existsSync(file) && statSync(file).isFile())
  expect(files.some((file) => file.endsWith('sallyport.db'))).toBe(true)
  expect(files.some((file) => file.endsWith('.cast.zst'))).toBe(true)
  // What was printed for the first administrator to see is the one place for the claim token.
  const places: [string, string | Buffer][] = [
    ['stdout', product.stdout().replaceAll(product.claimToken ?? '-', '')],
    ['stderr', product.stderr()],
    ['answers', answers.join('\n')],
    ...processes.map((text): [string, string] => ['process', text]),
    ...files.map((file): [string, Buffer] => [path.relative(data.path, file), readFileSync(file)]),
  ]
  // That names which are no secret are found shows that secrets would be.
  expect(places.some(([place, content]) => place.includes('sallyport.db') && content.includes('by-password'))).toBe(true)
  const found = Object.entries(secrets).flatMap(([name, secret]) => {
    expect(secret.length, name).toBeGreaterThan(7)
    const forms = [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1), encodeURIComponent(secret)]
    return places.filter(([, content]) => forms.some((form) => content.includes(form))).map(([place]) => `${name} in ${place}`)
  })
  expect(found).toEqual([])
}, 120_000)
