// The files of a host beside its terminal, as people use them: a real Chromium, the real product, a real sshd and its SFTP server.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, BrowserContext, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { openPageTerminal, signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { type SavedHost, saveHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let host: SavedHost
let context: BrowserContext
let page: Page
let folder: string
let own: Awaited<ReturnType<typeof makeTempFolder>>
const said: string[] = []

/** The machine may have others to serve. */
function soon<Seen>(look: () => Seen | Promise<Seen>) {
  return expect.poll(look, { timeout: 20_000, interval: 50 })
}
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const at = (...names: string[]) => path.join(folder, ...names)
const row = (name: string) => page.locator(`[data-index][data-name="${name}"]`)
const grid = () => page.getByRole('grid')
const dock = () => page.getByTestId('transfers-dock')
const line = (name: string) => dock().locator('li', { hasText: name })
const spoken = () => page.getByTestId('files-spoken').innerText()
const names = () => page.locator('[data-index]').evaluateAll((rows) => rows.map((one) => (one as HTMLElement).dataset['name']))
/** Whoever runs the tests makes files for whoever signs in there. */
const give = () => process.getuid?.() === 0 && execFileSync('chown', ['-R', sshd.user, folder])
async function go(where: string): Promise<void> {
  await page.getByRole('button', { name: 'Type a path' }).click()
  await page.getByRole('combobox', { name: 'Folder' }).fill(where)
  await page.keyboard.press('Enter')
  await soon(spoken).toContain(`in ${where}`)
}
async function openFiles(on: Page): Promise<void> {
  await on.getByTestId('files-button').click()
  await on.getByTestId('files-panel').waitFor()
}
function watch(on: Page): void {
  on.setDefaultTimeout(20_000)
  on.on('dialog', (dialog) => void dialog.accept())
  on.on('pageerror', (error) => said.push(String(error)))
  on.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) said.push(message.text())
  })
}
async function saved(download: Download): Promise<{ name: string; bytes: Buffer }> {
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}

beforeAll(async () => {
  ;[sshd, product, browser, own] = await Promise.all([
    startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }),
    startProduct(),
    launchBrowser(),
    makeTempFolder('files-page'),
  ])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  folder = path.join(sshd.home, `page-${process.pid}`)
  mkdirSync(at('src', 'deep'), { recursive: true })
  mkdirSync(at('many'))
  for (const [name, bytes] of [
    ['notes.txt', 12],
    ['file10.log', 3000],
    ['file9.log', 200_000],
    ['.hidden', 1],
    ['报告 2026.pdf', 5000],
  ] as const)
    writeFileSync(at(name), randomBytes(bytes))
  writeFileSync(at('src', 'a.ts'), 'a')
  writeFileSync(at('src', 'deep', 'b.ts'), 'bb')
  symlinkSync('src', at('shortcut'))
  // One process for all of them: a hundred thousand calls would take longer than the test.
  execFileSync('sh', ['-c', 'cd "$1" && seq -f "entry-%06.0f.log" 1 100000 | xargs -n 2000 touch', 'sh', at('many')])
  give()
  context = await signedInContext(browser, product, api)
  page = await context.newPage()
  watch(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await openPageTerminal(page, product.url, 'web1')
  await openFiles(page)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  await own?.remove()
})

describe('the files beside a terminal', () => {
  it('open at home, go where is typed, and show what stands there in people’s order', async () => {
    await soon(spoken).toContain(`in ${sshd.home}`)
    await go(folder)
    await soon(names).toEqual(['many', 'shortcut', 'src', 'file9.log', 'file10.log', 'notes.txt', '报告 2026.pdf'])
    expect(await row('shortcut').innerText()).toContain('src')
    expect(await row('file9.log').innerText()).toMatch(/200 kB.*-rw-r--r--/s)
    await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
    await soon(async () => (await names()).slice(3)).toEqual(['file9.log', '报告 2026.pdf', 'file10.log', 'notes.txt'])
    expect(await page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
    await page.getByRole('searchbox', { name: 'Filter this folder' }).fill('FILE')
    await soon(names).toEqual(['file9.log', 'file10.log'])
    await page.keyboard.press('Escape')
    await soon(names).toHaveLength(7)
    expect(await inspectPage(page)).toEqual([])
  })

  it('are walked by keys alone', async () => {
    await grid().focus()
    await page.keyboard.press('Home')
    await page.keyboard.type('sr')
    expect(await row('src').getAttribute('aria-selected')).toBe('true')
    expect(await grid().getAttribute('aria-activedescendant')).toBe(await row('src').getAttribute('id'))
    await page.keyboard.press('Enter')
    await soon(names).toEqual(['deep', 'a.ts'])
    await page.keyboard.press('Backspace')
    // Whoever comes up from a folder stands on it.
    await soon(() => row('src').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    expect(await page.locator('[data-index][aria-selected=true]').count()).toBe(3)
    await page.keyboard.press('Control+a')
    await page.getByText('7 chosen').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.locator('[data-index][aria-selected=true]').count()).toBe(0)
    await page.keyboard.press('End')
    await page.keyboard.press('F2')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('报告 final.pdf')
    await page.keyboard.press('Enter')
    await row('报告 final.pdf').waitFor()
    expect(existsSync(at('报告 final.pdf')) && !existsSync(at('报告 2026.pdf'))).toBe(true)
    // Out with Escape, back with the key: to the terminal and to where one was.
    await grid().focus()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.getByTestId('files-panel').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+Shift+L')
    await row('报告 final.pdf').waitFor()
  })

  it('scroll through a hundred thousand entries with few of them drawn', async () => {
    await row('many').dblclick()
    await page.getByText('100,000 entries', { exact: true }).waitFor({ timeout: 60_000 })
    expect(await page.locator('[data-index]').count()).toBeLessThan(80)
    await grid().focus()
    await page.keyboard.press('End')
    await row('entry-100000.log').waitFor()
    const scroller = page.locator('[data-room]').locator('..')
    await scroller.evaluate((element) => element.scrollTo({ top: element.scrollHeight / 2 }))
    await page.locator('[data-index="50000"]').waitFor()
    expect(await page.locator('[data-index]').count()).toBeLessThan(80)
    await page.getByRole('searchbox').fill('77777')
    await soon(names).toEqual(['entry-077777.log'])
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await row('notes.txt').waitFor()
  })

  it('upload what is picked, whole and verified, and ask before a name is taken', async () => {
    const content = randomBytes(300_000)
    writeFileSync(path.join(own.path, 'picked 一.bin'), content)
    writeFileSync(path.join(own.path, 'notes.txt'), 'mine')
    const before = readFileSync(at('notes.txt'))
    await page.getByTestId('pick-files').setInputFiles([path.join(own.path, 'picked 一.bin'), path.join(own.path, 'notes.txt')])
    await page.getByTestId('clash').getByText('notes.txt is there already').waitFor()
    expect(await inspectPage(page)).toEqual([])
    await page.getByRole('button', { name: 'Keep both' }).click()
    await line('picked 一.bin')
      .getByText(`verified on the host · SHA-256 ${sha256(content).slice(0, 8)}`)
      .waitFor()
    await row('notes (2).txt').waitFor()
    expect(readFileSync(at('picked 一.bin')).equals(content)).toBe(true)
    expect(readFileSync(at('notes.txt')).equals(before)).toBe(true)
    expect(readFileSync(at('notes (2).txt'), 'utf8')).toBe('mine')
    await page.getByTestId('pick-files').setInputFiles(path.join(own.path, 'notes.txt'))
    await page.getByTestId('clash').waitFor()
    await page.getByRole('button', { name: 'Replace' }).click()
    await soon(() => readFileSync(at('notes.txt'), 'utf8')).toBe('mine')
    await page.getByRole('button', { name: 'Clear this list' }).click()
    await dock().waitFor({ state: 'detached' })
  })

  it('take a dropped folder as a tree', async () => {
    await page.evaluate(() => {
      // What a browser hands over with a drop: entries, of which folders have to be read.
      const fileEntry = (name: string, text: string) => ({
        isFile: true,
        isDirectory: false,
        name,
        file: (done: (file: File) => void) => done(new File([text], name)),
      })
      const folderEntry = (name: string, inner: object[]) => ({
        isFile: false,
        isDirectory: true,
        name,
        createReader() {
          let rest = inner
          return { readEntries: (done: (some: object[]) => void) => done(rest.splice(0, 1)) }
        },
      })
      const tree = folderEntry('dropped 树', [fileEntry('one.txt', 'one'), folderEntry('inner', [fileEntry('two.txt', 'two')]), folderEntry('empty', [])])
      const data = new DataTransfer()
      data.items.add(new File([], 'x'))
      Object.defineProperty(data, 'items', { value: [{ kind: 'file', webkitGetAsEntry: () => tree, getAsFile: () => null }] })
      const target = document.querySelector('[data-testid=file-grid]')
      for (const type of ['dragenter', 'dragover', 'drop']) target?.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }))
    })
    await row('dropped 树').waitFor()
    await soon(() => existsSync(at('dropped 树', 'inner', 'two.txt')) && existsSync(at('dropped 树', 'empty'))).toBe(true)
    expect(readFileSync(at('dropped 树', 'inner', 'two.txt'), 'utf8')).toBe('two')
    await soon(() => existsSync(at('dropped 树', 'one.txt')) && readFileSync(at('dropped 树', 'one.txt'), 'utf8')).toBe('one')
  })

  it('go on with an upload over a lost network, and with the same file after the page was loaded again', async () => {
    const content = randomBytes(16_000_000)
    const file = path.join(own.path, 'slow.bin')
    writeFileSync(file, content)
    let [lost, hangs] = [0, 0]
    await page.route('**/uploads/*?offset=*', async (route) => {
      const offset = Number(new URL(route.request().url()).searchParams.get('offset'))
      // What the host has not answered when the line goes is sent again, which is up to 4 MiB.
      if (offset > 6_000_000) hangs += 1
      else if (offset > 0 && lost++ < 2) await route.abort('connectionreset')
      else await route.continue()
    })
    await page.getByTestId('pick-files').setInputFiles(file)
    await soon(() => hangs).toBeGreaterThan(0)
    expect(lost).toBeGreaterThan(1)
    expect(existsSync(at('slow.bin'))).toBe(false)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.reload()
    await page.locator('[role=tab][id^=tab-]').waitFor()
    await openFiles(page)
    await soon(spoken).toContain(`in ${sshd.home}`)
    await go(folder)
    const resumed: number[] = []
    page.on('request', (request) => {
      const offset = new URL(request.url()).searchParams.get('offset')
      if (request.method() === 'PUT' && offset !== null) resumed.push(Number(offset))
    })
    await page.getByTestId('pick-files').setInputFiles(file)
    await line('slow.bin').getByText('verified on the host').waitFor()
    expect(resumed[0]).toBeGreaterThan(0)
    expect(sha256(readFileSync(at('slow.bin')))).toBe(sha256(content))
    expect(readdirSync(folder).filter((name) => name.includes('sallyport-part'))).toEqual([])
  })

  it('download one file as it is, and several as one zip', async () => {
    await row('file9.log').click()
    const [one] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download', exact: true }).click()])
    expect(await saved(one)).toEqual({ name: 'file9.log', bytes: readFileSync(at('file9.log')) })
    await line('file9.log')
      .getByText(`SHA-256 ${sha256(readFileSync(at('file9.log'))).slice(0, 8)}`)
      .waitFor()
    await row('src').click()
    await row('notes.txt').click({ modifiers: ['Control'] })
    const [zip] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as zip' }).click()])
    const packed = path.join(own.path, 'packed.zip')
    await zip.saveAs(packed)
    const listed = execFileSync(
      'python3',
      ['-c', 'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))', packed],
      { encoding: 'utf8' },
    )
    expect(
      listed
        .split('\n')
        .filter((name) => name !== '' && !name.endsWith('/'))
        .toSorted(),
    ).toEqual(['notes.txt', 'src/a.ts', 'src/deep/b.ts'])
  })

  it('make folders, set permissions, and delete after one question that says what is in it', async () => {
    await page.getByRole('button', { name: 'New folder' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('src')
    await page.getByText('There is one of this name already.').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('made by hand')
    await page.keyboard.press('Enter')
    await soon(() => row('made by hand').getAttribute('aria-selected')).toBe('true')
    await row('notes.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Permissions' }).click()
    await page.getByRole('textbox', { name: 'Octal' }).fill('640')
    await page.getByRole('checkbox', { name: 'Owner: Execute' }).check()
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await soon(() => statSync(at('notes.txt')).mode & 0o7777).toBe(0o740)
    await soon(() => row('notes.txt').innerText()).toContain('-rwxr-----')
    await row('src').click()
    await page.keyboard.press('Delete')
    const dialog = page.getByRole('dialog', { name: 'Delete the folder src?' })
    await dialog.getByText('In it: 2 files, 1 folder, 3 B.').waitFor()
    expect(await inspectPage(page)).toEqual([])
    await page.getByTestId('remove-confirm').click()
    await row('src').waitFor({ state: 'detached' })
    expect(existsSync(at('src'))).toBe(false)
    // The link to it went nowhere, and stays.
    expect(await names()).toContain('shortcut')
  })

  it('hold up with a folder that cannot be read, and come back', async () => {
    if (process.getuid?.() === 0) execFileSync('chown', ['root', at('made by hand')])
    execFileSync('chmod', ['700', at('made by hand')])
    await row('made by hand').dblclick()
    await page.getByText('No permission').waitFor()
    await page.getByRole('alert').getByRole('button', { name: 'Back' }).click()
    await row('notes.txt').waitFor()
  })

  it('open over the list of hosts too, for who wants no terminal', async () => {
    await page.goto(`${product.url}/hosts?q=web1`)
    await page.getByRole('button', { name: 'Actions for web1' }).click()
    await page.getByTestId('host-files').click()
    await soon(spoken).toContain(`in ${sshd.home}`)
    expect(await inspectPage(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByTestId('files-panel').waitFor({ state: 'detached' })
  })
})

describe('what grants do not permit', () => {
  let member: ApiClient
  let theirs: BrowserContext
  beforeAll(async () => {
    member = await addOperator(product, 'bo', 'Bo', 'member')
    const { items } = await api.call<{ items: { id: string; username: string }[] }>('GET', '/operators')
    const bo = items.find(({ username }) => username === 'bo')?.id ?? ''
    const grant = (name: string, more: object) => api.call('POST', '/grants', { name, operators: [bo], assets: [host.id], accounts: 'all', ...more })
    await grant('shells', { actions: ['shell'] })
    await grant('small logs', { actions: ['download'], paths: [`${folder}/*.log`], maxBytes: 100_000 })
    theirs = await signedInContext(browser, product, member)
    page = await theirs.newPage()
    watch(page)
    await page.setViewportSize({ width: 1440, height: 900 })
    await openPageTerminal(page, product.url, 'web1')
    await openFiles(page)
  }, 60_000)
  afterAll(() => theirs?.close())

  it('is grey with the grant’s name, in the list and above it', async () => {
    await go(folder)
    expect(await row('file10.log').getAttribute('data-denied')).toBeNull()
    expect(await row('file9.log').innerText()).toContain('The grant “small logs” permits downloads of at most 100 kB.')
    expect(await row('notes.txt').innerText()).toContain('The grant “small logs” permits downloads only at')
    const upload = page.getByRole('button', { name: 'Upload' })
    expect(await upload.getAttribute('aria-disabled')).toBe('true')
    expect(await upload.innerText()).toContain('Uploads and changes are not part of your access to this host.')
    await row('file9.log').click()
    expect(await page.getByRole('button', { name: 'Download', exact: true }).getAttribute('aria-disabled')).toBe('true')
    await row('file10.log').click()
    const [one] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download', exact: true }).click()])
    expect((await saved(one)).bytes.equals(readFileSync(at('file10.log')))).toBe(true)
  })

  it('is all of it said once, where no grant is about files', async () => {
    const { items } = await api.call<{ items: { id: string; name: string }[] }>('GET', '/grants')
    await api.call('DELETE', `/grants/${items.find(({ name }) => name === 'small logs')?.id ?? ''}`)
    await soon(async () => {
      await page
        .getByRole('button', { name: 'Read again' })
        .click({ timeout: 500 })
        .catch(() => undefined)
      return page.getByText('No files for you here').count()
    }).toBe(1)
    expect(await inspectPage(page)).toEqual([])
  })
})

it('said nothing against itself', () => expect(said).toEqual([]))
