// What people set for themselves and administrators for everybody, and the one field that finds everything: by hand in a real page, and what it does to the product.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let host: SavedHost
let context: BrowserContext
let page: Page
const said: string[] = []

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct({ flags: ['--idle-seconds', '5400'] }), launchBrowser()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  context = await signedInContext(browser, product, api)
  page = await context.newPage()
  page.on('pageerror', (error) => said.push(String(error)))
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

const settings = async () => (await api.request('GET', '/api/v1/settings')).json as { values: Record<string, unknown>; changed: string[] }
const asHost = async (name: string) => (await product.api().request('GET', '/sign-in', { headers: { host: name } })).status
/** When what was told has slid in. */
const faultless = () => eventually('a page without faults', async () => (await inspectPage(page)).length === 0)
const eventually = (what: string, holds: () => Promise<boolean>) => waitUntil(what, holds, { withinMs: 30_000 })

it('an administrator sets limits, notices and addresses, and takes one back', async () => {
  await page.goto(`${product.url}/settings`)
  const idle = page.locator('[name=idleSeconds]')
  await idle.waitFor()
  expect([await idle.inputValue(), await page.getByTestId('from-idleSeconds').innerText()]).toEqual(['90', 'Set at start by --idle-seconds: 90 minutes'])
  await idle.fill('0')
  await page.getByText('From 10 seconds to 7 days.').waitFor()
  await page.getByTestId('save-sessions').click()
  expect((await settings()).changed).toEqual([])
  await idle.fill('45')
  await page.locator('[name=sessionsPerOperator]').fill('1')
  await page.getByTestId('save-sessions').click()
  await page.getByTestId('from-idleSeconds').getByText('Changed here').waitFor()
  expect((await settings()).values).toMatchObject({ idleSeconds: 2700, sessionsPerOperator: 1 })
  await faultless()

  await page.locator('[name=recordingNotice]').fill('All of this is kept for a year.')
  await page.getByTestId('save-recordings').click()
  await eventually('the notice is saved', async () => (await settings()).changed.includes('recordingNotice'))
  expect([await asHost('bastion.example'), await asHost(`localhost:${product.port}`)]).toEqual([421, 200])
  await page.locator('[name=address]').fill('bastion.example')
  await page.keyboard.press('Enter')
  await page.getByText('Write a whole address').waitFor()
  await page.locator('[name=address]').fill('http://bastion.example/x')
  await page.keyboard.press('Enter')
  await page.getByTestId('save-addresses').click()
  await eventually('both gateways know the name', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => asHost('bastion.example')))
    return answers.every((status) => status === 200)
  })
  // What was set before has reached them too.
  const terminal = await openTerminal(product, api, host)
  await terminal.waitForWelcome()
  await eventually('the notice is said', () =>
    Promise.resolve(terminal.notices.some(({ text, about }) => text === 'All of this is kept for a year.' && about?.code === 'recording_notice')),
  )
  // The limit holds for what begins from now on, and only until it is taken back.
  const second = await openTerminal(product, api, host)
  expect((await second.waitForEnded()).failure).toBe('too_many_sessions')
  await page
    .getByTestId('from-sessionsPerOperator')
    .getByRole('button', { name: /back to 200/ })
    .click()
  await eventually('the limit is the usual one again', async () => (await settings()).values['sessionsPerOperator'] === 200)
  terminal.close()

  const offeredBefore = await page.getByTestId('undo').last().elementHandle()
  await page.getByRole('button', { name: 'Remove http://bastion.example' }).click()
  await page.getByTestId('save-addresses').click()
  await eventually('the name is foreign again', async () => (await asHost('bastion.example')) === 421)
  expect(await asHost(`127.0.0.1:${product.port}`)).toBe(200)
  await eventually('only the last change is offered back', async () => {
    const isOld = (await offeredBefore?.evaluate((button) => button.isConnected)) ?? false
    return !isOld && (await page.getByTestId('undo').count()) === 1
  })
  await page.getByTestId('undo').click()
  await eventually('it is taken back', async () => (await asHost('bastion.example')) === 200)
})

it('everybody reads the notice before signing in, as the plain text that it is, and that sessions are recorded', async () => {
  const text = 'Authorised use only.\n<img src=x onerror="document.title=1"> 仅供授权人员使用'
  await page.locator('[name=signInNotice]').fill(text)
  await page.getByTestId('save-sign-in').click()
  const stranger = await browser.newContext()
  const door = await stranger.newPage()
  await eventually(
    'the notice is there',
    async () => ((await product.api().request('GET', '/api/v1/claim')).json as { signInNotice?: string }).signInNotice === text,
  )
  await door.goto(`${product.url}/sign-in`)
  expect(await door.getByTestId('sign-in-notice').innerText()).toBe(text)
  expect(await door.locator('img[src=x]').count()).toBe(0)
  await stranger.close()
  // Where an administrator has written nothing, the page says it in its reader's language.
  expect((await api.request('PATCH', '/api/v1/settings', { body: { recordingNotice: null } })).status).toBe(200)
  const terminal = await openTerminal(product, api, host)
  await terminal.waitForWelcome()
  await eventually('the usual sentence', () => Promise.resolve(terminal.notices.some(({ about }) => about?.code === 'recorded')))
  terminal.close()
})

it('a member is told that the settings are not theirs, and is offered no way there', async () => {
  const member = await addOperator(product, 'mia', 'Mia', 'member')
  const theirs = await signedInContext(browser, product, member)
  const hers = await theirs.newPage()
  await hers.goto(`${product.url}/settings`)
  await hers.getByText('Not for this account').waitFor()
  expect(await hers.getByRole('navigation').getByText('Settings').count()).toBe(0)
  await hers.keyboard.press('Control+k')
  const field = hers.getByRole('dialog').getByRole('combobox')
  await field.fill('web1')
  await hers.getByTestId('palette-empty').waitFor()
  await field.fill('设置')
  await hers.getByTestId('palette-empty').waitFor()
  await theirs.close()
})

it('Ctrl-K finds hosts, people, pages and actions, by keys alone', async () => {
  await page.goto(`${product.url}/account`)
  await page.locator('[name=name]').waitFor()
  const field = page.getByRole('dialog').getByRole('combobox')
  const options = page.getByTestId('palette-option')
  const open = async () => {
    await page.keyboard.press('Control+k')
    await field.waitFor()
  }
  await open()
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'detached' })
  await open()
  await page.keyboard.type('mia')
  await options.filter({ hasText: 'Mia' }).waitFor()
  await field.fill('设置')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings')
  await eventually('the page is where reading begins', () => page.evaluate(() => document.activeElement?.tagName === 'H1'))
  expect(await page.title()).toBe('Settings · Sallyport')
  await open()
  expect(await options.first().innerText()).toContain('Settings')
  await page.keyboard.type('nothing is called so')
  await page.getByTestId('palette-empty').waitFor()
  await field.fill('language')
  await page.keyboard.press('Enter')
  await eventually('the page speaks Chinese in place', async () => (await page.title()) === '设置 · Sallyport')
  await open()
  await page.keyboard.type('english')
  await page.keyboard.press('Enter')
  await eventually('and English again', async () => (await page.title()) === 'Settings · Sallyport')
  await open()
  await page.keyboard.type('new term')
  await page.keyboard.press('Enter')
  await options.filter({ hasText: 'web1' }).waitFor()
  await page.keyboard.press('Escape')
  await open()
  // Typed and sent off at once: Enter waits for its answer.
  await page.keyboard.type('web1')
  await page.keyboard.press('Enter')
  await page.locator('[role=tabpanel][data-state=open]').waitFor()
  expect(await page.title()).toContain('@web1')
})

it('a person changes name and password, sees where they are signed in, and ends it', async () => {
  const elsewhere = new ApiClient(product.url)
  const signIn = (password: string) => elsewhere.request('POST', '/api/v1/sign-in', { body: { username: testOperator.username, password } })
  const isIn = async () => (await elsewhere.request('GET', '/api/v1/me')).status === 200
  await signIn(testOperator.password)
  await page.goto(`${product.url}/account`)
  await page.locator('[name=name]').fill('Ada Löwe 王')
  await page.getByTestId('save-name').click()
  await page.getByText('Your name was saved.').waitFor()
  await page
    .getByRole('button', { name: /^End the sign-in of/ })
    .first()
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
  await eventually('the other one is out', async () => !(await isIn()))

  await signIn(testOperator.password)
  const next = 'a wholly new sentence'
  await page.locator('[name=current-password]').fill('not the right one')
  await page.locator('[name=new-password]').fill(next)
  await page.locator('[name=new-password-again]').fill('something else')
  await page.getByTestId('change-password').click()
  await page.getByText('The two passwords differ.').waitFor()
  await page.locator('[name=new-password-again]').fill(next)
  await page.getByTestId('change-password').click()
  await page.getByText('This is not your present password.').waitFor()
  await page.locator('[name=current-password]').fill(testOperator.password)
  await page.getByTestId('change-password').click()
  await page.getByText('One other sign-in was ended.').waitFor()
  expect(await isIn()).toBe(false)
  expect([(await signIn(testOperator.password)).status, (await signIn(next)).status]).toEqual([401, 200])
  await faultless()
  expect(said).toEqual([])
})
