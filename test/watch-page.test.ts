// Somebody looks at a live session in the page: first the screen as it is, then what comes, and nothing of theirs reaches the host.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { CuttingProxy } from './harness/cutting-proxy.ts'
import { inspectPage } from './harness/page-faults.ts'
import { PageTerminal } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, listSessions, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import type { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let proxy: CuttingProxy
let api: ApiClient
let auditor: ApiClient
let chief: ApiClient
let host: SavedHost

beforeAll(async () => {
  proxy = await CuttingProxy.start(() => product.port)
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct({ flags: ['--public-url', proxy.url] }), launchBrowser()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  auditor = await addOperator(product, 'grace', 'grace', 'auditor')
  chief = await addOperator(product, 'alan', '艾伦', 'admin', true)
})
afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await product?.stop()
  await sshd?.stop()
})

const contexts: BrowserContext[] = []
async function pageOf(client: ApiClient, locale = 'en-GB'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale })
  contexts.push(context)
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  await context.addCookies(
    client.cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: proxy.url })),
  )
  return context.newPage()
}
/** The owner, as a program, so that every byte that reaches the host is counted. */
async function owned(cols = 90, rows = 20): Promise<{ owner: TerminalClient; session: string }> {
  const owner = await openTerminal(product, api, host, { cols, rows })
  const { session } = await owner.waitForWelcome()
  owner.send("PS1='$ '; stty -echo; clear; echo begun-$((40+2))\n")
  await owner.waitFor('begun-42')
  await waitUntil('it to be live', async () => (await findSession(api, session)).state === 'live')
  return { owner, session }
}
async function watched(client: ApiClient, locale?: string): Promise<{ page: Page; seen: PageTerminal }> {
  const page = await pageOf(client, locale)
  await page.goto(`${proxy.url}/sessions`)
  await page
    .getByRole('button', { name: locale === 'zh-CN' ? '旁观' : 'Watch' })
    .first()
    .click()
  return { page, seen: new PageTerminal(page) }
}
afterEach(async () => {
  proxy.refuses = false
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  for (const { id } of (await listSessions(api, '?state=live')).items) await api.call('POST', `/sessions/${id}/terminate`, { reason: 'the test is over' })
  await waitUntil('earlier sessions to end', async () => (await listSessions(api, '?state=live')).total === 0)
})

describe('watching in the page', () => {
  it('shows the screen as it is, then what comes, in the size of its owner, and says whose it is', async () => {
    const { owner } = await owned(140, 50)
    owner.send("printf '\\033[10;20H\\033[44mbefore\\033[0m'\n")
    await owner.waitFor('before')
    const { page, seen } = await watched(auditor)
    await seen.shows('before')
    const screen = await seen.screen()
    expect([screen.cols, screen.rows]).toEqual([140, 50])
    expect(screen.cells[9]?.[19]).toMatchObject({ text: 'b', bg: 'p4' })
    expect(await page.getByTestId('watching').innerText()).toContain('Watching ')
    expect(await page.getByTestId('watching').innerText()).toContain(`on ${sshd.user}@web1, read-only`)
    owner.send('echo after-$((40+3))\n')
    await seen.shows('after-43')
    owner.resize(100, 30)
    await waitUntil('the new size', async () => (await seen.screen()).cols === 100)
    // All of it fits the room without a bar to scroll by.
    const fits = await page
      .locator('[data-watching]')
      .evaluate((element) => element.scrollHeight <= element.clientHeight + 1 && element.scrollWidth <= element.clientWidth + 1)
    expect(fits).toBe(true)
    expect(await inspectPage(page)).toEqual([])
  })

  it('sends nothing to the host: no keys, no mouse, no focus, no answers', async () => {
    const { owner, session } = await owned()
    const frames: number[] = []
    const page = await pageOf(auditor)
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(Buffer.from(payload)[0] ?? -1)))
    await page.goto(`${proxy.url}/sessions`)
    await page.getByRole('button', { name: 'Watch' }).click()
    const seen = new PageTerminal(page)
    await seen.shows('begun-42')
    // Mouse and focus are asked for, and everything else that a terminal answers.
    owner.send("printf '\\033[?1003h\\033[?1006h\\033[?1004h\\033[6n\\033[c\\033[>c\\033[5n\\033]11;?\\007\\033P$qm\\033\\\\'; echo asked-$((1+1))\n")
    await seen.shows('asked-2')
    const before = owner.taken
    await seen.focus()
    await page.keyboard.type('rm -rf nothing\n')
    await page.keyboard.press('Control+C')
    const middle = await seen.at(10, 5)
    await page.mouse.move(middle.x, middle.y)
    await page.mouse.click(middle.x, middle.y)
    await page.mouse.wheel(0, 200)
    await seen.paste('pasted')
    owner.send('echo untouched-$((40+4))\n')
    await seen.shows('untouched-44')
    await waitUntil('the input to be taken', () => owner.taken >= owner.inputOffset)
    expect(owner.inputOffset).toBe(before + 'echo untouched-$((40+4))\n'.length)
    expect(await seen.text()).not.toContain('pasted')
    // HELLO, ACK, HIDDEN, PING and PONG, and nothing else.
    expect([...new Set(frames)].filter((kind) => ![0x01, 0x14, 0x17, 0x7e, 0x7f].includes(kind))).toEqual([])
    expect((await findSession(api, session)).state).toBe('live')
  })

  it('is seen by the owner, by name, and gone when the watcher leaves', async () => {
    const { session } = await owned()
    const ownersPage = await pageOf(api)
    await ownersPage.goto(`${proxy.url}/sessions`)
    await ownersPage.getByRole('button', { name: 'Take over' }).click()
    const own = new PageTerminal(ownersPage)
    await own.shows('begun-42')
    await own.run('echo mine')
    const { page, seen } = await watched(chief)
    await seen.shows('mine')
    await ownersPage.getByText('艾伦 watches this session now.').waitFor()
    expect(await ownersPage.getByTestId('watched-by').innerText()).toContain('艾伦')
    await page.getByRole('button', { name: 'Stop watching' }).click()
    await page.getByText('No terminal is open').waitFor()
    await ownersPage.getByTestId('watched-by').waitFor({ state: 'detached' })
    expect((await findSession(api, session)).state).toBe('live')
  })

  it('comes back after a cut with a new ticket, and over a reload', async () => {
    const { owner } = await owned()
    const { page, seen } = await watched(auditor)
    await seen.shows('begun-42')
    proxy.cut()
    owner.send('echo meanwhile-$((40+5))\n')
    await seen.shows('meanwhile-45')
    await page.reload()
    await seen.shows('meanwhile-45')
    expect(await page.getByTestId('watching').isVisible()).toBe(true)
    owner.send('echo then-$((40+6))\n')
    await seen.shows('then-46')
  })

  it('ends with the session, and says why', async () => {
    const { owner } = await owned()
    const { page, seen } = await watched(auditor)
    await seen.shows('begun-42')
    expect(await page.getByRole('button', { name: 'Terminate' }).count()).toBe(0)
    owner.send('exit 3\n')
    const card = page.getByTestId('ended')
    await card.waitFor()
    expect(await card.innerText()).toContain('Watching ended')
    expect(await card.innerText()).toContain('The shell ended')
  })

  it('lets an administrator end the session from there, in both languages', async () => {
    const { owner } = await owned()
    const { page, seen } = await watched(chief, 'zh-CN')
    await seen.shows('begun-42')
    expect(await page.getByTestId('watching').innerText()).toContain('只读')
    expect(await inspectPage(page)).toEqual([])
    await page.getByTestId('watching').getByRole('button', { name: '强制结束' }).click()
    await page.getByRole('dialog').getByLabel('理由').fill('维护')
    await page.getByRole('dialog').getByRole('button', { name: '强制结束' }).click()
    expect(await owner.waitForEnded()).toMatchObject({ reason: 'terminated' })
    const card = page.getByTestId('ended')
    await card.waitFor()
    expect(await card.innerText()).toContain('由 alan 强制结束: 维护')
  })
})
