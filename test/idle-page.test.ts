// A session in which nothing moves is warned a minute before it ends; a key keeps it, and takes the warning away.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { openPageTerminal, signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { listSessions, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

// Warned at 60 s before the end: eight seconds after the last byte.
const idleSeconds = 68
let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct({ flags: ['--idle-seconds', `${idleSeconds}`] }), launchBrowser()])
  api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

it('a page warns of the end of an idle session in words, until a key is pressed', async () => {
  const context = await signedInContext(browser, product, api)
  const page = await context.newPage()
  const terminal = await openPageTerminal(page, product.url, 'web1')
  const warning = page.getByText(/This session ends in \d+ s because nothing moves in it\. Any key keeps it\./).first()
  await warning.waitFor({ timeout: 30_000 })
  expect(await page.getByTestId('bar-state').innerText()).toContain('Any key keeps it')
  await terminal.focus()
  await page.keyboard.press('Space')
  await waitUntil('the warning to go', async () => (await page.getByText('Any key keeps it').count()) === 0)
  expect((await listSessions(api, '?state=live')).total).toBe(1)
  await context.close()
})
