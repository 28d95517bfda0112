// What people may rely on while a terminal is open in the page: it is not lost by a slip, and when it is lost the page says so.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { gatewaysAreBack } from './harness/gateway-kill.ts'
import { type Product, startProduct } from './harness/product.ts'
import { listSessions, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let context: BrowserContext
let api: ApiClient
let page: Page

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct(), launchBrowser()])
  api = await product.claim()
  const key = { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey } as const
  const host = await saveHost(api, sshd, key, { name: 'web1' })
  // Before `sallytest` in the alphabet: the first account of the list is not the one that works.
  await api.call('POST', `/assets/${host.id}/accounts`, { username: 'aaa-nobody', auth: key })
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  await context.addCookies(
    api.cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })),
  )
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

const lines = () => page.evaluate(() => (Object.values(window.__sallyportTerminals ?? {}).at(-1)?.().lines ?? []).join('\n'))
const isLive = async () => (await listSessions(api, '?state=live')).total
beforeEach(async () => {
  await page?.close()
  // A browser that is closed leaves its sessions for its person to come back to.
  for (const { id } of (await listSessions(api, '?state=live')).items) await api.call('POST', `/sessions/${id}/terminate`, { reason: 'the test is over' })
  await waitUntil('earlier sessions to end', async () => (await isLive()) === 0)
  page = await context.newPage()
})
async function connect(): Promise<void> {
  await page.goto(`${product.url}/hosts`)
  await page.getByRole('button', { name: 'Choose an account for web1' }).click()
  await page.getByRole('menuitem', { name: sshd.user }).click()
  await waitUntil('the prompt', async () => /[$#] $/m.test(await lines()))
}

describe('an open terminal', () => {
  it('is offered again with the account used last', async () => {
    await connect()
    await page.keyboard.type('exit\n')
    await page.getByTestId('ended').waitFor()
    await page.goto(`${product.url}/hosts`)
    await page.getByTitle(`Connect as ${sshd.user}`).click()
    await waitUntil('the prompt', async () => /[$#] $/m.test(await lines()))
    expect(await page.title()).toContain(`${sshd.user}@web1`)
  })

  it('is closed only after a question, and the session ends with it', async () => {
    await connect()
    const close = page.getByRole('button', { name: `Close ${sshd.user}@web1` })
    await close.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await isLive()).toBe(1)
    await close.click()
    await page.getByRole('dialog').getByRole('button', { name: 'End and close' }).click()
    await page.getByText('No terminal is open').waitFor()
    await waitUntil('the session to end', async () => (await isLive()) === 0)
  })

  it('lives on behind other pages, and leaving the site asks nothing: it comes back', async () => {
    await connect()
    await page.getByRole('link', { name: 'Sessions' }).click()
    await page.getByRole('row').filter({ hasText: 'web1' }).waitFor()
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.accept()
    })
    await page.goto(`${product.url}/hosts`)
    await page.getByRole('link', { name: 'Terminals' }).click()
    await waitUntil('the terminal', async () => /[$#] $/m.test(await lines()))
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.type('echo still-$((40+2))\n')
    await waitUntil('the output', async () => (await lines()).includes('still-42'))
    expect(asked).toEqual([])
    expect(await isLive()).toBe(1)
    page.removeAllListeners('dialog')
  })

  it('says so when its gateway is lost, leaves the screen readable, tells the true end, and connects again', async () => {
    await connect()
    await page.keyboard.type('echo before-$((40+2))\n')
    await waitUntil('the output', async () => (await lines()).includes('before-42'))
    for (const pid of product.gatewayPids()) process.kill(pid, 'SIGKILL')
    await page.getByTestId('reconnecting').waitFor()
    expect(await page.locator('[data-dimmed]').count()).toBe(1)
    expect(await lines()).toContain('before-42')
    await gatewaysAreBack(product, api)
    const ended = page.getByTestId('ended')
    await ended.waitFor({ timeout: 60_000 })
    expect(await ended.getAttribute('data-reason')).toBe('gateway_lost')
    expect(await ended.innerText()).toContain('The gateway that carried it stopped without a word')
    expect(await lines()).toContain('before-42')
    const again = page.getByRole('button', { name: 'Connect again' })
    await again.click()
    await waitUntil(
      'the prompt',
      async () => {
        // A gateway that has just come back may refuse once, in words: then people press again.
        if (await again.isVisible()) await again.click({ timeout: 1000 }).catch(() => undefined)
        return /[$#] $/m.test(await lines()) && !(await lines()).includes('before-42')
      },
      { withinMs: 30_000, everyMs: 500 },
    )
    await page.keyboard.type('exit\n')
    await ended.waitFor()
  })

  it('has a page that says when Sallyport does not answer, and when it does again', async () => {
    await page.goto(`${product.url}/sessions`)
    await page.getByText('Nobody is connected').waitFor()
    await context.setOffline(true)
    await page.getByTestId('notice-offline').waitFor({ timeout: 20_000 })
    await context.setOffline(false)
    await page.getByTestId('notice-offline').waitFor({ state: 'detached', timeout: 20_000 })
  })
})
