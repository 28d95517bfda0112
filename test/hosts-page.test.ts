// The pages of hosts as administrators live in them: many hosts found, starred, changed and taken back; shared credentials; a changed key decided.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'

type Asset = { id: string; name: string; tags: string[]; favourite: boolean; hostKeys: { fingerprint: string }[] }
let sshd: TestSshd
let product: Product
let browser: Browser
let context: BrowserContext
let page: Page
let api: ApiClient
const said: string[] = []

const find = async (name: string) =>
  (await api.call<{ items: Asset[] }>('GET', `/assets?q=${encodeURIComponent(name)}`)).items.find((host) => host.name === name)
const tagsOf = async (...names: string[]) => Promise.all(names.map(async (name) => (await find(name))?.tags))
const row = (name: string) => page.locator('main [data-row]').filter({ hasText: name })
const button = (name: string | RegExp) => page.getByRole('button', { name })

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct(), launchBrowser()])
  api = await product.claim()
  for (const [name, tags] of [
    ['alpha', ['prod']],
    ['beta', []],
    ['gamma', ['prod', 'old']],
    ['שרת-ראשי', []],
  ] as const)
    await api.call('POST', '/assets', { name, address: '192.0.2.1', tags, accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
  context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await context.addCookies(
    api.cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })),
  )
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) said.push(message.text())
  })
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

describe('the list of hosts', () => {
  it('is found, starred and walked by keyboard, and filters stand in the address', async () => {
    await page.goto(`${product.url}/hosts`)
    await row('beta').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('s')
    await button('Take beta from the favourites').waitFor()
    await page.getByRole('button', { name: 'Favourites', exact: true }).click()
    await row('alpha').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('favourite')).toBe('true')
    await expect.poll(async () => (await find('beta'))?.favourite).toBe(true)
    await page.getByTestId('clear-filters').click()
    await page.getByRole('button', { name: 'Tags', exact: true }).click()
    await page.getByRole('checkbox', { name: /^old/ }).click()
    await row('alpha').waitFor({ state: 'detached' })
    expect(await page.getByTestId('list-range').innerText()).toContain('of 1 (of 4)')
    await page.keyboard.press('Escape')
    await page.reload()
    await row('gamma').waitFor()
    expect(new URL(page.url()).searchParams.get('tag')).toBe('old')
    await page.getByTestId('clear-filters').click()
    await row('alpha').waitFor()
    await page.locator('h1').click()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this list' }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('changes tags of many at once, and takes that back exactly', async () => {
    for (const name of ['alpha', 'beta', 'gamma']) await page.getByRole('checkbox', { name: `Select ${name}` }).click()
    const bar = page.getByTestId('selection')
    expect(await bar.innerText()).toContain('3 selected')
    await bar.getByRole('button', { name: 'Tags' }).click()
    const dialog = page.getByRole('dialog', { name: 'Tags of 3 hosts' })
    await dialog.getByLabel('Add these tags').first().fill('prod,')
    await dialog.getByLabel('Take these tags away').first().fill('old,')
    expect(await inspectPage(page)).toEqual([])
    await page.getByTestId('bulk-apply').click()
    await dialog.waitFor({ state: 'detached' })
    expect(await tagsOf('alpha', 'beta', 'gamma')).toEqual([['prod'], ['prod'], ['prod']])
    await button('Undo').click()
    await page.getByText('The tags are as they were.').waitFor()
    const [alpha, beta, gamma] = await tagsOf('alpha', 'beta', 'gamma')
    expect([alpha, beta, gamma?.toSorted()]).toEqual([['prod'], [], ['old', 'prod']])
    await bar.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('makes a key pair with a host, shows its public half, and asks before what was typed is lost', async () => {
    await page.getByTestId('add-host').click()
    await page.locator('[name=host-name]').fill('fresh')
    await page.locator('[name=host-address]').fill('192.0.2.9')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor()
    await button('Go on with the form').click()
    await page.locator('[name=host-account]').fill("o'brien")
    await page.getByText('New key pair', { exact: true }).click()
    await page.getByText('Trust the first', { exact: true }).click()
    await page.getByTestId('host-save').click()
    const line = await page.getByTestId('public-half').innerText()
    expect(line).toMatch(/^ssh-ed25519 AAAA\S+ sallyport$/)
    expect(await page.getByTestId('copy-command').innerText()).toContain(`ssh -l 'o'\\''brien' 192.0.2.9`)
    await button(/^Copy: One line/).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(line)
    expect(await inspectPage(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.has('host')).toBe(false)
  })

  it('says beside the field what the server refuses', async () => {
    await page.goto(`${product.url}/hosts?host=new`)
    await page.locator('[name=host-name]').fill('ALPHA')
    await page.locator('[name=host-address]').fill('192.0.2.9')
    await page.locator('[name=host-account]').fill('root')
    await page.getByText('Ask each time', { exact: true }).click()
    await page.getByTestId('host-save').click()
    const fault = page.locator('[name=host-name][aria-invalid=true]')
    await fault.waitFor()
    expect(await page.getByText('This name is taken. Choose another.').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByTestId('discard').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('deletes what is selected after asking once', async () => {
    await page.getByRole('checkbox', { name: 'Select fresh' }).click()
    await page.getByTestId('selection').getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete 1 host?' })
    expect(await dialog.innerText()).toContain('fresh')
    await page.getByTestId('bulk-remove').click()
    await row('fresh').waitFor({ state: 'detached' })
    expect(await find('fresh')).toBeUndefined()
  })
})

describe('shared credentials', () => {
  it('are added, used, replaced in one place, and not deleted while hosts use them', async () => {
    await page.goto(`${product.url}/credentials`)
    await page.getByText('No shared credentials yet').waitFor()
    await page.getByTestId('add-credential').first().click()
    await page.locator('[name=credential-name]').fill('fleet')
    await page.locator('[name=credential-username]').fill('deploy')
    await page.locator('[name=host-password]').fill('one two three')
    await page.getByTestId('credential-save').click()
    await row('fleet').waitFor()
    const [credential] = (await api.call<{ items: { id: string; rotatedAt: string }[] }>('GET', '/credentials')).items
    const alpha = await find('alpha')
    await api.call('POST', `/assets/${alpha?.id ?? ''}/accounts`, { username: 'deploy', auth: { kind: 'credential', id: credential?.id } })
    await page.reload()
    await row('fleet').getByRole('button', { name: 'Replace' }).click()
    expect(await page.getByTestId('rotate-reach').innerText()).toContain('Used by 1 host from the next connection on')
    await page.getByText('New key pair', { exact: true }).click()
    expect(await inspectPage(page)).toEqual([])
    await page.getByTestId('rotate-save').click()
    await page.getByTestId('public-half').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await button('Actions for fleet').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const used = page.getByTestId('credential-used')
    await used.getByText('alpha').waitFor()
    await used.getByText('Show these hosts').click()
    await row('alpha').waitFor()
    await row('beta').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('credential')).toBe(credential?.id)
  })
})

describe('a changed host key', () => {
  it('is seen side by side with the trusted ones, and trusted after a question', async () => {
    const host = await saveHost(api, sshd, { kind: 'password', password: sshd.password ?? '' }, { name: 'moved' })
    await page.goto(`${product.url}/host-keys`)
    await page.getByText('No host has changed its key').waitFor()
    await sshd.replaceHostKeys()
    expect((await (await openTerminal(product, api, host)).waitForEnded()).reason).toBe('host_key_changed')
    await page.reload()
    await page.getByTestId('changed-keys').waitFor()
    const card = page.getByTestId('key-change')
    const shown = (await card.getByTestId('fingerprint').allInnerTexts()).map((text) => text.replace(/\s/g, ''))
    for (const { fingerprint } of host.hostKeys) expect(shown).toContain(fingerprint)
    const offered = Object.values(sshd.hostKeys).find(({ fingerprint }) => shown.includes(fingerprint))
    expect(offered).toBeDefined()
    expect(await card.innerText()).toContain('ada')
    expect(await inspectPage(page)).toEqual([])
    await page.getByTestId('trust-changed-key').click()
    await button('It is confirmed: trust it').click()
    await page.getByText('No host has changed its key').waitFor()
    expect((await find('moved'))?.hostKeys.map(({ fingerprint }) => fingerprint)).toEqual([offered?.fingerprint])
    expect(said).toEqual([])
  })
})
