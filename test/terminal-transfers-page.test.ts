// sz and rz as a person meets them: a card, a click, the browser's own download; files that are chosen or dropped. Real lrzsz, real sshd, real Chromium.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Download, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropFiles } from './harness/drop-files.ts'
import { type PageStand, startPageStand } from './harness/page-stand.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from './harness/page-terminal.ts'
import { addOperator } from './harness/second-operator.ts'
import { waitUntil } from './harness/wait.ts'

let stand: PageStand
let terminal: PageTerminal
let page: Page
let folder: string
let local: string

beforeAll(async () => {
  stand = await startPageStand()
  folder = path.join(stand.sshd.home, `transfers-${process.pid}`)
  local = path.join(folder, 'local')
  mkdirSync(local, { recursive: true })
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', stand.sshd.user, folder])
})
afterAll(async () => {
  await stand?.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  terminal = await stand.fresh()
  page = terminal.page
  await terminal.run(`cd ${folder} && rm -f *.bin *.txt && clear`)
})

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const at = (name: string) => path.join(folder, name)
/** On the host. */
function put(name: string, bytes: Uint8Array | string): Uint8Array {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  writeFileSync(at(name), content)
  return content
}
/** Where the person is. */
function keep(name: string, content: Uint8Array): string {
  writeFileSync(path.join(local, name), content)
  return path.join(local, name)
}
const arrived = async (name: string, content: Uint8Array) =>
  waitUntil(`${name} on the host`, () => {
    try {
      return sha(readFileSync(at(name))) === sha(content)
    } catch {
      return false // not there yet
    }
  })
const card = (): Locator => page.getByTestId('transfer-card')
const line = (): Locator => page.getByTestId('transfer-line').last()
const isIn = (state: string) => page.locator(`[data-testid=transfer-line][data-state=${state}]`).last().waitFor()
const saved = async (download: Download) => readFileSync(await download.path())
const click = async (name: string | RegExp, inside: Locator = card()) => {
  const [download] = await Promise.all([page.waitForEvent('download'), inside.getByRole('button', { name }).click()])
  return download
}

describe('sz', () => {
  it('asks, and saves one file whole by the browser’s own download; the tab stays where it is', async () => {
    const content = put('报告 1.bin', randomBytes(3_000_000))
    const address = page.url()
    await terminal.begin("sz '报告 1.bin'")
    await card().waitFor()
    expect(await card().innerText()).toContain('web1 wants to send you files')
    const download = await click('Save')
    expect(download.suggestedFilename()).toBe('报告 1.bin')
    expect(sha(await saved(download))).toBe(sha(content))
    await isIn('done')
    expect(await line().innerText()).toContain(sha(content).slice(0, 12))
    expect(page.url()).toBe(address)
    await terminal.run('echo still-here')
    await line()
      .getByRole('button', { name: /^Close/ })
      .click()
    await line().waitFor({ state: 'detached' })
  })

  it('saves five files, one click each', async () => {
    const contents = [1, 2, 3, 4, 5].map((n) => put(`f${n}.bin`, randomBytes(n * 10_000)))
    await terminal.begin('sz f1.bin f2.bin f3.bin f4.bin f5.bin')
    let download = await click('Save')
    for (const [n, content] of contents.entries()) {
      expect([download.suggestedFilename(), sha(await saved(download))]).toEqual([`f${n + 1}.bin`, sha(content)])
      if (n < 4) download = await click(`Save f${n + 2}.bin`, line())
    }
    await isIn('done')
    await line().getByRole('button', { name: 'Show the files' }).click()
    expect(await page.getByTestId('transfer-files-list').locator('li').count()).toBe(5)
    await terminal.run('echo after')
  })

  it('saves all as one zip', async () => {
    const contents = [1, 2, 3].map((n) => put(`z${n}.txt`, randomBytes(5000)))
    await terminal.begin('sz z1.txt z2.txt z3.txt')
    const zip = await (await click('All as one zip')).path()
    const unzip = (...args: string[]) => execFileSync('unzip', [...args.slice(0, 1), zip, ...args.slice(1)])
    for (const [n, content] of contents.entries()) expect(sha(unzip('-p', `z${n + 1}.txt`))).toBe(sha(content))
    await isIn('done')
  })

  it('is declined by keys alone, and what is typed meanwhile goes to the terminal', async () => {
    put('a.bin', 'x')
    await terminal.begin('sz a.bin')
    await card().waitFor()
    // The keys go to the card when nobody types; the first stop is Decline.
    await waitUntil('the focus', () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'transfer-card'))
    await page.keyboard.press('Escape')
    await card().waitFor({ state: 'detached' })
    await terminal.prompt()
    await page.keyboard.type('echo typed-$((40+2))\n')
    await terminal.shows('typed-42')
    // Saved by keys.
    await terminal.begin('sz a.bin')
    await waitUntil('the focus', () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'transfer-card'))
    const coming = page.waitForEvent('download')
    for (let steps = 0; steps < 3; steps += 1) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect((await saved(await coming)).toString()).toBe('x')
    await isIn('done')
  })

  it('is cancelled half-way, and the prompt comes back', async () => {
    execFileSync('truncate', ['-s', '400M', at('big.bin')])
    await terminal.begin('sz big.bin')
    const download = await click('Save')
    await isIn('running')
    await waitUntil('some of it', async () => /[1-9]\d* MB of 419 MB/.test(await line().innerText()))
    expect(await page.getByTestId('bar-transfer').innerText()).toMatch(/%/)
    await line().getByRole('button', { name: 'Cancel big.bin' }).click()
    await isIn('cancelled')
    expect(await download.failure()).not.toBeNull()
    await terminal.run('echo back')
  })

  it('says which grant does not permit it, and offers the files panel', async () => {
    const mina = await addOperator(stand.product, 'mina', 'Mina', 'member')
    const admin = await stand.product.signIn()
    const items = async (what: string) => (await admin.call<{ items: { id: string; username?: string }[] }>('GET', what)).items
    const [operator] = (await items('/operators')).filter(({ username }) => username === 'mina')
    const [host] = await items('/assets')
    const terms = { actions: ['shell', 'download'], accounts: 'all', paths: ['/srv/**'] }
    await admin.call('POST', '/grants', { name: 'Releases only', operators: [operator?.id], assets: [host?.id], ...terms })
    const context = await signedInContext(stand.browser, stand.product, mina)
    const hers = await openPageTerminal(await context.newPage(), stand.product.url, 'web1')
    await hers.begin('sz /etc/hostname')
    const refused = hers.page.getByTestId('transfer-refused')
    await refused.waitFor()
    expect(await refused.innerText()).toContain('The grant “Releases only” permits downloads only at /srv/**.')
    await hers.run('echo after')
    await refused.getByRole('button', { name: 'Open Files' }).click()
    await refused.waitFor({ state: 'detached' })
    // What is not permitted at all.
    await hers.begin('rz')
    await refused.waitFor()
    expect(await refused.innerText()).toContain('Uploads are not part of your access')
    await refused.getByRole('button', { name: 'Close' }).click()
    await hers.run('echo after')
    await context.close()
  })
})

describe('rz', () => {
  it('takes files that are chosen', async () => {
    const contents = [randomBytes(3_000_000), randomBytes(1), new Uint8Array(0)]
    const files = contents.map((content, n) => keep(`r ${n} 中文.bin`, content))
    await terminal.begin('rz')
    await card().waitFor()
    expect(await card().innerText()).toContain('web1 asks you for files')
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), card().getByRole('button', { name: 'Choose files' }).click()])
    await chooser.setFiles(files)
    await isIn('done')
    for (const [n, content] of contents.entries()) await arrived(`r ${n} 中文.bin`, content)
    await terminal.run('echo after')
  })

  it('takes files that are dropped on the terminal', async () => {
    const content = randomBytes(200_000)
    await terminal.begin('rz')
    await card().waitFor()
    await dropFiles(page.locator('[role=tabpanel][data-current] .xterm'), [{ name: 'dropped.bin', content }])
    await isIn('done')
    await arrived('dropped.bin', content)
  })

  it('is declined, and the prompt comes back', async () => {
    await terminal.begin('rz')
    await card().getByRole('button', { name: 'Decline' }).click()
    await card().waitFor({ state: 'detached' })
    await terminal.run('echo after')
  })
})

describe('files dropped on a terminal', () => {
  it('go to the folder where the shell stands, after a question', async () => {
    const content = randomBytes(2_500_000)
    await terminal.run(`mkdir -p 'in 1' && cd 'in 1' && printf '\\033]7;file://%s%s\\007' "$HOSTNAME" "$PWD"`)
    await dropFiles(page.locator('[role=tabpanel][data-current] .xterm'), [{ name: 'up.bin', content }])
    const asked = page.getByTestId('drop-card')
    await waitUntil('the folder', async () => (await asked.getByRole('textbox').inputValue()) === at('in 1'))
    await asked.getByRole('button', { name: 'Upload' }).click()
    await isIn('done')
    await arrived('in 1/up.bin', content)
    expect(await line().innerText()).toContain('checked on the host')
  })

  it('go to the home folder, or another one that is named, when nobody knows where the shell stands', async () => {
    const content = randomBytes(1000)
    await dropFiles(page.locator('[role=tabpanel][data-current] .xterm'), [{ name: 'home.bin', content }])
    const asked = page.getByTestId('drop-card')
    await waitUntil('the home', async () => (await asked.getByRole('textbox').inputValue()) === '~')
    // A host that asks meanwhile gets nothing that was meant for another place.
    await terminal.begin('rz')
    await card().getByRole('button', { name: 'Decline' }).click()
    await asked.waitFor()
    expect(await page.getByTestId('transfer-line').count()).toBe(0)
    await asked.getByRole('textbox').fill(folder)
    await asked.getByRole('button', { name: 'Upload' }).click()
    await isIn('done')
    await arrived('home.bin', content)
  })
})
