// How people prove who they are, what acts for them, and what is kept of it: by hand in a real page, from the set-up of a second factor to the ledger's rows about it.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditAccessibility } from './harness/accessibility.ts'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { settle } from './harness/page-tour.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { totpCode } from './harness/totp.ts'
import { waitUntil } from './harness/wait.ts'

/** Whatever of it became markup would run, and be seen. */
const hostile = '<img src=x onerror="window.hit=1"><svg onload=window.hit=1>"\''
const stepMs = 30_000

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let recovery: string[] = []
let context: BrowserContext
let page: Page
const said: string[] = []

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct(), launchBrowser()])
  await product.claim()
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' })
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => said.push(String(error)))
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

const eventually = (what: string, holds: () => Promise<boolean>) => waitUntil(what, holds, { withinMs: 30_000 })
/** When what was told has slid in; reached by everybody, in every part. */
async function faultless(): Promise<void> {
  await settle(page)
  await eventually('a page without faults', async () => (await inspectPage(page)).length === 0).catch(() => undefined)
  expect([...(await inspectPage(page)), ...(await auditAccessibility(page)).faults]).toEqual([])
}
const isUnhurt = async () =>
  expect([await page.evaluate(() => 'hit' in window), await page.locator('main img[src=x], [role=dialog] img[src=x]').count(), said]).toEqual([false, 0, []])

async function enter(): Promise<void> {
  await page.goto(`${product.url}/sign-in`)
  await page.locator('[name=username]').fill(testOperator.username)
  await page.locator('[name=password]').fill(testOperator.password)
  await page.keyboard.press('Enter')
}
/** Signed in as far as the second factor asks. */
async function enterWithCode(code: string): Promise<void> {
  await enter()
  await page.locator('[name=code]').fill(code)
  await page.keyboard.press('Enter')
}
const isSignedIn = () => page.waitForURL(/\/hosts/)
async function signOut(): Promise<void> {
  await page.evaluate(() => fetch('/api/v1/sign-out', { method: 'POST', headers: { 'X-Sallyport': '1', 'content-type': 'application/json' }, body: '{}' }))
}

it('a person sets up a second factor, signs in with a code that opens once, and with a recovery code that does too', async () => {
  await enter()
  await isSignedIn()
  await page.goto(`${product.url}/account`)
  await page.getByTestId('second-factor-set-up').click()
  await page.locator('[role=dialog] [name=current-password]').fill('not this one, surely')
  await page.getByTestId('password-next').click()
  await page.getByText('This is not your password.').waitFor()
  await page.locator('[role=dialog] [name=current-password]').fill(testOperator.password)
  await page.getByTestId('password-next').click()
  await page.getByTestId('qr-code').waitFor()
  await faultless()
  const secret = (await page.getByTestId('totp-secret').innerText()).replaceAll(/\s/g, '')
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  const first = totpCode(secret)
  // As apps show it, with a blank in the middle.
  await page.locator('[name=code]').fill(`${first.slice(0, 3)} ${first.slice(3)}`)
  await page.getByTestId('code-submit').click()
  await page.getByTestId('recovery-codes').waitFor()
  recovery = await page.getByTestId('recovery-codes').locator('code').allInnerTexts()
  expect([recovery.length, new Set(recovery).size]).toEqual([10, 10])
  // Nothing leads past them before they are kept.
  await page.keyboard.press('Escape')
  expect(await page.getByTestId('codes-done').isDisabled()).toBe(true)
  await page.getByTestId('codes-kept').check()
  await page.getByTestId('codes-done').click()
  await page.getByTestId('second-factor-facts').getByText('10', { exact: true }).waitFor()

  await signOut()
  // Half a sign-in opens nothing.
  await enter()
  await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
  expect(
    await page
      .locator('[name=code]')
      .evaluate((field) => [field === document.activeElement, field.getAttribute('autocomplete'), field.getAttribute('inputmode')]),
  ).toEqual([true, 'one-time-code', 'numeric'])
  expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401)
  await faultless()
  await page.getByRole('button', { name: 'Back to the beginning' }).click()
  expect(await page.locator('[name=password]').inputValue()).toBe('')

  const next = totpCode(secret, Date.now() + stepMs)
  await enterWithCode(next)
  await isSignedIn()
  await signOut()
  await enterWithCode(next)
  await page.getByText('The code is wrong or was used already.').waitFor()
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.locator('[name=code]').fill((recovery[0] ?? '').toUpperCase())
  await page.keyboard.press('Enter')
  await isSignedIn()
  await page.goto(`${product.url}/account`)
  await page.getByTestId('second-factor-facts').getByText('9', { exact: true }).waitFor()
  await faultless()
  expect(said).toEqual([])
})

it('a person who must choose another password and set up a factor does both on the way in', async () => {
  await page.goto(`${product.url}/settings`)
  await page.locator('[name=second-factor-auditor]').check()
  await page.getByTestId('save-sign-in').click()
  await page.getByText('Saved: Sign-in').waitFor()
  await callFromPage('POST', '/operators', { username: 'eva', role: 'auditor', password: 'the first one is for once' })
  const stranger = await browser.newContext({ locale: 'zh-CN', viewport: { width: 360, height: 780 } })
  const door = await stranger.newPage()
  door.setDefaultTimeout(20_000)
  await door.goto(`${product.url}/sign-in`)
  await door.locator('[name=username]').fill('eva')
  await door.locator('[name=password]').fill('the first one is for once')
  await door.keyboard.press('Enter')
  await door.locator('[name=new-password]').fill(testOperator.password)
  await door.locator('[name=new-password-again]').fill(testOperator.password)
  await door.getByTestId('password-submit').click()
  const secret = (await door.getByTestId('totp-secret').innerText()).replaceAll(/\s/g, '')
  expect([...(await inspectPage(door)), ...(await auditAccessibility(door)).faults]).toEqual([])
  await door.locator('[name=code]').fill(totpCode(secret))
  await door.getByTestId('code-submit').click()
  await door.getByTestId('recovery-codes').waitFor()
  expect([...(await inspectPage(door)), ...(await auditAccessibility(door)).faults]).toEqual([])
  await door.getByTestId('codes-kept').check()
  await door.getByTestId('codes-done').click()
  await door.waitForURL(/\/hosts/)
  await stranger.close()
})

/** With the sign-in of the page. Throws with the status when it is refused. */
const callFromPage = (method: string, path: string, body?: unknown) =>
  page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'X-Sallyport': '1', 'content-type': 'application/json' }
      const answer = await fetch(`/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as Record<string, unknown>
    },
    [method, path, body] as const,
  )

it('a token is shown once, opens what it may and nothing else, and is void when it is removed', async () => {
  await page.goto(`${product.url}/account`)
  await page.getByTestId('new-token').click()
  await page.locator('[name=token-name]').fill(hostile)
  await page.getByTestId('token-make').click()
  const token = await page.getByTestId('token-text').innerText()
  expect(await page.getByTestId('token-example').innerText()).toContain(`Bearer ${token}'`)
  await page.getByTestId('token-done').click()
  const ask = async (method: string, path: string) =>
    (
      await fetch(`${product.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{"name":"X"}' }),
      })
    ).status
  expect([await ask('GET', '/me'), await ask('GET', '/assets')]).toEqual([200, 200])
  expect(await ask('PATCH', '/me')).toBe(403)
  await page.reload()
  const row = page.getByTestId('token').filter({ hasText: 'onerror' })
  expect(await row.locator('b').innerText()).toBe(hostile)
  expect(await page.content()).not.toContain(token)
  await faultless()
  await isUnhurt()
  await row.getByRole('button', { name: /^Remove/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await row.waitFor({ state: 'detached' })
  expect(await ask('GET', '/me')).toBe(401)
})

it('commands are listed as text, lead to their moment of the recording, and rules are tried before they hold', async () => {
  api = product.api()
  await api.call('POST', '/sign-in', { ...testOperator, code: recovery[1] })
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const terminal = await openTerminal(product, api, host)
  const { session } = await terminal.waitForWelcome()
  await terminal.waitFor(/[$#] $/)
  terminal.send('echo "<img src=x onerror=window.hit=1>"\nexit\n')
  await terminal.waitForEnded()
  await page.goto(`${product.url}/commands?view=rules`)
  await page.getByTestId('add-rule').click()
  await page.locator('[name=rule-name]').fill(hostile.slice(0, 100))
  await page.locator('[name=rule-pattern]').fill('echo*window.hit*')
  await page.locator('[name=rule-sample]').fill('echo 1')
  await page.getByTestId('sample-verdict').getByText('does not fit').waitFor()
  await page.getByTestId('save-rule').click()
  await page.getByTestId('command-rule').waitFor()
  await page.locator('[name=try-command]').fill('echo window.hit now')
  await page.getByTestId('try-verdict').getByText('Marked by').waitFor()
  await faultless()
  await isUnhurt()

  await page.goto(`${product.url}/commands?q=echo`)
  await page.locator('[data-row]').getByText('<img src=x onerror=window.hit=1>').first().waitFor()
  await faultless()
  await isUnhurt()
  await page.locator('aside summary').click()
  await page.getByTestId('shell-integration').click()
  await page.getByTestId('snippet').getByText('PROMPT_COMMAND').waitFor()
  await page.getByTestId('snippet-shell').getByText('zsh').click()
  await page.getByTestId('snippet').getByText('add-zsh-hook').waitFor()
  await faultless()
  await page.keyboard.press('Escape')
  await page.getByTestId('snippet').waitFor({ state: 'detached' })
  await page.getByTestId('command-jump').first().click()
  await page.waitForURL(new RegExp(`play=${session}`))
  await page.locator('[data-testid=player][data-status=ready]').waitFor()
  await page.getByRole('tab', { name: 'Commands', exact: true }).click()
  await page.getByTestId('side-command').first().click()
  await isUnhurt()
  await page.keyboard.press('Escape')
  await page.getByTestId('player').waitFor({ state: 'detached' })
})

it('the ledger tells of all of it in words, and says that it is whole', async () => {
  await page.goto(`${product.url}/audit?size=200`)
  await page.getByTestId('chain').and(page.locator('[data-state=whole]')).waitFor()
  for (const words of ['Second factor set up', 'Recovery code used', 'Second factor refused', 'API token made', 'API token removed', 'Command rule made'])
    await page.locator('[data-row]').filter({ hasText: words }).first().waitFor()
  await faultless()
  await isUnhurt()
  await page.locator('[data-row]').filter({ hasText: 'API token made' }).first().getByTestId('audit-open').click()
  const details = page.getByTestId('audit-details')
  await details.getByText('token.created').waitFor()
  await isUnhurt()
  await details.getByRole('button', { name: 'Only this kind' }).click()
  await page.waitForURL(/code=token\.created/)
  await eventually('only that kind is listed', async () => (await page.locator('[data-row]').allInnerTexts()).every((text) => text.includes('API token made')))
  await page.goto(`${product.url}/audit?q=${encodeURIComponent(hostile)}&code=__proto__&person=${encodeURIComponent(hostile)}`)
  await page.getByTestId('filter-person').waitFor()
  await isUnhurt()
})
