// An administrator ends a session from the page; its operator reads who and why, at once, and so does everybody afterwards.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from './harness/browser.ts'
import { type Product, startProduct } from './harness/product.ts'
import { saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

const reason = 'Wartung um 22:00 维护: please save <b>now</b>'
let sshd: TestSshd
let product: Product
let browser: Browser
let operator: Page
let administrator: Page

async function signedIn(cookie: string): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  await context.addCookies(cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })))
  return context.newPage()
}

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct(), launchBrowser()])
  const api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  operator = await signedIn(api.cookie)
  administrator = await signedIn((await product.signIn()).cookie)
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

const lines = () => operator.evaluate(() => (Object.values(window.__sallyportTerminals ?? {}).at(-1)?.().lines ?? []).join('\n'))

describe('ending a session from the page', () => {
  it('needs a reason', async () => {
    await operator.goto(`${product.url}/hosts`)
    await operator.getByRole('button', { name: 'Connect', exact: true }).click()
    await waitUntil('the prompt', async () => /[$#] $/m.test(await lines()))
    await operator.keyboard.type('echo typed-$((40+2))\n')
    await waitUntil('the output', async () => (await lines()).includes('typed-42'))
    await operator.keyboard.type('sleep 600\n')

    await administrator.goto(`${product.url}/sessions`)
    const row = administrator.getByRole('row').filter({ hasText: 'web1' })
    await row.getByRole('button', { name: 'Terminate' }).click()
    const dialog = administrator.getByRole('dialog')
    expect(await dialog.innerText()).toContain('Terminate the session of ada on web1?')
    await dialog.getByRole('button', { name: 'Terminate' }).click()
    await dialog.getByText('Say why').waitFor()
    expect(await operator.getByTestId('ended').count()).toBe(0)
  })

  it('tells the operator who and why within a second, and leaves the screen readable', async () => {
    const dialog = administrator.getByRole('dialog')
    await dialog.getByLabel('Reason').fill(reason)
    const from = performance.now()
    await dialog.getByRole('button', { name: 'Terminate' }).click()
    await operator.getByTestId('ended').waitFor()
    expect(performance.now() - from).toBeLessThan(1000)
    const ended = operator.getByTestId('ended')
    expect(await ended.innerText()).toContain(`Terminated by ada: ${reason}`)
    expect(await ended.getAttribute('data-reason')).toBe('terminated')
    expect(await lines()).toContain('typed-42')
    // Nothing that is typed now goes anywhere.
    await operator.keyboard.type('echo too late\n')
    expect(await lines()).not.toContain('too late')
    await waitUntil('the programs on the host to be gone', () => sshd.sessionPids().length === 0)
  })

  it('says so in the row of the ended session, and the recording plays', async () => {
    await administrator.getByText('Nobody is connected').waitFor()
    await administrator.getByRole('tab', { name: 'Ended' }).click()
    const row = administrator.getByRole('row').filter({ hasText: 'web1' })
    await row.waitFor()
    const said = await row.innerText()
    expect(said).toContain('Terminated by ada')
    expect(said).toContain(reason)
    await row.getByRole('button', { name: 'Replay' }).click()
    await administrator.locator('[data-testid=player][data-status=ready]').waitFor()
    await waitUntil('the output in the player', async () =>
      (await administrator.getByTestId('screen').locator('.xterm-rows > div').allTextContents()).some((line) => line.includes('typed-42')),
    )
  })
})
