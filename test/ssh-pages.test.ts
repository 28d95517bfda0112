// What people do in the browser for their own ssh: add a key and remove it, answer a terminal that waits, take the lines along, and read what a session without a screen did.
import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditAccessibility } from './harness/accessibility.ts'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { signedInContext } from './harness/page-terminal.ts'
import { settle } from './harness/page-tour.ts'
import { checkout, type Product, startProduct, testOperator } from './harness/product.ts'
import { saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

const run = promisify(execFile)
const stepMs = 60_000
let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let page: Page
let folder: Awaited<ReturnType<typeof makeTempFolder>>
const said: string[] = []

const key = (name: string) => path.join(folder.path, name)
const sshOptions = (name: string) => [
  ...['-F', 'none', '-i', key(name), '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'BatchMode=yes'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${key('known_hosts')}`],
]
const eventually = (what: string, holds: () => Promise<boolean>) => waitUntil(what, holds, { withinMs: 30_000 })
async function faultless(): Promise<void> {
  await settle(page)
  await eventually('a page without faults', async () => (await inspectPage(page)).length === 0).catch(() => undefined)
  expect([...(await inspectPage(page)), ...(await auditAccessibility(page)).faults, ...said]).toEqual([])
}

beforeAll(async () => {
  ;[sshd, product, browser, folder] = await Promise.all([startSshd(), startProduct(), launchBrowser(), makeTempFolder('ssh-pages')])
  api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  for (const name of ['laptop', 'desk']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `ada@${name}`, '-f', key(name)])
  page = await (await signedInContext(browser, product, api)).newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => said.push(String(error)))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

it('a private key is taken out of the field and told; a public one is added from its file, opens the door, and is removed', { timeout: stepMs }, async () => {
  await page.goto(`${product.url}/account`)
  await page.getByTestId('no-ssh-key').waitFor()
  expect(await page.getByTestId('enroll-line').textContent()).toBe(`ssh -p ${product.sshPort} enroll@127.0.0.1`)
  await page.getByTestId('add-ssh-key').click()
  const field = page.locator('[name=public-key]')
  await field.fill('-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----')
  await page.getByText('This is the private key').waitFor()
  expect(await field.inputValue()).toBe('')
  await field.fill('ssh-ed25519 AAAA\nssh-ed25519 AAAA')
  await page.getByText('These are several keys').waitFor()
  await page.locator('input[type=file]').setInputFiles(`${key('laptop')}.pub`)
  await page.getByText('“ada@laptop”').waitFor()
  await faultless()
  await page.getByTestId('ssh-key-save').click()
  await page.getByTestId('ssh-key').getByText('ada@laptop', { exact: true }).waitFor()

  const at = `${testOperator.username}+${sshd.user}+web1@127.0.0.1`
  const { stdout } = await run('ssh', [...sshOptions('laptop'), '-p', `${product.sshPort}`, at, 'echo through'])
  expect(stdout).toBe('through\n')
  await page.reload()
  await page.getByTestId('ssh-key').getByText('from 127.0.0.1').waitFor()
  await page
    .getByTestId('ssh-key')
    .getByRole('button', { name: /^Remove/ })
    .click()
  await page.getByRole('dialog').getByText('its sessions end').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByTestId('no-ssh-key').waitFor()
  await expect(run('ssh', [...sshOptions('laptop'), '-p', `${product.sshPort}`, at, 'echo again'])).rejects.toThrow(/Permission denied/)
})

it('a terminal that offers its key waits for the number that it shows, typed by who is signed in', { timeout: stepMs }, async () => {
  const ssh = spawn('ssh', [...sshOptions('desk'), '-p', `${product.sshPort}`, 'enroll@127.0.0.1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let shown = ''
  ssh.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  ssh.stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  const over = new Promise<number | null>((resolve) => ssh.on('exit', resolve))
  try {
    await eventually('a link in the terminal', async () => /number: \d{4}/.test(shown))
    const link = /http\S+\/approve\/\S+/.exec(shown)?.[0] ?? ''
    const number = /number: (\d{4})/.exec(shown)?.[1] ?? ''

    // Whoever is not signed in comes back to it, and nowhere else.
    const stranger = await browser.newContext({ locale: 'en-GB' })
    const door = await stranger.newPage()
    await door.goto(link)
    await door.getByText('Sign in to answer what your terminal asks.').waitFor()
    await door.locator('[name=username]').fill(testOperator.username)
    await door.locator('[name=password]').fill(testOperator.password)
    await door.keyboard.press('Enter')
    await door.getByTestId('approval').waitFor()
    expect(door.url()).toBe(link)
    await stranger.close()

    await page.goto(link)
    await page.getByTestId('approval').getByText('If you have not just typed ssh, decline.').waitFor()
    await faultless()
    // The field has the keyboard already.
    await page.keyboard.type(number === '0000' ? '1111' : '0000')
    await page.keyboard.press('Enter')
    await page.getByText('This is not the number that the terminal shows.').waitFor()
    await page.keyboard.type(number)
    await page.locator('[name=key-name]').fill('Desk')
    await page.keyboard.press('Enter')
    await page.getByTestId('approval-ended').getByText('The key is yours').waitFor()
    await faultless()
    expect(await over).toBe(0)
  } finally {
    ssh.kill()
  }
  expect((await api.call<{ items: { name: string; addedBy: string }[] }>('GET', '/me/keys')).items).toEqual([
    expect.objectContaining({ name: 'Desk', addedBy: 'enroll' }),
  ])
  await page.goto(`${product.url}/approve/nothing`)
  await page.getByText('Nothing waits for you here').waitFor()
})

it('the lines for a host connect as they stand, and so does the block of the command line', { timeout: stepMs }, async () => {
  await page.goto(`${product.url}/hosts`)
  await page.locator('[data-row] [aria-haspopup=menu]').last().click()
  await page.getByTestId('host-ssh').click()
  const line = (await page.getByTestId('ssh-line').textContent()) ?? ''
  await faultless()
  const words = line.split(' ').slice(1)
  expect((await run('ssh', [...sshOptions('desk'), ...words, 'echo as shown'])).stdout).toBe('as shown\n')
  await page.goto(`${product.url}/ssh`)
  await page.getByTestId('ssh-config').waitFor()
  await faultless()

  const { token } = await api.call<{ token: string }>('POST', '/tokens', { name: 'config', scopes: ['read'] })
  const cli = (args: string[], env: Record<string, string> = {}) =>
    run(process.execPath, [path.join(checkout, 'bin', 'sallyport.mjs'), 'ssh-config', ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  const config = key('config')
  await cli(['--url', product.url, '--out', config], { SALLYPORT_TOKEN: token })
  writeFileSync(key('known'), (await cli(['--url', product.url, '--known-hosts'], { SALLYPORT_TOKEN: token })).stdout)
  const strict = ['-F', config, '-i', key('desk'), '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'BatchMode=yes']
  const known = ['-o', `UserKnownHostsFile=${key('known')}`, '-o', 'StrictHostKeyChecking=yes']
  expect((await run('ssh', [...strict, ...known, 'web1', 'echo by name'])).stdout).toBe('by name\n')
  await expect(cli(['--url', product.url, '--token', 'spt_wrong'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^sallyport: .* does not know this token.*\n$/),
  })
  await expect(cli(['--url', product.url])).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^sallyport: no token.*\n$/) })
  await expect(cli(['--url', 'http://bastion.example'], { SALLYPORT_TOKEN: token })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('in the clear'),
  })
})

it('a session without a screen says what it did, and neither watch nor take-over is offered for it', { timeout: stepMs }, async () => {
  writeFileSync(key('report.txt'), 'some words\n')
  const at = `${testOperator.username}+${sshd.user}+web1@127.0.0.1`
  await run('scp', ['-O', ...sshOptions('desk'), '-P', `${product.sshPort}`, key('report.txt'), `${at}:/tmp/sallyport-report.txt`])
  const session = await waitUntil(
    'the session in the list',
    async () => (await api.call<{ items: { id: string }[] }>('GET', '/sessions?kind=scp&state=ended')).items[0],
  )
  await page.goto(`${product.url}/sessions?state=ended&kind=scp`)
  await page.locator('[data-row] [data-kind=scp]').first().waitFor()
  await page.getByTestId('look-at').first().click()
  const row = page.getByTestId('transfers').locator('tbody tr').first()
  await row.getByText('/tmp/sallyport-report.txt').waitFor()
  // SHA-256 of "some words" and a line feed.
  expect(await row.locator('code[title]').last().getAttribute('title')).toBe('a5a9a794705f990e1cc7b119ee122ba5cbfc0b93e181d70c5955f19d5e9eda05')
  await page.getByTestId('kept').getByText('What stands in the files.').waitFor()
  expect(new URL(page.url()).searchParams.get('play')).toBe(session.id)
  await faultless()

  const live = spawn('ssh', [...sshOptions('desk'), '-p', `${product.sshPort}`, at, 'sleep 60'], { stdio: 'ignore' })
  try {
    await page.goto(`${product.url}/sessions`)
    await page.locator('[data-row] [data-kind=exec]').waitFor()
    await page.getByRole('button', { name: 'Terminate' }).waitFor()
    expect(await page.getByRole('button', { name: /^(Watch|Take over)$/ }).count()).toBe(0)
  } finally {
    live.kill()
  }
  await page.goto(`${product.url}/sessions?state=ended&kind=exec&door=ssh`)
  await page.getByRole('button', { name: 'Replay' }).last().click()
  await page.getByTestId('kept').getByText('the beginning of its output').waitFor()
  await page.getByTestId('output-count').getByText('8 B of output in all.').waitFor()
  await page.getByTestId('screen').getByText('through').waitFor()
})
