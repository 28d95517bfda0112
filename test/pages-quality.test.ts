// Every place of the product, for whoever reads with a screen reader, a keyboard, a phone, or in Chinese.
import { randomBytes } from 'node:crypto'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditAccessibility } from './harness/accessibility.ts'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { walkByKeyboard } from './harness/keyboard.ts'
import { inspectPage } from './harness/page-faults.ts'
import { type Place, places, settle, type TourFacts } from './harness/page-tour.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import type { TerminalClient } from './harness/terminal-client.ts'
import { onTour } from './harness/tour.ts'
import { findUntranslated } from './harness/untranslated.ts'
import { changeRows } from './harness/written-rows.ts'

let sshd: TestSshd
let product: Product
let unclaimed: Product
let browser: Browser
let api: ApiClient
let live: TerminalClient
let facts: TourFacts
/** Names that people gave, which no language translates. */
const data = [
  'web1',
  'ada',
  'a-longer-name',
  'production',
  'Fleet',
  'deploy',
  'AD',
  'g1',
  'g2',
  'sallytest',
  'web',
  'we',
  'gate',
  'bad',
  'hostname',
  'administrators',
  'administrators: all hosts',
]

beforeAll(async () => {
  ;[sshd, product, unclaimed, browser] = await Promise.all([startSshd(), startProduct(), startProduct({ gateways: 1 }), launchBrowser()])
  api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  await saveHost(api, sshd, { kind: 'ask' }, { name: 'a-longer-name', trust: false })
  const credential = await api.call<{ id: string }>('POST', '/credentials', { name: 'Fleet', username: 'deploy', auth: { kind: 'generate' } })
  await api.call('PATCH', `/assets/${host.id}`, { tags: ['production'] })
  const ended = await openTerminal(product, api, host)
  const played = (await ended.waitForWelcome()).session
  ended.send('echo 中文; exit 3\n')
  await ended.waitForEnded()
  live = await openTerminal(product, api, host)
  const { session } = await live.waitForWelcome()
  // A key that was met instead of the trusted one.
  const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), randomBytes(32)]).toString('base64')
  changeRows(product, (database) => {
    const insert = database.prepare(
      'insert into "keyChanges" (id, "assetId", type, key, fingerprint, "firstSeenAt", "lastSeenAt", times) values (?, ?, ?, ?, ?, ?, ?, 2)',
    )
    insert.run('kc_000000000000000000000000', host.id, 'ssh-ed25519', blob, `SHA256:${'A'.repeat(43)}`, Date.now(), Date.now())
  })
  facts = { url: product.url, host: host.id, credential: credential.id, played, live: session, claimLink: unclaimed.claimLink ?? '' }
})
afterAll(async () => {
  live?.close()
  await browser?.close()
  await Promise.all([product?.stop(), unclaimed?.stop()])
  await sshd?.stop()
})

type Look = { language: 'en' | 'zh'; theme: 'light' | 'dark'; width: number }
async function open({ language, theme, width }: Look, cookie: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    viewport: { width, height: width < 700 ? 780 : 900 },
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
  })
  const pairs = cookie.split('; ').filter(Boolean)
  await context.addCookies(pairs.map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })))
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('dialog', (question) => void question.accept())
  return { context, page }
}

/** What is wrong, by place; a place that cannot be reached is wrong too. */
async function tour(look: Look, inspect: (page: Page, place: Place) => Promise<string[]>, chosen = places): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  const [signedIn, stranger] = await Promise.all([open(look, api.cookie), open(look, '')])
  for (const place of chosen) {
    const { page } = place.stranger ? stranger : signedIn
    try {
      await page.goto(new URL(place.path(facts), product.url).href)
      await place.ready(page)
      await place.act?.(page)
      await settle(page)
      const faults = await inspect(page, place)
      if (faults.length > 0) found[place.name] = faults
    } catch (error) {
      found[place.name] = [error instanceof Error ? error.message.slice(0, 500) : String(error)]
    }
  }
  await signedIn.context.close()
  await stranger.context.close()
  return found
}

const audit = async (page: Page) => {
  const { score, faults } = await auditAccessibility(page)
  return score < 95 || faults.length > 0 ? [`scores ${score}`, ...faults] : []
}
/** Two dozen places, each looked at from all sides. */
const withinMs = 240_000

describe('every place of the product', () => {
  it(
    'has an accessibility score of 95 or more, is reached by Tab in every part, and shows where the focus is',
    async () => {
      const inspect = async (page: Page) => [...(await audit(page)), ...(await walkByKeyboard(page))]
      expect(
        await tour(
          { language: 'en', theme: 'light', width: 1440 },
          inspect,
          onTour(places, (_, at) => at % 3 === 1),
        ),
      ).toEqual({})
    },
    withinMs,
  )

  it(
    'has it in the dark on a telephone, fits into 360 pixels, and says everything in Chinese',
    async () => {
      const inspect = async (page: Page) => [
        ...(await audit(page)),
        ...(await inspectPage(page)),
        ...(await findUntranslated(page, data)).map((text) => `is not translated: ${text}`),
      ]
      expect(await tour({ language: 'zh', theme: 'dark', width: 360 }, inspect)).toEqual({})
    },
    withinMs,
  )
})

describe('the first page', () => {
  it('can be used within a second of asking for it', async () => {
    const { context, page } = await open({ language: 'en', theme: 'light', width: 1440 }, api.cookie)
    const took: number[] = []
    // Of several, and measured beside a piece of work that would take 50 ms of a processor of its own: here others use it too.
    while (took.length < 8 && !took.some((ms) => ms < 1000)) {
      await page.goto('about:blank')
      await page.goto(`${product.url}/hosts`, { waitUntil: 'commit' })
      await page.locator('[data-row]').first().waitFor()
      const ms = await page.evaluate(() => performance.now())
      took.push(ms / (await slowness(context, page)))
    }
    expect(Math.min(...took)).toBeLessThan(1000)
    await context.close()
  })
})

/** How much longer the page's thread takes for its work than the processor works on it; at least 1. */
async function slowness(context: BrowserContext, page: Page): Promise<number> {
  const inspector = await context.newCDPSession(page)
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' })
  const workedMs = async () => 1000 * ((await inspector.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0)
  const before = await workedMs()
  const passedMs = await page.evaluate(() => {
    const from = performance.now()
    let sum = 0
    for (let count = 0; count < 60_000_000; count += 1) sum = (sum + count) % 1013
    return sum < 0 ? 0 : performance.now() - from
  })
  const worked = (await workedMs()) - before
  await inspector.detach()
  return Math.max(1, passedMs / Math.max(1, worked))
}

describe('the judges of these tests', () => {
  it('find what is wrong with a page', async () => {
    const { context, page } = await open({ language: 'zh', theme: 'light', width: 1440 }, api.cookie)
    await page.goto(`${product.url}/account`)
    await page.locator('main h1').waitFor()
    await page.evaluate(() => {
      const main = document.querySelector('main')
      main?.insertAdjacentHTML('beforeend', '<button id="bad-name"></button><p id="pale">Hello there</p><div id="click">点</div><button id="dull">无</button>')
      Object.assign(document.getElementById('pale')?.style ?? {}, { color: '#ccc', background: '#fff' })
      Object.assign(document.getElementById('click')?.style ?? {}, { cursor: 'pointer' })
      document.getElementById('dull')?.style.setProperty('outline', 'none', 'important')
    })
    const audit = await auditAccessibility(page)
    expect(audit.faults.map((fault) => fault.split(':')[0])).toEqual(expect.arrayContaining(['button-name', 'color-contrast']))
    expect(audit.score).toBeLessThan(95)
    expect(await findUntranslated(page, data)).toEqual(['Hello there'])
    const walked = (await walkByKeyboard(page)).join('\n')
    expect(walked).toContain('can be clicked and not be reached')
    expect(walked).toMatch(/does not show its focus: .*无/)
    await context.close()
  })
})
