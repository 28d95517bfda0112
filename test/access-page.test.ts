// Who may do what, as an administrator says it on the pages and as the person finds it: made, granted, used, taken back.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { findExecuted, lookout, scripts, shapes } from './harness/bad-input.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { PageTerminal, signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { saveHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let page: Page
const said: string[] = []

const listen = (heard: Page) => {
  heard.setDefaultTimeout(30_000)
  heard.on('pageerror', (error) => said.push(String(error)))
  heard.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) said.push(message.text())
  })
  return heard
}
const row = (at: Page, name: string) => at.locator('main [data-row]').filter({ hasText: name })
const openMenu = (name: string) => page.getByRole('button', { name: `Actions for ${name}` }).click()
const item = (name: string) => page.getByRole('menuitem', { name })
/** Types into a field that finds, and takes the first it offers. */
async function pick(kind: 'people' | 'groups' | 'hosts', text: string): Promise<void> {
  await page.getByTestId(`pick-${kind}`).fill(text)
  await page.getByRole('option').filter({ hasText: text }).first().click()
  // What is offered next would lie over the buttons below.
  await page.keyboard.press('Tab')
}
/** Pages ask the API first. */
const soon = { timeout: 20_000 }

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }), startProduct(), launchBrowser()])
  api = await product.claim()
  const key = { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey } as const
  await saveHost(api, sshd, key, { name: 'web1' })
  await saveHost(api, sshd, key, { name: 'not-for-everybody' })
  page = listen(await (await signedInContext(browser, product, api)).newPage())
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

describe('an administrator', () => {
  it('makes a person, a group and a grant; the person reaches that host, says why, and is told when it is taken back', async () => {
    await page.goto(`${product.url}/operators`)
    await page.getByTestId('add-operator').click()
    await page.locator('[name=operator-name]').fill('Bob Dáng')
    await page.locator('[name=operator-username]').fill('b o b')
    await page.getByTestId('operator-save').click()
    await page.getByText('without blanks and without').last().waitFor()
    await page.locator('[name=operator-username]').fill('bob')
    const password = await page.getByTestId('first-password').innerText()
    await page.getByTestId('operator-save').click()
    const handed = await page.getByTestId('handed-over').innerText()
    expect([handed.includes('bob'), handed.includes(password), handed.includes('Nothing is granted yet')]).toEqual([true, true, true])
    await page.getByTestId('handed-done').click()
    await row(page, 'Bob Dáng').getByText('New password due').waitFor()

    await page.goto(`${product.url}/groups?edit=new`)
    await page.locator('[name=group-name]').fill('Night watch')
    await pick('people', 'bob')
    await page.getByTestId('group-save').click()
    await row(page, 'Night watch').getByText('Bob Dáng').waitFor()

    await page.getByRole('link', { name: 'Grants', exact: true }).click()
    await page.getByTestId('add-grant').first().click()
    await page.getByTestId('grant-save').click()
    // Nothing is saved that names nobody, no host, and has no name.
    await page.getByText('Choose at least one person or group.').waitFor()
    await page.locator('[name=grant-name]').fill('Watch over web1')
    await pick('groups', 'Night watch')
    await pick('hosts', 'web1')
    await page.getByTestId('grant-when').getByLabel('Only within').check()
    await page.getByTestId('add-hours').click()
    for (const day of ['Sat', 'Sun']) await page.getByTestId('grant-hours').getByText(day, { exact: true }).click()
    await page.getByLabel('Begin', { exact: true }).fill('0')
    await page.getByLabel('End', { exact: true }).fill('2400')
    await page.getByTestId('grant-sources').fill('everywhere')
    await page.keyboard.press('Enter')
    await page.getByText('everywhere is not a network').waitFor()
    await page.keyboard.press('Backspace')
    await page.getByTestId('grant-sources').fill('127.0.0.0/8')
    await page.keyboard.press('Enter')
    await page.getByTestId('grant-reason').check()
    await expect
      .poll(() => page.getByTestId('grant-sentence').innerText(), soon)
      .toMatch(/^Everybody in Night watch may open a terminal.* on web1 as any account, every day all day \(.+\), connecting from 127\.0\.0\.0\/8\. .*say why/)
    await expect.poll(() => page.getByTestId('grant-named').innerText(), soon).toBe('Names 1 person and 1 host now')
    await page.getByTestId('grant-save').click()
    await row(page, 'Watch over web1').getByText('Active').waitFor()
    expect(await inspectPage(page)).toEqual([])

    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
    await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
    const bob = listen(await context.newPage())
    await signIn(bob, password)
    await row(bob, 'web1').waitFor()
    expect(await bob.locator('main [data-row]').count()).toBe(1)
    expect(await bob.getByText('not-for-everybody').count()).toBe(0)
    // Nothing of what only administrators do is offered.
    for (const forbidden of ['Add host', 'Import hosts', 'Actions for web1']) expect(await bob.getByRole('button', { name: forbidden }).count()).toBe(0)
    for (const forbidden of ['Operators', 'Grants', 'Who may', 'Settings'])
      expect(await bob.getByRole('link', { name: forbidden, exact: true }).count()).toBe(0)
    await bob.getByRole('button', { name: 'Connect', exact: true }).click()
    await bob.getByTestId('ask-reason').waitFor()
    await bob.getByTestId('reason-connect').click()
    await bob.getByText('Say why.').waitFor()
    await bob.locator('[name=reason]').fill('ticket 4711')
    await bob.keyboard.press('Enter')
    const terminal = new PageTerminal(bob)
    await terminal.prompt()
    await terminal.run('echo here')

    const [session] = (await api.call<{ items: { id: string; reason?: string; grants?: string[] }[] }>('GET', '/sessions?state=live')).items
    expect(session).toMatchObject({ reason: 'ticket 4711', grants: ['Watch over web1'] })
    await openMenu('Watch over web1')
    await item('Delete').click()
    await expect.poll(() => page.getByTestId('grant-ends').innerText(), soon).toContain('1 live session')
    await page.getByTestId('grant-remove').click()
    await bob.getByTestId('ended').waitFor()
    expect(await bob.getByTestId('ended').getAttribute('data-reason')).toBe('revoked')
    expect(await bob.getByTestId('ended').innerText()).toContain('Access was withdrawn')
    await bob.goto(`${product.url}/hosts`)
    await bob.getByText('Nothing is granted to you yet').waitFor()
    await context.close()
    expect(said).toEqual([])
  })

  it('reads why a person may and may not, and finds greyed with the reason what cannot be done', async () => {
    await page.goto(`${product.url}/who-may?operator=ada&asset=web1`)
    await page.locator('[data-testid=verdict][data-permitted=true]').getByRole('link', { name: 'administrators' }).waitFor()
    await page.goto(`${product.url}/who-may?operator=bob&asset=web1`)
    await page.locator('[data-testid=verdict][data-permitted=false]').getByText('No grant covers this.').waitFor()
    await page.getByRole('link', { name: 'Make a grant' }).click()
    // The question is the beginning of the grant.
    await expect.poll(() => page.getByTestId('grant-sentence').innerText(), soon).toMatch(/^Bob Dáng may .* on web1 /)
    await page.goto(`${product.url}/who-may?asset=web1`)
    await page.getByTestId('access-list').getByRole('link', { name: 'ada' }).first().waitFor()
    expect(await page.getByTestId('access-list').getByText('Bob').count()).toBe(0)

    await page.goto(`${product.url}/operators`)
    await openMenu('ada')
    await page.getByTestId('disable').getByText('The last administrator who can sign in').waitFor()
    await page.getByTestId('disable').click({ force: true })
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await openMenu('Bob Dáng')
    await item('Disable').click()
    await page.getByTestId('act-confirm').click()
    await row(page, 'Bob Dáng').getByText('Disabled').waitFor()
    await page.goto(`${product.url}/who-may?operator=bob&asset=web1`)
    await page.getByText('The operator is disabled').waitFor()

    // An auditor asks the same and changes nothing.
    const auditor = await addOperator(product, 'eve', 'Eve', 'auditor')
    const context = await signedInContext(browser, product, auditor)
    const eve = listen(await context.newPage())
    await eve.goto(`${product.url}/who-may?operator=ada&asset=web1`)
    await eve.locator('[data-testid=verdict][data-permitted=true]').getByText('administrators: all hosts').waitFor()
    expect(await eve.getByTestId('verdict').getByRole('link').count()).toBe(0)
    await eve.goto(`${product.url}/grants`)
    await eve.getByText('Not for this account').waitFor()
    await context.close()
    expect(said).toEqual([])
  })
})

describe('names that are script or a mess', () => {
  it('are shown harmlessly on every page about access', async () => {
    const names = packed([...scripts, ...shapes], 100)
    const refused: string[] = []
    /** Kept, or refused with the field named; some differ from others in capitals alone. */
    const make = async (path: string, name: string, more: Record<string, unknown>): Promise<string[]> => {
      const answer = await api.request('POST', `/api/v1${path}`, { body: { name, ...more } })
      const { id, error } = JSON.parse(answer.text) as { id?: string; error?: { field?: string; code: string } }
      if (answer.status !== 201 && error?.code !== 'name_taken' && error?.field === undefined) refused.push(`${path} ${name}: ${answer.status} ${answer.text}`)
      return id === undefined ? [] : [id]
    }
    const some = (every: number) => names.filter((_, at) => at % every === 0)
    const groups = (await Promise.all(some(4).map((name) => make('/groups', name, {})))).flat()
    await Promise.all(some(12).map((name, at) => make('/operators', name, { username: `x${at}`, password: 'long enough for a test', groups })))
    const notes = (at: number) =>
      names
        .slice(at, at + 5)
        .join(' ')
        .slice(0, 500)
    const grants = names.map((name, at) =>
      make('/grants', name, { note: notes(at), groups, tags: [name.slice(0, 60).replaceAll(',', '')], actions: ['shell'], accounts: 'all' }),
    )
    const made = (await Promise.all(grants)).flat()
    expect({ refused, enough: made.length > 20 }).toEqual({ refused: [], enough: true })
    const [worst] = made
    const context: BrowserContext = await signedInContext(browser, product, api)
    await context.addInitScript(lookout)
    const looked = await context.newPage()
    looked.setDefaultTimeout(30_000)
    looked.on('dialog', (question) => void question.accept())
    const places = ['/operators', '/groups', '/grants', `/grants?edit=new&copy=${worst ?? ''}`, `/who-may?operator=${encodeURIComponent(scripts[0] ?? '')}`]
    for (const place of places) {
      await looked.goto(`${product.url}${place}`)
      await looked
        .locator(place.includes('edit=') ? '[data-testid=grant-sentence]' : place.startsWith('/who-may') ? 'main h2' : '[data-row]')
        .first()
        .waitFor()
      expect({ place, hits: await findExecuted(looked) }).toEqual({ place, hits: [] })
    }
    await context.close()
  })
})

/** As few texts as hold them all, none longer than `most`; what is longer by itself is cut. */
function packed(texts: readonly string[], most: number): string[] {
  const found: string[] = []
  for (const text of texts) {
    const joined = `${found.at(-1) ?? ''} ${text}`
    if (found.length > 0 && joined.length <= most) found[found.length - 1] = joined
    else found.push(text.slice(0, most))
  }
  return found
}

/** The first password holds for one sign-in, which asks for another. */
async function signIn(at: Page, password: string): Promise<void> {
  await at.goto(`${product.url}/hosts`)
  await at.locator('[name=username]').fill('bob')
  await at.locator('[name=password]').fill(password)
  await at.locator('[type=submit]').click()
  await at.locator('[name=new-password]').fill('a sentence of my own')
  await at.locator('[name=new-password-again]').fill('a sentence of my own')
  await at.getByTestId('password-submit').click()
}
