// A terminal that people like: searching, copying, settings, the bell, wide characters, drawing.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './harness/browser.ts'
import { type PageStand, startPageStand } from './harness/page-stand.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from './harness/page-terminal.ts'
import { waitUntil } from './harness/wait.ts'

let stand: PageStand
let terminal: PageTerminal
let page: Page

beforeAll(async () => {
  stand = await startPageStand()
})
afterAll(() => stand?.stop())
beforeEach(async () => {
  terminal = await stand.fresh()
  page = terminal.page
})

describe('searching', () => {
  it('counts, goes on and back, minds case, takes patterns, and gives the keys back', async () => {
    await terminal.run("clear; printf 'needle one\\nNEEDLE two\\nneedle three\\n'")
    await terminal.focus()
    await page.keyboard.press('Control+Shift+F')
    const bar = page.getByTestId('search')
    const count = page.getByTestId('search-count')
    const says = (told: string) => waitUntil(`"${told}"`, async () => (await count.innerText()) === told)
    // Twice in the line that was typed, but that was cleared.
    await page.keyboard.type('needle')
    await says('1 of 3')
    await page.keyboard.press('Enter')
    await says('2 of 3')
    await page.keyboard.press('Shift+Enter')
    await says('1 of 3')
    await page.keyboard.press('Alt+c')
    await waitUntil('case', async () => (await count.innerText()).endsWith('of 2'))
    await page.keyboard.press('Alt+c')
    await page.keyboard.press('Alt+r')
    await bar.getByRole('textbox').fill('needle t(wo|hree)')
    await waitUntil('the pattern', async () => (await count.innerText()).endsWith('of 2'))
    await bar.getByRole('textbox').fill('needle (')
    await says('Not a pattern')
    await bar.getByRole('textbox').fill('nothing-like-it')
    await says('No match')
    await page.keyboard.press('Escape')
    await bar.waitFor({ state: 'detached' })
    await page.keyboard.type('echo back-$((40+2))\n')
    await terminal.shows('back-42')
  })
})

describe('copying and pasting', () => {
  const select = async (word: string) => {
    const { x, y } = await terminal.find(word)
    await page.mouse.dblclick(x, y)
  }
  it('is Ctrl-Shift-C and Ctrl-Shift-V; Ctrl-C interrupts', async () => {
    await terminal.run("clear; printf 'copy-that\\n'")
    await select('that')
    await page.keyboard.press('Control+Shift+C')
    await waitUntil('the copy', async () => (await terminal.clipboard()) === 'copy-that')
    await terminal.fillClipboard('echo pasted-$((40+2))')
    await terminal.focus()
    await page.keyboard.press('Control+Shift+V')
    await page.keyboard.press('Enter')
    await terminal.shows('pasted-42')
    await terminal.begin('sleep 300')
    await select('pasted')
    await page.keyboard.press('Control+c')
    await terminal.shows('^C')
    await terminal.run('echo interrupted')
  })

  it('copies with Ctrl-C, or at once, for whoever chose so', async () => {
    await terminal.choose('Terminal settings')
    await page.getByLabel('Ctrl+C copies while something is selected').check({ force: true })
    await page.getByLabel('Close the settings').click()
    await terminal.run("clear; printf 'alpha beta\\n'")
    await select('beta')
    await page.keyboard.press('Control+c')
    await waitUntil('the copy', async () => (await terminal.clipboard()) === 'beta')
    // Nothing is selected any more: now it interrupts.
    await terminal.begin('sleep 300')
    await page.keyboard.press('Control+c')
    await terminal.run('echo interrupted')
    await terminal.choose('Terminal settings')
    await page.getByLabel('Copy what is selected at once').check({ force: true })
    await page.getByLabel('Close the settings').click()
    await select('alpha')
    await waitUntil('the copy', async () => (await terminal.clipboard()) === 'alpha')
  })

  it('has a menu at the right button, which a program that wants the mouse keeps', async () => {
    await terminal.run("clear; printf 'from-menu\\n'")
    await select('from')
    const { x, y } = await terminal.find('from-menu')
    await page.mouse.click(x, y, { button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy' }).click()
    await waitUntil('the copy', async () => (await terminal.clipboard()) === 'from-menu')
    await terminal.fillClipboard('echo one\necho two\n')
    await page.mouse.click(x, y, { button: 'right' })
    await page.getByRole('menuitem', { name: 'Paste' }).click()
    await page.getByRole('dialog').getByText('Paste 2 lines?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Paste' }).click()
    // The shell holds a paste between its marks until Enter.
    await terminal.shows('echo two')
    await terminal.focus()
    await page.keyboard.press('Enter')
    await terminal.shows(/^two$/m)
    await terminal.run("printf '\\033[?1000h\\033[?1006h'")
    await page.mouse.click(x, y, { button: 'right' })
    await page.waitForTimeout(300)
    expect(await page.getByRole('menuitem').count()).toBe(0)
    await page.keyboard.down('Shift')
    await page.mouse.click(x, y, { button: 'right' })
    await page.keyboard.up('Shift')
    await page.getByRole('menuitem', { name: 'Select all' }).waitFor()
  })
})

describe('the settings', () => {
  const panel = () => page.getByTestId('terminal-settings')
  const ground = (at = 0) =>
    page
      .locator('.xterm-viewport, .xterm-scrollable-element')
      .nth(at)
      .evaluate((element) => getComputedStyle(element.closest('.xterm')!.parentElement!).getPropertyValue('--terminal-ground').trim())

  it('change every open terminal at once, are kept for this person, and can be put back', async () => {
    await terminal.another()
    const columns = async () =>
      Promise.all((await terminal.tabs().evaluateAll((all) => all.map((tab) => tab.id.slice(4)))).map(async (id) => (await terminal.screen(id)).cols))
    const [usual = 0] = await columns()
    await terminal.choose('Terminal settings')
    await panel().getByRole('button', { name: 'Size +' }).click()
    await panel().getByRole('button', { name: 'Size +' }).click()
    await panel().getByText('Linen').click()
    await panel().getByText('Underline').click()
    await waitUntil('fewer columns', async () => (await terminal.screen()).cols < usual)
    expect(await ground()).toBe('#faf4e6')
    const kept = await page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('sallyport.terminal.')))
    expect(kept).toHaveLength(1)
    expect(JSON.parse(kept[0]?.[1] ?? '')).toEqual({ fontSize: 16, theme: 'linen', cursor: 'underline' })
    await terminal.tabs().first().click()
    await waitUntil('fewer columns in the other one', async () => (await terminal.screen()).cols < usual)
    await page.reload()
    await terminal.prompt()
    expect(await ground()).toBe('#faf4e6')
    await terminal.choose('Terminal settings')
    await panel().getByRole('button', { name: 'Back to the usual settings' }).click()
    await waitUntil('the usual columns', async () => (await terminal.screen()).cols === usual)
    expect(await ground()).toBe('#10151b')
    await page.keyboard.press('Escape')
    await panel().waitFor({ state: 'detached' })
  })

  it('grow and shrink by keys in a terminal', async () => {
    const usual = (await terminal.screen()).cols
    await terminal.focus()
    await page.keyboard.press('Control+=')
    await page.keyboard.press('Control+=')
    await waitUntil('fewer columns', async () => (await terminal.screen()).cols < usual)
    await page.keyboard.press('Control+0')
    await waitUntil('the usual columns', async () => (await terminal.screen()).cols === usual)
    await page.keyboard.press('Control+-')
    await waitUntil('more columns', async () => (await terminal.screen()).cols > usual)
  })

  it('fall back when what was kept is nonsense', async () => {
    await terminal.choose('Terminal settings')
    await panel().getByText('Ember').click()
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage))
        if (key.startsWith('sallyport.terminal.'))
          localStorage.setItem(
            key,
            JSON.stringify({
              theme: 'x',
              fontSize: -5,
              ownFont: '"} * { display: none } .x { font-family: "',
              font: 'own',
              scrollback: 'all',
              lineHeight: 1.4,
            }),
          )
    })
    await page.reload()
    await terminal.prompt()
    expect(await ground()).toBe('#10151b')
    expect(await page.getByRole('tab').first().isVisible()).toBe(true)
    await terminal.choose('Terminal settings')
    expect(await panel().getByRole('group', { name: 'Line height' }).locator('output').innerText()).toBe('1.40')
  })

  it('make a terminal that screen readers can read', async () => {
    await terminal.choose('Terminal settings')
    await panel()
      .getByLabel(/^Screen reader/)
      .check({ force: true })
    await page.keyboard.press('Escape')
    await terminal.focus()
    await page.keyboard.type('echo read-$((40+2))-aloud\n')
    await waitUntil('the accessible text', async () => (await page.locator('.xterm-accessibility').innerText()).includes('read-42-aloud'))
  })

  it('keep as many lines as was chosen', async () => {
    await terminal.choose('Terminal settings')
    await panel().getByRole('combobox', { name: 'Lines kept above the screen' }).click()
    await page.getByRole('option', { name: '1,000', exact: true }).click()
    await page.getByLabel('Close the settings').click()
    await terminal.run('clear; seq -f line-%g 3000')
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('line-1500')
    await waitUntil('it gone', async () => (await page.getByTestId('search-count').innerText()) === 'No match')
    await page.getByTestId('search').getByRole('textbox').fill('line-2900')
    await waitUntil('it kept', async () => (await page.getByTestId('search-count').innerText()) === '1 of 1')
  })
})

describe('the bell', () => {
  it('flashes at most once a second, and leaves a mark on a tab behind', async () => {
    await page.evaluate(() => {
      const flashes: number[] = []
      Object.assign(window, { flashes })
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes) if (node instanceof HTMLElement && node.dataset['testid'] === 'flash') flashes.push(performance.now())
      }).observe(document.body, { subtree: true, childList: true })
    })
    const flashes = () => page.evaluate(() => (window as unknown as { flashes: number[] }).flashes)
    await terminal.run("for i in {1..30}; do printf '\\a'; sleep 0.1; done")
    const at = await flashes()
    expect(at.length).toBeGreaterThan(1)
    // Thirty bells in three seconds and more; a page that draws one flash late shows the next sooner after it, not one more.
    expect(at.length - 2).toBeLessThanOrEqual(((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000)
    expect(await page.getByTestId('rang').count()).toBe(0)
    await terminal.begin("sleep 2; printf '\\a'")
    await terminal.another()
    await terminal.tabs().first().getByTestId('rang').waitFor()
    await terminal.tabs().first().click()
    await terminal.tabs().first().getByTestId('rang').waitFor({ state: 'detached' })
  })

  it('sounds, or is silent, as chosen', async () => {
    await page.evaluate(() => {
      const tones: number[] = []
      Object.assign(window, { tones })
      const { start } = OscillatorNode.prototype
      OscillatorNode.prototype.start = function (...when) {
        tones.push(performance.now())
        start.apply(this, when)
      }
    })
    const tones = () => page.evaluate(() => (window as unknown as { tones: number[] }).tones.length)
    await terminal.choose('Terminal settings')
    await page.getByTestId('terminal-settings').getByText('Sound').click()
    await terminal.run("printf '\\a\\a\\a'")
    await waitUntil('one tone', async () => (await tones()) === 1)
    await page.getByTestId('terminal-settings').getByText('Off', { exact: true }).click()
    await terminal.run("sleep 1.1; printf '\\a'")
    expect(await tones()).toBe(1)
    expect(await page.getByTestId('flash').count()).toBe(0)
  })
})

describe('what is written', () => {
  it('takes the cells that it takes on the host: wide, joined, combined', async () => {
    await terminal.run("clear; printf '中文|👩‍👩‍👧|é|🇨🇳|\\n'")
    const { lines, cells } = await terminal.screen()
    const row = lines.findIndex((line) => line.startsWith('中文|'))
    const shape = (cells[row] ?? []).filter(({ text }) => text !== '').map(({ text, width }) => [text, width])
    expect(shape.slice(0, 9)).toEqual([
      ['中', 2],
      ['文', 2],
      ['|', 1],
      ['👩‍👩‍👧', 2],
      ['|', 1],
      ['é', 1],
      ['|', 1],
      ['🇨🇳', 2],
      ['|', 1],
    ])
  })
})

describe('drawing by WebGL', () => {
  it('is lent to terminals that are seen, and survives the loss of its context', async () => {
    const drawing = await launchBrowser({ webgl: true })
    try {
      const api = await stand.product.signIn()
      const other = await signedInContext(drawing, stand.product, api)
      page = await other.newPage()
      terminal = await openPageTerminal(page, stand.product.url, 'web1')
      /** How many contexts each terminal holds, by tab. */
      const held = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('[role=tabpanel][id^=pane-]')].map(
            (one) => [...one.querySelectorAll('canvas')].filter((canvas) => canvas.getContext('webgl2')?.isContextLost() === false).length,
          ),
        )
      const holds = (wanted: number[]) => waitUntil(`contexts ${wanted.join()}`, async () => (await held()).join() === wanted.join(), { withinMs: 20_000 })
      // A processor that draws by WebGL is no help: left to itself the page does not.
      await holds([0])
      await terminal.choose('Terminal settings')
      await page.getByTestId('terminal-settings').getByText('WebGL').click()
      await holds([1])
      await terminal.another()
      await holds([0, 1])
      await terminal.tabs().first().click()
      await holds([1, 0])
      await terminal.choose('Split side by side')
      await holds([1, 1, 0])
      await page.getByRole('link', { name: 'Sessions' }).click()
      await holds([0, 0, 0])
      await page.getByRole('link', { name: 'Terminals' }).click()
      await terminal.tabs().last().click()
      await holds([0, 0, 1])
      await page.evaluate(() => {
        for (const canvas of document.querySelectorAll('canvas')) canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
      })
      await holds([0, 0, 0])
      await terminal.run('echo while-$((40+2))-lost')
      // xterm waits three seconds for the browser to give it back; then another is taken.
      await holds([0, 0, 1])
      await terminal.run('echo drawn-$((40+2))-again')
    } finally {
      await drawing.close()
    }
  })
})
