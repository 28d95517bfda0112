// A terminal that people like: tabs, two at a time, searching, copying, settings, the bell, and all of it by keyboard.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './harness/browser.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let context: BrowserContext
let page: Page
let terminal: PageTerminal

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }), startProduct(), launchBrowser()])
  const api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  context = await signedInContext(browser, product, api)
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})
beforeEach(async () => {
  // Sessions outlive their page.
  sshd.cutSessions()
  for (const open of context.pages()) await open.close({ runBeforeUnload: false })
  page = await context.newPage()
  await page.goto(`${product.url}/mark.svg`)
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith('sallyport.terminal')) localStorage.removeItem(key)
  })
  terminal = await openPageTerminal(page, product.url, 'web1')
})

const tabs = () => page.locator('[role=tab][id^=tab-]')
const names = async () => (await tabs().locator('> span:nth-child(2)').allInnerTexts()).map((name) => name.trim())
const pane = (side: 'first' | 'second'): Locator => page.locator(`[role=tabpanel][data-side=${side}]`)
const more = (item: string) => async () => {
  await page.getByRole('button', { name: 'More for this tab' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
const openSettings = more('Terminal settings')
/** A second session to the same host, in a tab of its own. */
async function another(): Promise<void> {
  const before = await tabs().count()
  await more('Open another one like it')()
  await tabs().nth(before).waitFor()
  await terminal.prompt()
}

describe('tabs', () => {
  it('are renamed by a double click, by F2, and not by Escape', async () => {
    await tabs().first().dblclick()
    await page.keyboard.type('deploys')
    await page.keyboard.press('Enter')
    await waitUntil('the name', async () => (await names())[0] === 'deploys')
    expect(await page.title()).toContain('deploys')
    await terminal.focus()
    await page.keyboard.press('Control+Shift+Home')
    await page.keyboard.press('F2')
    await page.keyboard.type('other')
    await page.keyboard.press('Escape')
    expect(await names()).toEqual(['deploys'])
    await more('Rename')()
    await page.getByLabel('Name of the tab').fill('')
    await page.keyboard.press('Enter')
    await waitUntil('the first name', async () => (await names())[0] === `${sshd.user}@web1`)
  })

  it('are moved by dragging and by keys', async () => {
    await another()
    await another()
    for (const [at, name] of ['one', 'two', 'three'].entries()) {
      await tabs().nth(at).dblclick()
      await page.getByLabel('Name of the tab').fill(name)
      await page.keyboard.press('Enter')
    }
    await waitUntil('the names', async () => (await names()).join() === 'one,two,three')
    await tabs()
      .nth(2)
      .dragTo(tabs().nth(0), { targetPosition: { x: 4, y: 10 } })
    await waitUntil('the dragged tab', async () => (await names()).join() === 'three,one,two')
    await tabs().nth(0).focus()
    await page.keyboard.press('Control+Shift+ArrowRight')
    await waitUntil('the moved tab', async () => (await names()).join() === 'one,three,two')
    expect(await page.getByTestId('spoken').innerText()).toBe('three is tab 2 of 3')
    // The focus goes along, and plain arrows only choose.
    await page.keyboard.press('ArrowRight')
    expect(await tabs().nth(2).getAttribute('aria-selected')).toBe('true')
    expect(await names()).toEqual(['one', 'three', 'two'])
  })

  it('are opened again with their name, by a key that browsers leave free', async () => {
    await another()
    await tabs().nth(1).dblclick()
    await page.keyboard.type('lost')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Close lost' }).click()
    await page.getByRole('button', { name: 'End and close' }).click()
    await waitUntil('one tab', async () => (await tabs().count()) === 1)
    await terminal.focus()
    await page.keyboard.press('Control+Shift+Z')
    await waitUntil('the tab again', async () => (await names()).join() === `${sshd.user}@web1,lost`)
    await terminal.prompt()
  })

  it('tell what goes on: state, time, recording', async () => {
    const tab = tabs().first()
    await tab.getByText('Connected').waitFor({ state: 'attached' })
    expect(await tab.innerText()).toMatch(/\d:\d\d/)
    await tab.getByTitle('Recorded').waitFor()
    await terminal.begin('exit')
    await page.getByTestId('ended').waitFor()
    await waitUntil('the spoken end', async () => (await page.getByTestId('spoken').innerText()).endsWith(': Ended'))
    expect(await tab.getByTitle('Recorded').count()).toBe(0)
  })

  it('can be left by keyboard, though Tab is the host’s', async () => {
    await terminal.focus()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('xterm')
    await page.keyboard.press('Control+Shift+Home')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tab')
  })
})

describe('two terminals at a time', () => {
  it('stand beside each other, and keys go to the one with the ring', async () => {
    const whole = (await terminal.screen()).cols
    await terminal.focus()
    await page.keyboard.press('Control+Shift+E')
    await pane('second').waitFor()
    await terminal.prompt()
    const [first, second] = [await pane('first').getAttribute('id'), await pane('second').getAttribute('id')].map((id) => (id ?? '').slice('pane-'.length))
    await terminal.run('echo in-$((20+2))')
    expect(await terminal.text(second)).toContain('in-22')
    expect(await terminal.text(first)).not.toContain('in-22')
    await waitUntil('half the columns', async () => (await terminal.screen(first)).cols < whole * 0.6)
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await waitUntil('the other pane', async () => (await terminal.id()) === first)
    expect(await pane('first').getAttribute('data-current')).toBe('true')
    await page.keyboard.type('echo of-$((20+3))\n')
    await terminal.shows('of-23', first)
    await pane('second').locator('.xterm-screen').click()
    await waitUntil('the clicked pane', async () => (await terminal.id()) === second)
    await more('Undo the split')()
    await waitUntil('one pane', async () => (await page.locator('[role=tabpanel]:visible').count()) === 1)
    await waitUntil('all columns', async () => (await terminal.screen(second)).cols === whole)
  })

  it('have a divider for the mouse and for keys', async () => {
    await page.getByRole('button', { name: 'Split side by side' }).click()
    await pane('second').waitFor()
    await terminal.prompt()
    const divider = page.getByRole('separator', { name: 'Divider of the two terminals' })
    const width = async () => (await pane('first').boundingBox())?.width ?? 0
    const before = await width()
    await divider.focus()
    for (let times = 0; times < 5; times++) await page.keyboard.press('ArrowRight')
    await waitUntil('a wider one', async () => (await width()) > before * 1.15)
    expect(await divider.getAttribute('aria-valuenow')).toBe('60')
    const box = await divider.boundingBox()
    if (!box) throw new Error('no divider')
    await page.mouse.move(box.x + 3, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x - 250, box.y + 90, { steps: 4 })
    await page.mouse.up()
    await waitUntil('a smaller one', async () => (await width()) < before)
    await divider.dblclick()
    await waitUntil('the middle', async () => Math.abs((await width()) - before) < 2)
    await more('Turn the split')()
    await waitUntil('one above the other', async () => ((await pane('first').boundingBox())?.height ?? 0) < 400)
    expect(await divider.getAttribute('aria-orientation')).toBe('horizontal')
  })
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
    await openSettings()
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
    await openSettings()
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
    await another()
    const columns = async () =>
      Promise.all((await tabs().evaluateAll((all) => all.map((tab) => tab.id.slice(4)))).map(async (id) => (await terminal.screen(id)).cols))
    const [usual = 0] = await columns()
    await openSettings()
    await panel().getByRole('button', { name: 'Size +' }).click()
    await panel().getByRole('button', { name: 'Size +' }).click()
    await panel().getByText('Linen').click()
    await panel().getByText('Underline').click()
    await waitUntil('fewer columns', async () => (await terminal.screen()).cols < usual)
    expect(await ground()).toBe('#faf4e6')
    const kept = await page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('sallyport.terminal.')))
    expect(kept).toHaveLength(1)
    expect(JSON.parse(kept[0]?.[1] ?? '')).toEqual({ fontSize: 16, theme: 'linen', cursor: 'underline' })
    await tabs().first().click()
    await waitUntil('fewer columns in the other one', async () => (await terminal.screen()).cols < usual)
    await page.reload()
    await terminal.prompt()
    expect(await ground()).toBe('#faf4e6')
    await openSettings()
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
    await openSettings()
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
    await openSettings()
    expect(await panel().getByRole('group', { name: 'Line height' }).locator('output').innerText()).toBe('1.40')
  })

  it('make a terminal that screen readers can read', async () => {
    await openSettings()
    await panel()
      .getByLabel(/^Screen reader/)
      .check({ force: true })
    await page.keyboard.press('Escape')
    await terminal.focus()
    await page.keyboard.type('echo read-$((40+2))-aloud\n')
    await waitUntil('the accessible text', async () => (await page.locator('.xterm-accessibility').innerText()).includes('read-42-aloud'))
  })

  it('keep as many lines as was chosen', async () => {
    await openSettings()
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
    for (const [index, ms] of at.entries()) if (index > 0) expect(ms - (at[index - 1] ?? 0)).toBeGreaterThan(900)
    expect(await page.getByTestId('rang').count()).toBe(0)
    await terminal.begin("sleep 2; printf '\\a'")
    await another()
    await tabs().first().getByTestId('rang').waitFor()
    await tabs().first().click()
    await tabs().first().getByTestId('rang').waitFor({ state: 'detached' })
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
    await openSettings()
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
      const api = await product.signIn()
      const other = await signedInContext(drawing, product, api)
      page = await other.newPage()
      terminal = await openPageTerminal(page, product.url, 'web1')
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
      await openSettings()
      await page.getByTestId('terminal-settings').getByText('WebGL').click()
      await holds([1])
      await another()
      await holds([0, 1])
      await tabs().first().click()
      await holds([1, 0])
      await more('Split side by side')()
      await holds([1, 1, 0])
      await page.getByRole('link', { name: 'Sessions' }).click()
      await holds([0, 0, 0])
      await page.getByRole('link', { name: 'Terminals' }).click()
      await tabs().last().click()
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
