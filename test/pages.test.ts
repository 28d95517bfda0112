// Every page in both languages and both themes, on a phone and on a desk: nothing breaks, nothing sticks out, nothing is left untranslated or unnamed.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import type { TerminalClient } from './harness/terminal-client.ts'
import { onTour } from './harness/tour.ts'

const longName = 'a-name-that-somebody-made-far-too-long-for-any-table-or-telephone-eu-central-1a-北京-应用服务器'
let sshd: TestSshd
let product: Product
let unclaimed: Product
let browser: Browser
let api: ApiClient
let host: SavedHost
let live: TerminalClient
let played: string

beforeAll(async () => {
  ;[sshd, product, unclaimed, browser] = await Promise.all([startSshd(), startProduct(), startProduct({ gateways: 1 }), launchBrowser()])
  api = await product.claim()
  const key = { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey } as const
  host = await saveHost(api, sshd, key, { name: 'web1' })
  await saveHost(api, sshd, { kind: 'ask' }, { name: longName, trust: false })
  const ended = await openTerminal(product, api, host)
  played = (await ended.waitForWelcome()).session
  ended.send('echo 中文; exit 3\n')
  await ended.waitForEnded()
  live = await openTerminal(product, api, host)
  await live.waitForWelcome()
})
afterAll(async () => {
  live?.close()
  await browser?.close()
  await Promise.all([product?.stop(), unclaimed?.stop()])
  await sshd?.stop()
})

type Look = { language: 'en' | 'zh'; theme: 'light' | 'dark'; width: number }
const looks: Look[] = [
  { language: 'en', theme: 'light', width: 1440 },
  { language: 'zh', theme: 'dark', width: 1440 },
  { language: 'zh', theme: 'light', width: 390 },
  { language: 'en', theme: 'dark', width: 360 },
]
const words = {
  en: { connect: /^Connect$/, terminate: /^Terminate$/, warned: 'The disk for recordings' },
  zh: { connect: /^连接$/, terminate: /^强制结束$/, warned: '录像磁盘' },
}

async function open({ language, theme, width }: Look, at: Product, cookie = ''): Promise<{ context: BrowserContext; page: Page; said: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height: width < 700 ? 780 : 900 },
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
  })
  const cookies = cookie === '' ? [] : cookie.split('; ')
  await context.addCookies(cookies.map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: at.url })))
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (message) => {
    // The browser itself reports each answer of 400 and above; that a sign-in is refused is what is shown.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) said.push(message.text())
  })
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('dialog', (dialog) => void dialog.accept())
  return { context, page, said }
}

describe.each(onTour(looks, ({ language }) => language === 'en'))('the pages in $language, $theme, $width px wide', (look) => {
  const word = words[look.language]
  const faultless = async (page: Page, said: string[], what: string) => {
    // Skeletons and transitions come to rest first.
    await page.waitForTimeout(150)
    expect({ what, faults: await inspectPage(page), said }).toEqual({ what, faults: [], said: [] })
  }

  it('before signing in', async () => {
    for (const at of [unclaimed, product]) {
      const { context, page, said } = await open(look, at)
      await page.goto(at === unclaimed ? (unclaimed.claimLink ?? '') : `${product.url}/hosts`)
      await page.locator('[name=username]').waitFor()
      await faultless(page, said, at === unclaimed ? 'claim' : 'sign-in')
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language === 'zh' ? 'zh-CN' : 'en')
      expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(look.theme)
      await context.close()
    }
    const { context, page, said } = await open(look, product)
    await page.goto(`${product.url}/sign-in`)
    await page.locator('[name=username]').fill('ada')
    await page.locator('[name=password]').fill('wrong')
    await page.locator('[type=submit]').click()
    await page.getByRole('alert').waitFor()
    await faultless(page, said, 'sign-in refused')
    await context.close()
  })

  it('of lists, forms and the player', async () => {
    const { context, page, said } = await open(look, product, api.cookie)
    const visit = async (path: string, ready: () => Promise<unknown>) => {
      await page.goto(`${product.url}${path}`)
      await ready()
      await faultless(page, said, path)
    }
    // What a full disk answers is for `full-disk.test.ts`, which has a small one; here its notice stands over every page.
    const disk = { usedShare: 0.876, recordingsBytes: 1e9, state: look.width > 700 ? 'warning' : 'refusing' }
    await page.route('**/api/v1/disk', (route) => route.fulfill({ json: disk }))
    const see = (text: string) => () => page.getByText(text).first().waitFor()
    await visit('/hosts', see(longName))
    const notice = page.getByTestId('notice-disk')
    expect([await notice.getAttribute('data-state'), await notice.innerText()]).toEqual([disk.state, expect.stringContaining(word.warned)])
    expect(await notice.innerText()).toContain('87')
    await visit('/hosts?q=nothing-is-called-so', () => page.getByText('web1').first().waitFor({ state: 'detached' }))
    await visit('/hosts?host=new', () => page.locator('[name=host-address]').waitFor())
    await page.getByTestId('host-save').click()
    await faultless(page, said, 'the form with faults')
    await visit(`/hosts?host=${host.id}`, () => page.locator('[name=host-address]').waitFor())
    await visit('/sessions', see('web1'))
    await page.getByRole('button', { name: word.terminate }).first().click()
    await page.locator('[name=reason]').waitFor()
    await faultless(page, said, 'terminate')
    await visit('/sessions?state=ended', see('web1'))
    await visit('/recordings', see('web1'))
    await visit(`/recordings?play=${played}`, () => page.locator('[data-testid=player][data-status=ready]').waitFor())
    await visit(`/sessions?play=${live.welcome?.session ?? ''}`, () => page.locator('[data-testid=player][data-status=ready]').waitFor())
    await visit('/terminals', () => page.locator('main h2').waitFor())
    await visit('/no-such-page', () => page.locator('main h2').waitFor())
    await context.close()
  })

  it('of terminals: open, asking, ended', async () => {
    const { context, page, said } = await open(look, product, api.cookie)
    await page.goto(`${product.url}/hosts?q=web1`)
    await page.getByRole('button', { name: word.connect }).first().click()
    await page.locator('[role=tabpanel][data-state=open]').waitFor()
    expect(await page.title()).toContain('@web1')
    await faultless(page, said, 'an open terminal')
    await page.keyboard.type('exit\n')
    await page.getByTestId('ended').waitFor()
    await faultless(page, said, 'an ended terminal')
    await page.goto(`${product.url}/hosts?q=eu-central`)
    await page.getByRole('button', { name: word.connect }).first().click()
    await page.locator('[role=tabpanel][data-state=prompting], [role=tabpanel][data-state=ended]').waitFor()
    await faultless(page, said, 'a terminal that asks, or says why not')
    await context.close()
  })
})

describe('the first page', () => {
  it('weighs at most 350 kB on the wire, without terminal and player', async () => {
    const { context, page } = await open({ language: 'en', theme: 'light', width: 1440 }, product, api.cookie)
    const network = await context.newCDPSession(page)
    await network.send('Network.enable')
    let bytes = 0
    const loaded: string[] = []
    network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
    network.on('Network.responseReceived', ({ response }) => loaded.push(new URL(response.url).pathname))
    await page.goto(`${product.url}/hosts`)
    await page.getByText('web1').first().waitFor()
    await page.waitForLoadState('networkidle')
    expect(loaded.length).toBeGreaterThan(5)
    expect(loaded.filter((path) => /terminal-deck|player/.test(path))).toEqual([])
    expect(bytes).toBeGreaterThan(100_000)
    expect(bytes).toBeLessThan(350_000)
    await context.close()
  })
})
