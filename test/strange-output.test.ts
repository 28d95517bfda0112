// Output that is no text, or that looks like the beginning of something else: kept byte for byte, shown as well as can be, answered by nobody (TERM-09, TERM-10).
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost, type SavedHost, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  ;[sshd, product, browser] = await Promise.all([startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }), startProduct(), launchBrowser()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  context = await signedInContext(browser, product, api)
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
})
beforeEach(async () => {
  for (const open of context.pages()) await open.close({ runBeforeUnload: false })
  page = await context.newPage()
})

const octal = (bytes: readonly number[]) => bytes.map((byte) => `\\0${byte.toString(8)}`).join('')
const strange: [name: string, bytes: number[]][] = [
  ['a byte that no text has', [0xff]],
  ['a continuation of nothing', [0x80, 0xbf]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong nothing', [0xe0, 0x80, 0x80]],
  ['a lone surrogate', [0xed, 0xa0, 0x80]],
  ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ['a character that is cut off', [0xe4, 0xb8]],
]

describe('bytes that are not UTF-8', () => {
  it('are in the recording as they came, also where a character comes in pieces', async () => {
    const terminal = await openTerminal(product, api, host)
    const { session } = await terminal.waitForWelcome()
    terminal.send("PS1=''; stty -echo; bind 'set enable-bracketed-paste off'; echo ready-$((1+1))\n")
    await terminal.waitFor('ready-2')
    for (const [, bytes] of strange) terminal.send(`printf '[%b]\\n' '${octal(bytes)}'\n`)
    // U+6587 and U+1F6AA, each byte by itself, with time between.
    terminal.send(`for b in 346 226 207 360 237 232 252; do printf "\\\\$b"; sleep 0.05; done; echo; echo pieces-$((1+1))\n`)
    const all = await terminal.waitFor('pieces-2', 30_000)
    expect(all).toContain('文🚪')
    terminal.send('exit\n')
    await terminal.waitForEnded()
    await waitUntil('the recording', async () => (await findSession(api, session)).recording?.state === 'intact', { withinMs: 60_000 })
    const cast = await download(api, session, 'v3')
    const recorded = shownBytes(cast)
    expect(recorded.equals(terminal.bytes)).toBe(true)
    for (const [name, bytes] of strange) expect(recorded.includes(Buffer.from([0x5b, ...bytes, 0x5d])), name).toBe(true)
    // A player sees the same replacements as everybody else, and whole characters whole.
    const played = cast
      .split('\n')
      .slice(1)
      .filter((line) => line.startsWith('['))
      .map((line) => JSON.parse(line) as [number, string, string])
      .filter(([, code]) => code === 'o')
      .map(([, , data]) => data)
      .join('')
    expect(played.replaceAll('\r', '')).toContain('文🚪\n')
    expect(played.split('\uFFFD').length - 1).toBeGreaterThanOrEqual(strange.length)
  })

  it('show as U+FFFD in the page, and take nothing of what follows with them', async () => {
    const terminal = await openPageTerminal(page, product.url, 'web1')
    for (const [at, [name, bytes]] of strange.entries()) {
      await terminal.run(`clear; printf 'seen-${at}[%b]文字\\n' '${octal(bytes)}'`)
      const line = (await terminal.text()).split('\n').find((one) => one.startsWith(`seen-${at}[`)) ?? ''
      expect(line.replaceAll(' ', ''), name).toMatch(/^seen-\d\[\uFFFD+\]文字$/)
    }
  })
})

describe('the beginning of a file transfer in what a host prints', () => {
  it('a thousand times asks for nothing, sends nothing, saves nothing, and the terminal works', async () => {
    const terminal: PageTerminal = await openPageTerminal(page, product.url, 'web1')
    const events: string[] = []
    page.on('download', (download) => events.push(`download of ${download.suggestedFilename()}`))
    page.on('dialog', (dialog) => events.push(`dialog ${dialog.message()}`))
    page.on('filechooser', () => events.push('file chooser'))
    // Both ways round: a host that wants to send, and one that wants to receive.
    const starts = ['**\\030B00000000000000\\r\\n', '**\\030B0100000023be50\\r\\n\\021']
    await terminal.run(`for i in $(seq 500); do printf '${starts[0]}'; printf '${starts[1]}'; done > /tmp/zmodem-starts`)
    await terminal.run('cat /tmp/zmodem-starts; rm /tmp/zmodem-starts')
    await terminal.run('echo still-$((40+2))')
    expect(await terminal.text()).toContain('still-42')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(events).toEqual([])
    // Nothing has been typed for us: the shell waits with an empty line.
    await terminal.begin('')
    expect((await terminal.text()).trimEnd()).toMatch(/[$#]$/)
  })
})
