// A terminal in a real page: opened by clicking, typed into by keys, read cell by cell.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { Screen } from '../../src/web/terminal/screen-reading.ts'
import type { ApiClient } from './api-client.ts'
import type { Product } from './product.ts'
import { waitUntil } from './wait.ts'

export async function signedInContext(browser: Browser, product: Product, api: ApiClient): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] })
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  await context.addCookies(
    api.cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })),
  )
  return context
}

/** Opens the host of this name from its row. Resolves at the prompt. */
export async function openPageTerminal(page: Page, url: string, host: string): Promise<PageTerminal> {
  await page.goto(`${url}/hosts?q=${encodeURIComponent(host)}`)
  const tabs = await page.locator('[role=tab][id^=tab-]').count()
  await page.getByRole('button', { name: 'Connect', exact: true }).first().click()
  await page.locator('[role=tab][id^=tab-]').nth(tabs).waitFor()
  const terminal = new PageTerminal(page)
  await terminal.prompt()
  return terminal
}

export class PageTerminal {
  readonly page: Page
  #ran = 0
  constructor(page: Page) {
    this.page = page
  }

  /** The tab that keys go to. */
  id(): Promise<string> {
    return this.page.evaluate(() => document.querySelector('[role=tab][aria-selected=true]')?.id.slice('tab-'.length) ?? '')
  }
  async screen(id?: string): Promise<Screen> {
    const read = await this.page.evaluate((tab) => window.__sallyportTerminals?.[tab]?.(), id ?? (await this.id()))
    return read ?? { cols: 0, rows: 0, cursor: { x: 0, y: 0 }, lines: [], cells: [] }
  }
  /** Without the cells, which take the longest to bring here. */
  async #shown(id?: string): Promise<Omit<Screen, 'cells'>> {
    const read = await this.page.evaluate(
      (tab) => {
        const screen = window.__sallyportTerminals?.[tab]?.()
        return screen && { cols: screen.cols, rows: screen.rows, cursor: screen.cursor, lines: screen.lines }
      },
      id ?? (await this.id()),
    )
    return read ?? { cols: 0, rows: 0, cursor: { x: 0, y: 0 }, lines: [] }
  }
  async text(id?: string): Promise<string> {
    return (await this.#shown(id)).lines.join('\n')
  }
  async shows(text: string | RegExp, id?: string): Promise<void> {
    await waitUntil(`${text} on the screen`, async () => (typeof text === 'string' ? (await this.text(id)).includes(text) : text.test(await this.text(id))), {
      withinMs: 30_000,
    })
  }
  prompt(): Promise<void> {
    return this.shows(/[$#] $/m)
  }
  focus(id?: string): Promise<void> {
    return this.page.locator(id === undefined ? '[role=tabpanel][data-current] textarea' : `#pane-${id} textarea`).focus()
  }
  /** Types a command and Enter. */
  async begin(command: string): Promise<void> {
    await this.focus()
    await this.page.keyboard.insertText(command)
    await this.page.keyboard.press('Enter')
  }
  /** Types a command and waits until it has ended. */
  async run(command: string): Promise<void> {
    this.#ran++
    // The mark is put together by the shell, so that the typed line does not hold it.
    await this.begin(`${command}; echo "ran""-${this.#ran}-"`)
    await this.shows(`ran-${this.#ran}-`)
  }
  /** The tabs of the strip, in order. */
  tabs(): Locator {
    return this.page.locator('[role=tab][id^=tab-]')
  }
  /** Chooses from the menu at the end of the strip. */
  async choose(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More for this tab' }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }
  /** A second session to the same host, in a tab of its own. */
  async another(): Promise<void> {
    const before = await this.tabs().count()
    await this.choose('Open another one like it')
    await this.tabs().nth(before).waitFor()
    await this.prompt()
  }
  /** Middle of a cell, in the page's pixels. */
  async at(column: number, row: number, id?: string): Promise<{ x: number; y: number }> {
    const tab = id ?? (await this.id())
    const box = await this.page.locator(`#pane-${tab} .xterm-screen`).boundingBox()
    const { cols, rows } = await this.#shown(tab)
    if (!box) throw new Error('the terminal is not seen')
    return { x: box.x + ((column + 0.5) * box.width) / cols, y: box.y + ((row + 0.5) * box.height) / rows }
  }
  /** The middle of the first of these letters on the screen. */
  async find(text: string): Promise<{ x: number; y: number }> {
    const { lines } = await this.#shown()
    const row = lines.findLastIndex((line) => line.includes(text))
    if (row === -1) throw new Error(`${text} is not on the screen`)
    return this.at((lines[row] ?? '').indexOf(text), row)
  }
  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText())
  }
  async fillClipboard(text: string): Promise<void> {
    await this.page.evaluate((filled) => navigator.clipboard.writeText(filled), text)
  }
  /** What a browser does with a paste, whichever key or menu it came from. */
  async paste(text: string): Promise<void> {
    await this.focus()
    await this.page.evaluate((pasted) => {
      const data = new DataTransfer()
      data.setData('text/plain', pasted)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }, text)
  }
}
