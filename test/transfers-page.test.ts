// Files on the pages: a grant says where and how large, every file is listed wherever it went through, and leads to its moment in the recording.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { digestOf, TransferPerson } from './harness/rz-sz.ts'
import { saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { SshClients } from './harness/ssh-client.ts'
import { type KeyPair, makeKeyPair } from './harness/ssh-keys.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let clients: SshClients
let api: ApiClient
let host: SavedHost
let key: KeyPair
let page: Page
let folder: Awaited<ReturnType<typeof makeTempFolder>>
const content = randomBytes(70_000)
const deep = 'a/folder/that/is/far/down/where/nobody/looks/for/years/and/years'
const said: string[] = []
const row = (name: string) => page.locator('main [data-row]').filter({ hasText: name })
const soon = { timeout: 20_000 }

beforeAll(async () => {
  ;[sshd, product, browser, folder] = await Promise.all([startSshd(), startProduct(), launchBrowser(), makeTempFolder('transfers')])
  api = await product.claim()
  clients = await SshClients.make(product)
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const bob = await addOperator(product, 'bob', 'Bob', 'member')
  key = await makeKeyPair(clients.folder, 'id', 'ed25519')
  await bob.call('POST', '/me/keys', { line: key.publicKey, name: 'laptop' })
  // The account of the host is another than ours.
  for (const each of ['', 'in', 'out', deep]) {
    mkdirSync(path.join(folder.path, each), { recursive: true })
    chmodSync(path.join(folder.path, each), 0o777)
  }
  writeFileSync(path.join(folder.path, 'report.bin'), content)
  page = await (await signedInContext(browser, product, api)).newPage()
  page.setDefaultTimeout(30_000)
  page.on('pageerror', (error) => said.push(String(error)))
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await clients?.close()
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

const at = (...names: string[]) => path.join(folder.path, ...names)
function sftp(commands: string): Promise<string> {
  const known = ['-o', `UserKnownHostsFile=${path.join(clients.folder, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=accept-new']
  const args = ['-P', String(product.sshPort), '-b', '-', '-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR', ...known]
  return new Promise((resolve, reject) => {
    const child = spawn('sftp', [...args, 'bob+web1@127.0.0.1'], { stdio: 'pipe' })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(stderr))
    child.stdin.end(commands)
  })
}

describe('files', () => {
  it('are held to what the form of a grant says, and its sentence says it', async () => {
    await page.goto(`${product.url}/grants?edit=new`)
    await page.locator('[name=grant-name]').fill('Deploys')
    for (const [kind, name] of [
      ['people', 'Bob'],
      ['hosts', 'web1'],
    ] as const) {
      await page.getByTestId(`pick-${kind}`).fill(name)
      await page.getByRole('option').filter({ hasText: name }).first().click()
      await page.keyboard.press('Tab')
    }
    for (const action of ['Open a terminal', 'Run single commands']) await page.getByTestId('grant-actions').getByLabel(action).uncheck()
    const paths = page.getByTestId('grant-paths')
    await paths.fill('srv/app')
    await paths.press('Enter')
    await page.getByText('srv/app is not a path such as').waitFor()
    await paths.press('Backspace')
    for (const each of [at('in'), at('a'), at('two words')]) {
      await paths.fill(each)
      await paths.press('Enter')
    }
    await page.locator('[name=grant-size]').fill('100')
    await page.getByTestId('grant-size-unit').click()
    await page.getByRole('option', { name: 'kB', exact: true }).click()
    await page
      .getByTestId('grant-sentence')
      .getByText(`Files go in and out only at ${at('in')}, ${at('a')} or ${at('two words')}, each of at most 100 kB.`)
      .waitFor(soon)
    expect(await inspectPage(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await row('Deploys').waitFor(soon)
    const { items } = await api.call<{ items: { name: string; paths?: string[]; maxBytes?: number }[] }>('GET', '/grants')
    expect(items.find(({ name }) => name === 'Deploys')).toMatchObject({ paths: [at('in'), at('a'), at('two words')], maxBytes: 100_000 })

    writeFileSync(path.join(clients.folder, 'up'), content)
    writeFileSync(path.join(clients.folder, 'large'), Buffer.alloc(100_001))
    const put = (name: string, to: string) => `-put ${path.join(clients.folder, name)} ${to}\n`
    const stderr = await sftp(put('up', at(deep, 'kept.bin')) + put('up', at('out', 'x')) + put('large', at('in', 'large')))
    expect(stderr).toMatch(/“Deploys” permits uploads only at[^]*“Deploys” permits uploads of at most 100000 bytes/)
  }, 90_000)

  it('are asked about where the question is who may', async () => {
    const ask = async (query: string) => {
      await page.goto(`${product.url}/who-may?operator=bob&asset=web1&action=upload&${query}`)
      return (await page.getByTestId('verdict').first().textContent(soon)) ?? ''
    }
    expect(await ask(`path=${encodeURIComponent(at('in', 'x'))}&bytes=100000`)).toMatch(/^Yes.*Deploys/)
    expect(await ask(`path=${encodeURIComponent(at('out', 'x'))}`)).toMatch(/^Not as.*Deploys.*the path is not among its paths/)
    expect(await ask('bytes=100001')).toMatch(/^Not as.*Deploys.*it does not permit files of this size/)
    expect(await page.locator('[name=who-size]').inputValue()).toBe('100001')
    await page.locator('[name=who-path]').fill('relative')
    await page.getByText('Write the path from / or ~/ on.').waitFor()
    expect(await inspectPage(page)).toEqual([])
  }, 60_000)

  it('are listed by every way, found again, and lead into the recording', async () => {
    const person = await TransferPerson.open(product, api, host, folder.path)
    const card = await person.run('sz report.bin')
    expect((await person.fetch(card.id)).isWhole).toBe(true)
    await person.final(card.id)
    await waitUntil('all to be told', async () => (await api.call<{ total: number }>('GET', '/transfers')).total >= 4)

    await page.goto(`${product.url}/transfers`)
    const sent = row('report.bin')
    await sent.waitFor(soon)
    for (const words of ['Download', 'sz', '70 kB', digestOf(content).slice(0, 12)]) expect(await sent.textContent()).toContain(words)
    const refused = await row(at('out', 'x')).textContent()
    for (const words of ['bob', 'SFTP', 'Refused', 'by the grant Deploys']) expect(refused).toContain(words)
    // What has no room is cut at its beginning: the name is seen.
    const long = row('kept.bin').locator('[title$="kept.bin"]')
    expect(await long.evaluate((element) => [element.scrollWidth > element.clientWidth, getComputedStyle(element).direction])).toEqual([true, 'rtl'])
    expect(await inspectPage(page)).toEqual([])

    await page.getByRole('button', { name: 'Filter' }).click()
    await page.locator('[name=filter-outcome]').selectOption('refused')
    await page.locator('[name=filter-way]').selectOption('sftp')
    await page.getByTestId('apply-filter').click()
    await page.waitForURL(/outcome=refused/)
    await waitUntil('two rows', async () => (await page.locator('main [data-row]').count()) === 2)
    const csv = await page.request.get(`${product.url}/api/v1/csv/transfers?outcome=refused&way=sftp&sort=-at&lang=en`)
    expect((await csv.text()).trim().split('\r\n')).toHaveLength(3)
    await page.goto(`${product.url}/transfers?sha256=${digestOf(content)}`)
    await row('kept.bin').waitFor(soon)
    expect(await page.locator('main [data-row]').count()).toBe(2)

    await row('report.bin')
      .getByRole('button', { name: /^Show in the recording/ })
      .click()
    await page.waitForURL(/play=se_/)
    await page.getByRole('dialog').waitFor(soon)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await row('kept.bin')
      .getByRole('button', { name: /^Show the session/ })
      .click()
    const acts = page.getByTestId('session-acts')
    await acts.getByText('by the grant Deploys').first().waitFor(soon)
    expect(await acts.getByTestId('transfers').locator('tbody tr').count()).toBe(3)
    await acts.getByRole('link', { name: 'All transfers of this session' }).click()
    await page.waitForURL(/session=se_/)
    await page.setViewportSize({ width: 360, height: 780 })
    await row('kept.bin').waitFor()
    expect(await inspectPage(page)).toEqual([])
    expect(said).toEqual([])
  }, 90_000)
})
