// A person's Chromium: `cat` of 20 MB in the product's own page beside a bare xterm.js that is fed the same bytes from memory, and how soon Ctrl-C in `yes` shows the prompt.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ApiClient } from '../../test/harness/api-client.ts'
import { openPageTerminal } from '../../test/harness/page-terminal.ts'
import type { Product } from '../../test/harness/product.ts'
import type { SavedHost } from '../../test/harness/saved-host.ts'
import { waitUntil } from '../../test/harness/wait.ts'
import { serveBarePage } from '../bare-page.ts'
import type {} from '../bare-page/bare-page.ts'
import { type BenchPage, startOwnChromium } from '../devtools.ts'
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
type Shown = { page: BenchPage; tab: string }
export type Place = { product: Product; api: ApiClient; host: SavedHost }

/** The first 20 MB of the flood, up to a line's end. */
function makeCat(flood: FloodFile): { file: string; shown: Buffer } {
  const all = readFileSync(flood.file)
  const part = all.subarray(0, all.lastIndexOf('\n', catBytes) + 1)
  const file = path.join(path.dirname(flood.file), 'cat.txt')
  writeFileSync(file, part, { mode: 0o644 })
  return { file, shown: Buffer.from(part.toString('latin1').replaceAll('\n', '\r\n'), 'latin1') }
}

/**
 * Presses a key and waits until the page shows what matches `pattern`: in ms of the page's own clock, from the key's event until xterm has put the text into the rows.
 * Looked for when rows change and at no other time: to look at every frame has the browser make frames in which nothing is new.
 */
async function pressAndWait({ page, tab }: Shown, key: 'Enter' | 'Control+c', pattern: string): Promise<number> {
  // Set before the key is pressed: keys and scripts reach the page by different ways.
  await page.evaluate(
    (wish) => {
      const wanted = new RegExp(wish.pattern, 'm')
      const rows = document.querySelector(`#pane-${wish.tab} .xterm-rows`)
      if (!rows) throw new Error('this terminal draws by WebGL: it has no rows to read')
      window.benchShown = new Promise((resolve, reject) => {
        const pressed = () => {
          const startedAt = performance.now()
          const late = setTimeout(() => reject(new Error(`${wish.pattern} did not come on the screen`)), wish.withinMs)
          const observer = new MutationObserver(() => {
            if (!wanted.test([...rows.children].map((row) => row.textContent).join('\n'))) return
            clearTimeout(late)
            observer.disconnect()
            resolve(performance.now() - startedAt)
          })
          observer.observe(rows, { childList: true, subtree: true })
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
  await page.press(key)
  return page.evaluate(() => window.benchShown ?? Number.NaN, undefined)
}

/** Waits for the prompt behind `command`, which is typed first. */
async function run({ page, tab }: Shown, command: string): Promise<void> {
  await page.evaluate((id) => document.querySelector<HTMLElement>(`#pane-${id} textarea`)?.focus(), tab)
  await page.type(command)
  await page.press('Enter')
}
async function prompt({ page, tab }: Shown): Promise<void> {
  const atPrompt = () =>
    page.evaluate((id) => /^\S*[$#] $/.test((window.__sallyportTerminals?.[id]?.().lines ?? []).findLast((line) => line !== '') ?? ''), tab)
  await waitUntil('the prompt', atPrompt, { withinMs })
}

async function interrupt(shown: Shown): Promise<number> {
  await run(shown, 'clear; yes')
  await new Promise((resolve) => setTimeout(resolve, 700))
  // The DOM pads what a row does not hold.
  const ms = await pressAndWait(shown, 'Control+c', '[$#]\\s*$')
  await prompt(shown)
  return ms
}

export async function chromium({ product, api, host }: Place, flood: FloodFile, rounds: number): Promise<Line[]> {
  const { file, shown } = makeCat(flood)
  const bare = await serveBarePage(path.join(path.dirname(flood.file), 'bare-page'), shown)
  const own = await startOwnChromium()
  try {
    const [context] = own.browser.contexts()
    if (!context) throw new Error('Chromium has no context of its own')
    await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
    await context.addCookies(
      api.cookie.split('; ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })),
    )
    const opened = await context.newPage()
    const terminal = await openPageTerminal(opened, product.url, host.name)
    const tab = await terminal.id()
    const openedBare = await context.newPage()
    await openedBare.goto(bare.url)
    await own.leave()
    const [page, barePage] = [await own.page(product.url), await own.page(bare.url)]
    const room = await page.evaluate((id) => {
      const { width, height } = document.querySelector(`#pane-${id} .xterm`)?.getBoundingClientRect() ?? { width: 0, height: 0 }
      const { cols, rows } = window.__sallyportTerminals?.[id]?.() ?? { cols: 0, rows: 0 }
      return { cols, rows, width, height, webgl: false }
    }, tab)
    await barePage.evaluate((same) => window.bareOpen(same), room)
    if ((await barePage.evaluate(() => window.bareLoad('bytes'), undefined)) !== shown.length) throw new Error('the bare page has other bytes')
    const seen = { page, tab }
    let number = 0
    const cat = async (): Promise<Run> => {
      number += 1
      await page.bringToFront()
      await run(seen, 'clear')
      await prompt(seen)
      await page.type(`cat ${file}; echo "all""-${number}-come"`)
      const before = await page.threadSeconds()
      const ms = await pressAndWait(seen, 'Enter', `^all-${number}-come`)
      return { ms, thread: (await page.threadSeconds()) - before }
    }
    const bareCat = async (): Promise<Run> => {
      await barePage.bringToFront()
      const before = await barePage.threadSeconds()
      const ms = await barePage.evaluate(() => window.bareCat('all-come'), undefined)
      return { ms, thread: (await barePage.threadSeconds()) - before }
    }
    // The first run of each, not counted, compiles the code.
    await cat()
    await bareCat()
    const { a, b } = await pairs(rounds, cat, bareCat)
    await page.bringToFront()
    const times: number[] = []
    for (let time = 0; time < interrupts; time += 1) times.push(await interrupt(seen))
    // A browser that is merely closed leaves its session for its person to come back to.
    await run(seen, 'exit')
    const isOver = () => page.evaluate(() => document.querySelector('[data-testid=ended]') !== null, undefined)
    await waitUntil('the session to end', isOver, { withinMs })
    page.close()
    barePage.close()
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
    await own.stop()
    await bare.stop()
  }
}
