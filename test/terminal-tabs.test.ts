// Tabs as people handle them, and two terminals at a time, by mouse and by keyboard.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PageStand, startPageStand } from './harness/page-stand.ts'
import { type PageTerminal } from './harness/page-terminal.ts'
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

const names = async () => (await terminal.tabs().locator('> span:nth-child(2)').allInnerTexts()).map((name) => name.trim())
const pane = (side: 'first' | 'second'): Locator => page.locator(`[role=tabpanel][data-side=${side}]`)

describe('tabs', () => {
  it('are renamed by a double click, by F2, and not by Escape', async () => {
    await terminal.tabs().first().dblclick()
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
    await terminal.choose('Rename')
    await page.getByLabel('Name of the tab').fill('')
    await page.keyboard.press('Enter')
    await waitUntil('the first name', async () => (await names())[0] === `${stand.sshd.user}@web1`)
  })

  it('are moved by dragging and by keys', async () => {
    await terminal.another()
    await terminal.another()
    for (const [at, name] of ['one', 'two', 'three'].entries()) {
      await terminal.tabs().nth(at).dblclick()
      await page.getByLabel('Name of the tab').fill(name)
      await page.keyboard.press('Enter')
    }
    await waitUntil('the names', async () => (await names()).join() === 'one,two,three')
    await terminal
      .tabs()
      .nth(2)
      .dragTo(terminal.tabs().nth(0), { targetPosition: { x: 4, y: 10 } })
    await waitUntil('the dragged tab', async () => (await names()).join() === 'three,one,two')
    await terminal.tabs().nth(0).focus()
    await page.keyboard.press('Control+Shift+ArrowRight')
    await waitUntil('the moved tab', async () => (await names()).join() === 'one,three,two')
    expect(await page.getByTestId('spoken').innerText()).toBe('three is tab 2 of 3')
    // The focus goes along, and plain arrows only choose.
    await page.keyboard.press('ArrowRight')
    expect(await terminal.tabs().nth(2).getAttribute('aria-selected')).toBe('true')
    expect(await names()).toEqual(['one', 'three', 'two'])
  })

  it('are opened again with their name, by a key that browsers leave free', async () => {
    await terminal.another()
    await terminal.tabs().nth(1).dblclick()
    await page.keyboard.type('lost')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Close lost' }).click()
    await page.getByRole('button', { name: 'End and close' }).click()
    await waitUntil('one tab', async () => (await terminal.tabs().count()) === 1)
    await terminal.focus()
    await page.keyboard.press('Control+Shift+Z')
    await waitUntil('the tab again', async () => (await names()).join() === `${stand.sshd.user}@web1,lost`)
    await terminal.prompt()
  })

  it('tell what goes on: state, time, recording', async () => {
    const tab = terminal.tabs().first()
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
    await terminal.choose('Undo the split')
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
    await terminal.choose('Turn the split')
    await waitUntil('one above the other', async () => ((await pane('first').boundingBox())?.height ?? 0) < 400)
    expect(await divider.getAttribute('aria-orientation')).toBe('horizontal')
  })
})
