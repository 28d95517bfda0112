// A terminal in the page outlives its connection, a reload and its device. The network between is a real one that is cut.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { CuttingProxy } from './harness/cutting-proxy.ts'
import { inspectPage } from './harness/page-faults.ts'
import { PageTerminal, openPageTerminal } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, listSessions, saveHost, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let proxy: CuttingProxy
let api: ApiClient

beforeAll(async () => {
  proxy = await CuttingProxy.start(() => product.port)
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct({ flags: ['--public-url', proxy.url] }), launchBrowser()])
  api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
})
afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await product?.stop()
  await sshd?.stop()
})

const contexts: BrowserContext[] = []
/** A browser of its own, on the far side of the proxy. */
async function device(locale = 'en-GB', width = 1280): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, locale })
  contexts.push(context)
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  const { cookie } = await product.signIn()
  await context.addCookies(cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: proxy.url })))
  return context
}
async function connected(locale?: string): Promise<{ context: BrowserContext; page: Page; terminal: PageTerminal }> {
  const context = await device(locale)
  const page = await context.newPage()
  const terminal = await openPageTerminal(page, proxy.url, 'web1')
  return { context, page, terminal }
}
const live = async () => (await listSessions(api, '?state=live')).items
afterEach(async () => {
  proxy.refuses = false
  proxy.terminalsLastMs = undefined
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  for (const { id } of await live()) await api.call('POST', `/sessions/${id}/terminate`, { reason: 'the test is over' })
  await waitUntil('earlier sessions to end', async () => (await live()).length === 0)
})
const state = (page: Page) => page.locator('[role=tabpanel]:not([hidden])').getAttribute('data-state')
const until = (page: Page, wanted: string) => waitUntil(`the state ${wanted}`, async () => (await state(page)) === wanted, { withinMs: 30_000 })

describe('a terminal whose network is cut', () => {
  it('comes back by itself with what the host said meanwhile, and what was typed meanwhile reaches the host once', async () => {
    const { page, terminal } = await connected()
    await terminal.run('stty -echo; PS1=; count() { n=$((n+1)); echo "count-$n-"; }')
    await page.keyboard.insertText('sleep 1; echo meanwhile-$((40+2))')
    await page.keyboard.press('Enter')
    proxy.refuses = true
    proxy.cut()
    await page.getByTestId('reconnecting').waitFor()
    for (let n = 0; n < 3; n++) {
      await page.keyboard.insertText('count')
      await page.keyboard.press('Enter')
    }
    proxy.refuses = false
    await until(page, 'open')
    await terminal.shows('count-3-')
    const text = await terminal.text()
    expect(text).toContain('meanwhile-42')
    expect(text).not.toContain('count-4-')
    expect(await page.getByTestId('reconnecting').count()).toBe(0)
  })

  it('says so with a countdown while it lasts, stays readable, and tries at once when asked', async () => {
    const { page, terminal } = await connected()
    await terminal.run('echo readable-$((1+1))')
    proxy.refuses = true
    proxy.cut()
    const bar = page.getByTestId('reconnecting')
    await bar.waitFor()
    expect(await terminal.text()).toContain('readable-2')
    await waitUntil('a longer wait', async () => Number(await bar.getAttribute('data-attempt')) >= 5, { withinMs: 20_000 })
    const said = await bar.innerText()
    expect(said).toContain('The connection to Sallyport is lost.')
    expect(said).toMatch(/kept until \d\d:\d\d/)
    proxy.refuses = false
    await waitUntil('it to be tried', async () => {
      if (await bar.isVisible())
        await bar
          .getByRole('button', { name: 'Try now' })
          .click({ timeout: 1000 })
          .catch(() => undefined)
      return (await state(page)) === 'open'
    })
    await terminal.run('echo alive')
  })

  it('says it in Chinese to who reads Chinese', async () => {
    const context = await device('zh-CN')
    const page = await context.newPage()
    await page.goto(`${proxy.url}/hosts`)
    await page.getByRole('button', { name: '连接', exact: true }).first().click()
    const terminal = new PageTerminal(page)
    await terminal.prompt()
    proxy.refuses = true
    proxy.cut()
    const bar = page.getByTestId('reconnecting')
    await waitUntil('a wait', async () => /\d 秒后重试/.test(await bar.innerText().catch(() => '')), { withinMs: 20_000, everyMs: 20 })
    expect(await bar.innerText()).toContain('与 Sallyport 的连接已断开。')
    expect(await bar.innerText()).toContain('会话仍在继续')
    expect(await inspectPage(page)).toEqual([])
    proxy.refuses = false
    await until(page, 'open')
  })

  it('survives many cuts in the middle of a flood without a wrong line', async () => {
    const { page, terminal } = await connected()
    await terminal.focus()
    await page.keyboard.insertText('for i in $(seq 1 4000); do echo "line $i of the flood"; [ $((i % 100)) = 0 ] && sleep 0.05; done; echo flood-$((40+2))')
    await page.keyboard.press('Enter')
    for (let n = 0; n < 6; n++) {
      await terminal.shows(/line \d+ of/)
      proxy.cut('terminals')
      await new Promise((resolve) => setTimeout(resolve, 200 + 60 * n))
    }
    await terminal.shows('flood-42')
    const shown = (await terminal.text()).split('\n').filter((line) => line.startsWith('line '))
    const numbers = shown.map((line) => Number(/^line (\d+) of the flood$/.exec(line)?.[1]))
    expect(numbers).toEqual(numbers.map((_, at) => 4000 - numbers.length + 1 + at))
  })

  it('is given up and dialled again when nothing is heard, and when the browser says that it is online', async () => {
    const { page, terminal } = await connected()
    proxy.stall()
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await waitUntil('a second connection', () => proxy.terminals > 1, { withinMs: 15_000 })
    await until(page, 'open')
    await terminal.run('echo through-$((1+1))')
  })
})

describe('a page that is loaded again', () => {
  it('brings back every terminal, exact to the cell, without being asked', async () => {
    const { page, terminal } = await connected()
    await terminal.run("printf '\\033[41mred\\033[0m 漢字 \\033]0;a title\\007'; n=7")
    const first = await terminal.id()
    await openPageTerminal(page, proxy.url, 'web1')
    const asked: string[] = []
    page.on('dialog', (dialog) => void (asked.push(dialog.type()), dialog.accept()))
    const before = await terminal.screen(first)
    // It was behind the other when the page was loaded: its host must not have been told another size for that.
    expect(before.cols).toBeGreaterThan(100)
    expect(await live()).toHaveLength(2)
    await page.reload()
    await page.locator('[role=tab][id^=tab-]').nth(1).waitFor()
    await page.locator(`#tab-${first}`).click()
    await terminal.shows('red 漢字', first)
    const after = await terminal.screen(first)
    expect(after.cells.slice(0, 5)).toEqual(before.cells.slice(0, 5))
    await terminal.run('echo n-is-$n')
    await terminal.shows('n-is-7')
    expect(asked).toEqual([])
    expect(await live()).toHaveLength(2)
  })

  it('does not answer questions of the host a second time', async () => {
    const { page, terminal } = await connected()
    // What is answered is typed, and would stand at the prompt.
    await terminal.run("stty -echo; printf '\\033[6n\\033[c\\033[>c'; IFS= read -rs -t 1 -n 60 first; stty echo")
    const [session] = await live()
    const bytesIn = async () => (await findSession(api, session?.id ?? '')) as unknown as { bytesIn: number }
    await page.reload()
    await until(page, 'open')
    await terminal.shows('ran-1-')
    await terminal.run('echo still-$((1+1))')
    expect(await terminal.text()).not.toMatch(/\[\d+;\d+R|\[\?\d+[;\d]*c|\[>\d/)
    // Told with a beat, every five seconds.
    await waitUntil('what was typed to be counted', async () => (await bytesIn()).bytesIn > 0)
  })

  it('redraws what it cannot repeat, and says how much passed', async () => {
    const { page, terminal } = await connected()
    await terminal.run('head -c 3000000 /dev/zero | tr "\\0" x | fold -w 70; clear; echo small-$((1+1))')
    await page.reload()
    await until(page, 'open')
    await terminal.shows('small-2')
    await waitUntil('the note', async () => /MB passed while you were away/.test(await page.getByTestId('bar-state').first().innerText()))
    await terminal.run('echo goes-on')
  })
})

describe('another device', () => {
  it('takes a running session over, and the first says so and can take it back', async () => {
    const { page, terminal } = await connected()
    await terminal.run('mark=from-the-first')
    const other = await (await device()).newPage()
    await other.goto(`${proxy.url}/terminals`)
    await other.getByText('Your running sessions').waitFor()
    await other.getByRole('button', { name: 'Take over' }).click()
    const second = new PageTerminal(other)
    await second.shows('from-the-first')
    await second.run('echo here-$mark')
    await second.shows('here-from-the-first')
    const card = page.getByTestId('ended')
    await card.waitFor()
    expect(await card.innerText()).toContain('Open elsewhere')
    expect(await live()).toHaveLength(1)
    await card.getByRole('button', { name: 'Take it back' }).click()
    await until(page, 'open')
    await terminal.shows('here-from-the-first')
    await waitUntil('the second to say so', async () => (await other.getByTestId('ended').count()) === 1)
    await terminal.run('echo back-here')
  })

  it('finds the session of a browser that was killed', async () => {
    const { context, terminal } = await connected()
    await terminal.run('cd /tmp; mark=survivor')
    const [before] = await live()
    // Nothing says goodbye: the line goes first.
    proxy.refuses = true
    proxy.cut()
    await context.close()
    proxy.refuses = false
    const page = await (await device()).newPage()
    await page.goto(`${proxy.url}/sessions`)
    await page.getByRole('button', { name: 'Take over' }).click()
    const found = new PageTerminal(page)
    await found.shows('survivor')
    await found.run('echo $mark-$((1+1))')
    await found.shows('survivor-2')
    expect((await live()).map(({ id }) => id)).toEqual([before?.id])
  })
})

describe('a browser tab that was duplicated', () => {
  it('goes on in the newest, and the older offers to take it back', async () => {
    const { context, page, terminal } = await connected()
    await terminal.run('echo original')
    const kept = await page.evaluate(() => sessionStorage.getItem('sallyport.terminals') ?? '')
    const copy = await context.newPage()
    await copy.addInitScript((text) => sessionStorage.getItem('sallyport.terminals') ?? sessionStorage.setItem('sallyport.terminals', text), kept)
    await copy.goto(`${proxy.url}/terminals`)
    await new PageTerminal(copy).shows('original')
    await page.getByTestId('ended').waitFor()
    // A reload of the older does not fight for it.
    await page.reload()
    expect(await page.getByTestId('ended').innerText()).toContain('Take it back')
    expect(await state(copy)).toBe('open')
  })
})

describe('a hidden page', () => {
  it('lets the program go on, and shows the screen as it is when it is seen again', async () => {
    const { page, terminal } = await connected()
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await terminal.focus()
    await page.keyboard.insertText(
      'sleep 0.5; head -c 2500000 /dev/zero | tr "\\0" y | fold -w 70; clear; echo unseen-$((40+2)); touch /tmp/unseen-$$; rm /tmp/unseen-$$',
    )
    await page.keyboard.press('Enter')
    await hide(true)
    const [session] = await live()
    await waitUntil(
      'the output to pass',
      async () =>
        await download(api, session?.id ?? '', 'v3').then(
          (v3) => shownBytes(v3).includes('unseen-42'),
          () => false,
        ),
      { withinMs: 30_000 },
    )
    await hide(false)
    await terminal.shows('unseen-42')
    await terminal.run('echo seen-again')
  })
})
