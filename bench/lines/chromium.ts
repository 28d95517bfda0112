// A person's Chromium: `cat` of 20 MB in the product's own page beside a bare xterm.js that is fed the same bytes from memory, and how soon Ctrl-C in `yes` shows the prompt.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import type { ApiClient } from '../../test/harness/api-client.ts'
import { launchBrowser } from '../../test/harness/browser.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from '../../test/harness/page-terminal.ts'
import type { Product } from '../../test/harness/product.ts'
import type { SavedHost } from '../../test/harness/saved-host.ts'
import { serveBarePage } from '../bare-page.ts'
import type {} from '../bare-page/bare-page.ts'
import { type Line, median, pairs } from '../numbers.ts'
import type { FloodFile } from './flood.ts'

const catBytes = 20_000_000
const interrupts = 10
const withinMs = 60_000
/** What a run takes of the page's main thread, in seconds of CPU. */
type Run = { ms: number; thread: number }

declare global {
  interface Window {
    benchShown?: Promise<number>
  }
}
type Shown = { page: Page; tab: string }
export type Place = { product: Product; api: ApiClient; host: SavedHost }

/** The first 20 MB of the flood, up to a line's end. */
function makeCat(flood: FloodFile): { file: string; shown: Buffer } {
  const all = readFileSync(flood.file)
  const part = all.subarray(0, all.lastIndexOf('\n', catBytes) + 1)
  const file = path.join(path.dirname(flood.file), 'cat.txt')
  writeFileSync(file, part, { mode: 0o644 })
  return { file, shown: Buffer.from(part.toString('latin1').replaceAll('\n', '\r\n'), 'latin1') }
}

/** CPU seconds that the page's main thread has worked so far. */
async function threadClock(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
}

/**
 * Presses a key and waits until the page shows what matches `pattern`: in ms of the page's own clock, from the key's event to the frame in which the rows hold the text.
 * Rows are read from the DOM once a frame, since to read the terminal cell by cell would take time from it; one that draws by WebGL has none, and is read every 100 ms.
 */
async function pressAndWait({ page, tab }: Shown, key: string, pattern: string): Promise<number> {
  // Set before the key is pressed: keys and scripts reach the page by different ways.
  await page.evaluate(
    (wish) => {
      const wanted = new RegExp(wish.pattern, 'm')
      const rows = document.querySelector(`#pane-${wish.tab} .xterm-rows`)
      const text = () =>
        rows ? [...rows.children].map((row) => row.textContent).join('\n') : (window.__sallyportTerminals?.[wish.tab]?.().lines.join('\n') ?? '')
      window.benchShown = new Promise((resolve, reject) => {
        const pressed = () => {
          const startedAt = performance.now()
          const look = () => {
            const ms = performance.now() - startedAt
            if (wanted.test(text())) resolve(ms)
            else if (ms > wish.withinMs) reject(new Error(`${wish.pattern} did not come on the screen`))
            else if (rows) requestAnimationFrame(look)
            else setTimeout(look, 100)
          }
          look()
        }
        const onKey = (event: KeyboardEvent) => {
          if (event.key === 'Control') return
          removeEventListener('keydown', onKey, { capture: true })
          pressed()
        }
        addEventListener('keydown', onKey, { capture: true })
      })
    },
    { tab, pattern, withinMs },
  )
  await page.keyboard.press(key)
  return (await page.evaluate(() => window.benchShown)) ?? Number.NaN
}

async function interrupt(terminal: PageTerminal, tab: string): Promise<number> {
  const { page } = terminal
  await terminal.begin('clear; yes')
  await page.waitForTimeout(700)
  // The DOM pads what a row does not hold.
  const ms = await pressAndWait({ page, tab }, 'Control+c', '[$#]\\s*$')
  await terminal.prompt()
  return ms
}

export async function chromium({ product, api, host }: Place, flood: FloodFile, rounds: number): Promise<Line[]> {
  const { file, shown } = makeCat(flood)
  const bare = await serveBarePage(path.join(path.dirname(flood.file), 'bare-page'), shown)
  const browser = await launchBrowser()
  try {
    const context = await signedInContext(browser, product, api)
    const page = await context.newPage()
    const terminal = await openPageTerminal(page, product.url, host.name)
    const tab = await terminal.id()
    const { cols, rows } = await terminal.screen()
    const box = await page.locator(`#pane-${tab} .xterm`).boundingBox()
    const webgl = (await page.locator(`#pane-${tab} .xterm-rows`).count()) === 0
    const barePage = await context.newPage()
    await barePage.goto(bare.url)
    await barePage.evaluate((room) => window.bareOpen(room), { cols, rows, width: box?.width ?? 0, height: box?.height ?? 0, webgl })
    if ((await barePage.evaluate(() => window.bareLoad('bytes'))) !== shown.length) throw new Error('the bare page has other bytes')
    const [thread, bareThread] = [await threadClock(page), await threadClock(barePage)]
    let number = 0
    const cat = async (): Promise<Run> => {
      number += 1
      await page.bringToFront()
      await terminal.run('clear')
      await terminal.focus()
      await page.keyboard.insertText(`cat ${file}; echo "all""-${number}-come"`)
      const before = await thread()
      const ms = await pressAndWait({ page, tab }, 'Enter', `^all-${number}-come`)
      return { ms, thread: (await thread()) - before }
    }
    const bareCat = async (): Promise<Run> => {
      await barePage.bringToFront()
      const before = await bareThread()
      const ms = await barePage.evaluate(() => window.bareCat('all-come'))
      return { ms, thread: (await bareThread()) - before }
    }
    // The first run of each, not counted, compiles the code.
    await cat()
    await bareCat()
    const { a, b } = await pairs(rounds, cat, bareCat)
    await page.bringToFront()
    const times: number[] = []
    for (let time = 0; time < interrupts; time += 1) times.push(await interrupt(terminal, tab))
    // A browser that is merely closed leaves its session for its person to come back to.
    await terminal.begin('exit')
    await page.getByTestId('ended').waitFor()
    await context.close()
    const note = 'of OpenSSH: a bare xterm.js page'
    const beside = { better: 'lower', note } as const
    const alone = { unit: 's', openssh: Number.NaN, better: 'lower', of: 'sallyport' } as const
    return [
      { name: 'Chromium: cat of 20 MB', unit: 's', sallyport: median(a.map(({ ms }) => ms)) / 1000, openssh: median(b.map(({ ms }) => ms)) / 1000, ...beside },
      {
        name: 'Chromium: cat, main thread',
        unit: 's CPU',
        sallyport: median(a.map((run) => run.thread)),
        openssh: median(b.map((run) => run.thread)),
        ...beside,
      },
      { name: 'Chromium: Ctrl-C in yes, p50', sallyport: median(times) / 1000, ...alone, hold: 0.25 },
      { name: 'Chromium: Ctrl-C in yes, slowest of 10', sallyport: Math.max(...times) / 1000, ...alone, hold: 0.25 },
    ]
  } finally {
    await browser.close()
    await bare.stop()
  }
}
