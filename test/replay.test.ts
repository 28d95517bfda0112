// Sessions and recordings as people use them: found, narrowed, taken away as CSV, replayed by keys; and recordings that somebody has changed, which the player shows in its box and obeys in nothing.
import type { Browser, BrowserContext, Dialog, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillHistory } from '../src/control/sessions/test-history.ts'
import { openStore } from '../src/control/store/open-store.ts'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let context: BrowserContext
let page: Page
let played: string
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd(), startProduct(), launchBrowser()])
  api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const terminal = await openTerminal(product, api, host, { cols: 90, rows: 25 })
  played = (await terminal.waitForWelcome()).session
  terminal.send("PS1='$ '; clear; echo first-$((1+1))\n")
  await terminal.waitFor('first-2\r\n')
  terminal.send('sleep 1; echo second-$((1+1)); exit 3\n')
  await terminal.waitForEnded()
  // A past, as if it had been: beside the running product, in its own database.
  const store = await openStore({ sqliteFile: `${product.data}/control/sallyport.db` }, silent)
  await fillHistory(store, 600)
  await store.close()
  context = await signedInContext(browser, product, api)
  page = await context.newPage()
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

/** Others use the machine too. */
const patient = { timeout: 30_000 }
const rows = () => page.locator('tbody [data-row]')
const range = () => page.getByTestId('list-range').innerText()
const player = () => page.locator('[data-testid=player][data-status=ready]')
const clock = async () => Number(await page.getByTestId('timeline').inputValue())
/** Opens the player on another text than the shelf's. */
async function replaySuch(body: string): Promise<void> {
  await page.unroute('**/recording?format=v3')
  await page.route('**/recording?format=v3', (route) => route.fulfill({ contentType: 'application/x-asciicast', body }))
  await page.goto(`${product.url}/recordings?play=${played}`)
}
const screen = async () => (await page.getByTestId('screen').locator('.xterm-rows > div').allTextContents()).join('\n').replaceAll('\u00a0', ' ')

describe('the list of sessions', () => {
  it('is narrowed by filters that stand in the address, and says how many of how many', async () => {
    await page.goto(`${product.url}/sessions?state=ended&size=20`)
    await rows().first().waitFor()
    expect(await range()).toBe('1 to 20 of 601')
    await page.getByTestId('add-filter').click()
    await page.locator('[name=filter-person]').fill('operator7')
    await page.getByTestId('apply-filter').click()
    await page.getByTestId('filter-person').waitFor()
    await expect.poll(range, patient).toBe('1 to 2 of 2 (of 601)')
    expect(new URL(page.url()).searchParams.get('person')).toBe('operator7')
    await page.getByTestId('filter-person').getByRole('button').click()
    await expect.poll(range, patient).toBe('1 to 20 of 601')
    await page.getByRole('searchbox').first().fill('ÄRZTIN')
    await expect.poll(range, patient).toMatch(/of 12 \(of 601\)$/)
  })

  it('is sorted by its columns, shows those that are chosen, and remembers them', async () => {
    await page.goto(`${product.url}/sessions?state=ended&size=20`)
    await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click()
    await expect.poll(() => page.getByRole('columnheader', { name: 'Duration' }).getAttribute('aria-sort'), patient).toBe('ascending')
    expect(new URL(page.url()).searchParams.get('sort')).toBe('seconds')
    await page.getByTestId('list-columns').click()
    await page.getByRole('menuitemcheckbox', { name: 'Gateway' }).click()
    await page.getByRole('columnheader', { name: 'Gateway' }).waitFor()
    await page.reload()
    await page.getByRole('columnheader', { name: 'Gateway' }).waitFor()
    expect(await inspectPage(page)).toEqual([])
  })

  it('is taken away as CSV, as it is narrowed', async () => {
    await page.goto(`${product.url}/sessions?state=ended&person=operator7`)
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('list-csv').click()])
    expect(download.suggestedFilename()).toMatch(/^sallyport-sessions-\d{4}-\d\d-\d\d\.csv$/)
    const text = (await (await download.createReadStream()).toArray()).map(String).join('')
    expect(text.split('\r\n')).toHaveLength(4)
    expect(text).toContain('Started,Ended,Seconds,Operator')
  })

  it('is walked by arrows, opened by Enter, and gets its row back when the player closes', async () => {
    await page.goto(`${product.url}/recordings?q=web1`)
    await page.locator(`[data-row="${played}"]`).focus()
    await page.keyboard.press('Enter')
    await player().waitFor()
    expect(new URL(page.url()).searchParams.get('play')).toBe(played)
    expect(await inspectPage(page)).toEqual([])
    await page.keyboard.press('?')
    await page.getByTestId('keys-help').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('keys-help').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-row')), patient).toBe(played)
  })
})

describe('the player', () => {
  it('obeys its keys, finds text, and begins at the moment of a link', async () => {
    await page.goto(`${product.url}/recordings?play=${played}`)
    await player().waitFor()
    await page.keyboard.press('End')
    await expect.poll(screen, patient).toContain('second-2')
    await page.keyboard.press('Home')
    await page.keyboard.press('k')
    await expect.poll(screen, patient).not.toContain('second-2')
    await page.keyboard.press(']')
    expect(await page.getByTestId('speed').inputValue()).toBe('1.5')
    await page.keyboard.press('/')
    await page.getByTestId('text-search').fill('SECOND-2')
    await expect.poll(() => page.getByTestId('match-count').innerText(), patient).toContain('1')
    await page.keyboard.press('Enter')
    await expect.poll(screen, patient).toContain('second-2')
    await page.keyboard.press('Escape')
    await page.keyboard.press('l')
    const link = await waitUntil('a link in the clipboard', () => page.evaluate(() => navigator.clipboard.readText()))
    const at = Number(new URL(link).searchParams.get('at'))
    expect([new URL(link).pathname, at > 0]).toEqual(['/recordings', true])
    await page.goto(link)
    await player().waitFor()
    expect(await clock()).toBeGreaterThanOrEqual(at * 1000 - 200)
    await page.keyboard.press('k')
    await page.keyboard.press('End')
    await expect.poll(screen, patient).toContain('second-2')
    await page.keyboard.press('c')
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText()), patient).toContain('second-2')
  })
})

/** Recordings that somebody has changed on the shelf, and what must still hold. */
const event = (code: string, data: unknown, at: unknown = 0.1) => JSON.stringify([at, code, data])
const header = (change: object = {}) => JSON.stringify({ version: 3, term: { cols: 80, rows: 24 }, ...change })
const script = '<img src=x onerror="window.__hit=1"><script>window.__hit=1</script>'
const hostile: Record<string, string[]> = {
  'pages, links, titles, questions and absurd times': [
    header({ title: script, theme: { fg: 'url(//evil.example/x)', bg: '#000', palette: 'x' }, env: { SHELL: script }, command: script }),
    ...['{', '[', '[1,"o"', 'null', '[]', '"x"', '\u0000\u0001', '[NaN,"o","d"]', '[1e999,"o","e"]'],
    ...[event('o', 'a', 1e308), event('o', 'b', -1), event('o', 'c', 'soon'), event('m', 'x', 1e300), event('o', script), event('m', script)],
    event('o', `\u001b]0;${script}\u0007\u001b]2;HOSTILE-TITLE\u0007`),
    event(
      'o',
      '\u001b]8;;javascript:window.__hit=1\u0007click\u001b]8;;\u0007 \u001b]8;;https://evil.example/\u0007two\u001b]8;;\u0007 \u001b]52;c;SE9TVElMRQ==\u0007',
    ),
    event('o', '\u001b[c\u001b[6n\u001b]10;?\u0007\u001b[18t\u001b[21t'.repeat(100)),
  ],
  'huge sizes and floods of escapes': [
    header({ term: { cols: 2_000_000_000, rows: 2_000_000_000 } }),
    ...[event('r', '99999999x99999999'), event('o', 'still here'), event('r', '0x0'), event('r', '-5x-5'), event('r', '200x60')],
    ...Array.from({ length: 100 }, () =>
      event('o', '\u001b[999999999S\u001b[999999999T\u001b[1;999999999r\u001b]\u001bP\u001b_\u001b[?1049h\u001b[?5h'.repeat(20), 0.001),
    ),
    event('o', `${'x'.repeat(200_000)}`),
  ],
}

describe('a recording that somebody has changed', () => {
  it.each(Object.entries(hostile))('with %s is shown in its box and obeyed in nothing', async (_name, lines) => {
    const [asked, said, sent]: [string[], string[], string[]] = [[], [], []]
    const hear = {
      request(request: Request) {
        asked.push(new URL(request.url()).host)
        if (request.method() !== 'GET') sent.push(request.url())
      },
      error: (error: Error) => void said.push(String(error)),
      dialog(dialog: Dialog) {
        said.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      },
      page: () => void said.push('another page was opened'),
    }
    page.on('request', hear.request).on('pageerror', hear.error).on('dialog', hear.dialog)
    context.on('page', hear.page)
    await replaySuch(lines.join('\n'))
    await player().waitFor()
    await page.keyboard.press('End')
    await page.getByRole('tab', { name: 'Markers' }).click()
    await page.getByTestId('screen').click()
    await page.keyboard.press('Home')
    const found = await page.evaluate(() => {
      const box = (selector: string) => document.querySelector(selector)?.getBoundingClientRect()
      const [stage, dialog] = [box('[data-testid=screen]'), box('[role=dialog]')]
      return {
        hit: '__hit' in window,
        title: document.title,
        scripts: document.querySelectorAll('script:not([src])').length,
        links: [...document.querySelectorAll<HTMLAnchorElement>('[role=dialog] a[href]')].filter((link) => !link.href.startsWith(location.origin)).length,
        inside: stage !== undefined && dialog !== undefined && stage.right <= dialog.right && stage.bottom <= dialog.bottom,
        clips: getComputedStyle(document.querySelector('[data-testid=screen]') as Element).overflow,
        wide: (document.scrollingElement?.scrollWidth ?? 0) - document.documentElement.clientWidth,
      }
    })
    expect(found).toEqual({ hit: false, title: expect.not.stringContaining('HOSTILE'), scripts: 0, links: 0, inside: true, clips: 'auto', wide: 0 })
    expect({ asked: [...new Set(asked)], said, sent }).toEqual({ asked: [new URL(product.url).host], said: [], sent: [] })
    // The page is still a person's: the dialog closes.
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    context.off('page', hear.page)
    page.off('request', hear.request).off('pageerror', hear.error).off('dialog', hear.dialog)
  })

  it('that is none at all says so, and that lines were left out', async () => {
    await replaySuch('this is not a recording\nat all\n')
    await page.locator('[data-testid=player][data-status=failed]').getByRole('alert').first().waitFor()
    await replaySuch([header(), event('o', 'whole'), '[1,"o"'].join('\n'))
    await page.getByTestId('broken-lines').waitFor()
    await expect.poll(screen, patient).toContain('whole')
    await page.unroute('**/recording?format=v3')
  })
})
