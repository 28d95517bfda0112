// The whole road in a real browser: claim, add a host, trust its key, work, end, find the session, replay it, and see the same last screen.
import graphemes from '@xterm/addon-unicode-graphemes'
import headless from '@xterm/headless'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Screen } from '../src/web/terminal/screen-reading.ts'
import { launchBrowser } from './harness/browser.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, listSessions } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let page: Page
let last: Screen
let session: string
const violations: string[] = []

beforeAll(async () => {
  // A host whose locale is UTF-8, as hosts are.
  ;[sshd, product, browser] = await Promise.all([startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }), startProduct(), launchBrowser()])
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  await context.addInitScript(() => localStorage.setItem('sallyport.inspect', '1'))
  page = await context.newPage()
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) violations.push(message.text())
  })
  page.on('pageerror', (error) => violations.push(String(error)))
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})

/** The newest terminal's screen, as the page's own xterm has it. */
const screen = () =>
  page.evaluate(() => {
    const read = Object.values(window.__sallyportTerminals ?? {}).at(-1)
    return read?.()
  })
const type = (text: string) => page.keyboard.type(text, { delay: 2 })
const waitForText = (wanted: string | RegExp) =>
  waitUntil(
    `${wanted} on the screen`,
    async () => {
      const text = (await screen())?.lines.join('\n') ?? ''
      return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
    },
    { withinMs: 15_000 },
  )

describe('the whole road', () => {
  it('claims with the printed link', async () => {
    await page.goto(product.claimLink ?? '')
    await page.getByLabel('Your name').fill('ada')
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple')
    await page.getByLabel('Password again').fill('correct horse battery staple')
    await page.getByRole('button', { name: 'Become administrator' }).click()
    await page.getByRole('button', { name: 'Add a host' }).waitFor()
  })

  it('adds a host: check shows its key, which is trusted there', async () => {
    await page.getByRole('button', { name: 'Add a host' }).click()
    const form = page.getByRole('dialog')
    await form.getByRole('textbox', { name: 'Name' }).fill('web1')
    await form.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
    await form.getByRole('textbox', { name: 'Port' }).fill(String(sshd.port))
    await form.getByRole('textbox', { name: 'Account' }).fill(sshd.user)
    await form.getByText('Private key', { exact: true }).first().click()
    await form.getByRole('textbox', { name: 'Private key' }).fill(sshd.userKeys.ed25519.privateKey)
    await page.getByTestId('host-check').click()
    await page.getByTestId('trust-key').waitFor()
    const shown = await page.getByTestId('fingerprint').allInnerTexts()
    const real = Object.values(sshd.hostKeys).map((pair) => pair.fingerprint)
    expect(shown.length).toBeGreaterThan(0)
    for (const fingerprint of shown) expect(real.some((one) => fingerprint.includes(one))).toBe(true)
    await page.getByTestId('trust-key').click()
    for (const step of ['reach', 'key', 'sign-in']) await page.locator(`[data-testid="check-${step}"][data-state="ok"]`).waitFor()
    await page.getByTestId('host-save').click()
    await page.getByRole('cell', { name: 'web1' }).first().waitFor()
  })

  it('opens a terminal with one click, shows wide characters and follows the size', async () => {
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click()
    await waitForText(/[$#] $/m)
    await type("PS1='$ '; clear\n")
    await type('echo 中文字 🚪 done-$((40+2))\n')
    await waitForText('中文字 🚪 done-42')
    const before = await screen()
    await type('stty size\n')
    await waitForText(`${before?.rows} ${before?.cols}`)
    await page.setViewportSize({ width: 1100, height: 700 })
    await waitUntil('the terminal to fit', async () => (await screen())?.cols !== before?.cols)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const after = await screen()
    await type('clear; stty size\n')
    await waitForText(`${after?.rows} ${after?.cols}`)
  })

  it('runs vim through a resize', async () => {
    await type('vi -u NONE\n')
    await waitForText(/^~/m)
    await type('ihello from vim 中文')
    await page.keyboard.press('Escape')
    await waitForText('hello from vim 中文')
    await page.setViewportSize({ width: 1300, height: 800 })
    await waitUntil('the terminal to fit', async () => ((await screen())?.cols ?? 0) > 110)
    await waitForText('hello from vim 中文')
    await type(':q!\n')
    await waitForText(/\$ $/m)
  })

  it('ends with the exit status, in words, and the screen stays', async () => {
    await type("clear; printf '\\033[1;31mred bold\\033[0m \\033[44mon blue\\033[0m \\033[7minverse\\033[0m 中文 🚪 \\033[38;2;1;200;3mtrue\\033[0m\\n'\n")
    await waitForText('red bold on blue inverse')
    await type('exit 3\n')
    await page.getByTestId('ended').waitFor()
    expect(await page.getByTestId('ended').getAttribute('data-reason')).toBe('exited')
    expect(await page.getByTestId('ended').innerText()).toContain('3')
    // A true colour is drawn as one, whatever draws: the page's policy shuts style attributes out.
    const drawn = await page.locator('.xterm-rows span', { hasText: 'true' }).evaluateAll((spans) => spans.map((span) => getComputedStyle(span).color))
    if (drawn.length > 0) expect(drawn).toContain('rgb(1, 200, 3)')
    last = (await screen()) as Screen
    expect(last.lines.join('\n')).toContain('red bold on blue inverse 中文 🚪 true')
  })

  it('stands in the list of sessions with how it ended', async () => {
    await page.getByRole('link', { name: 'Sessions' }).first().click()
    await page.getByRole('tab', { name: 'Ended' }).click()
    const row = page.getByRole('row').filter({ hasText: 'web1' }).first()
    await row.waitFor()
    expect(await row.innerText()).toContain(sshd.user)
    const api = await product.signIn('ada', 'correct horse battery staple')
    const found = await waitUntil('the recording to be sealed', async () => (await listSessions(api)).items.find((item) => item.recording?.state === 'intact'))
    expect(found).toMatchObject({ asset: 'web1', exitStatus: 3, endReason: 'exited' })
    session = found.id
  })

  it('replays to the end in the page, over the list, and shows the same last screen', async () => {
    await page.getByRole('link', { name: 'Recordings' }).first().click()
    await page.getByRole('button', { name: 'Replay web1' }).first().click()
    const player = page.locator('[data-testid=player][data-status=ready]')
    await player.waitFor()
    await page.getByTestId('speed').selectOption('8')
    // Blanks at the end do not count.
    const wanted = last.lines.map((line) => line.trimEnd()).filter((line) => line !== '')
    await waitUntil(
      'the last screen in the player',
      async () => {
        const shown = (await player.locator('.xterm-rows > div').allTextContents()).map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
        return wanted.every((line) => shown.some((one) => one.replaceAll(' ', '') === line.replaceAll(' ', '')))
      },
      { withinMs: 60_000, everyMs: 200 },
    )
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('button', { name: 'Replay web1' }).first().waitFor()
  })

  it('replayed from the file, the last screen equals the live one in text and attributes', async () => {
    const api = await product.signIn('ada', 'correct horse battery staple')
    const lines = (await download(api, session, 'v3')).trimEnd().split('\n')
    const header = JSON.parse(lines[0] ?? '') as { term: { cols: number; rows: number } }
    const terminal = new headless.Terminal({ cols: header.term.cols, rows: header.term.rows, allowProposedApi: true, scrollback: 5000 })
    // The same width table as the page's terminal.
    terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as headless.ITerminalAddon)
    let exit = ''
    for (const line of lines.slice(1)) {
      const [, code, data] = JSON.parse(line) as [number, string, string]
      if (code === 'o') await new Promise<void>((resolve) => terminal.write(data, resolve))
      else if (code === 'r') terminal.resize(Number(data.split('x')[0]), Number(data.split('x')[1]))
      else if (code === 'x') exit = data
    }
    expect(exit).toBe('3')
    const { readScreen } = await import('../src/web/terminal/screen-reading.ts')
    const replayed = readScreen(terminal as unknown as Parameters<typeof readScreen>[0])
    expect(replayed.lines).toEqual(last.lines)
    expect(replayed.cells).toEqual(last.cells)
    const flags = new Set(last.cells.flat().map((cell) => `${cell.flags}/${cell.fg}/${cell.bg}`))
    // The comparison compared something: bold red, blue ground, inverse and a true colour were there.
    expect(flags.size).toBeGreaterThanOrEqual(5)
  })

  it('broke no rule of the content security policy and threw no error', () => {
    expect(violations).toEqual([])
  })
})
