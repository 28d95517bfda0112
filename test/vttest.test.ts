// vttest, the classic test of terminals, played through the product: the recording replays to the very screens that were live (TERM-12).
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { makeScreen, picture, written } from './harness/scripted-hour.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

/** Cursor, screen, character sets, reports, the VT52 and the vt102's insert and delete: each leads back to the menu by Enter alone, in at most so many screens. */
const menus = ['1', '2', '3', '6', '8'] as const
const screensAtMost = 60
const itemsAtMost = 4
const quietMs = 150

it.each(menus)('menu %s: each screen of the recording is the one that was live', { timeout: 300_000 }, async (menu) => {
  const terminal = await openTerminal(product, api, host, { cols: 80, rows: 24 })
  const { session } = await terminal.waitForWelcome()
  const live = makeScreen(80, 24)
  // vttest asks the terminal what it is, and waits for the answers.
  live.onData((answer) => terminal.send(answer))
  let fed = 0
  const feed = async () => {
    const bytes = terminal.bytes
    await written(live, bytes.subarray(fed))
    fed = bytes.length
  }
  /** Everything that came is drawn, and nothing has come for a while. */
  const settle = async () => {
    for (let since = performance.now(); performance.now() - since < quietMs;) {
      if (terminal.bytes.length > fed) since = performance.now()
      await feed()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const shows = (text: string) => picture(live).some((line) => line.includes(text))
  const sees = (text: string) =>
    waitUntil(
      `${text} on the screen`,
      async () => {
        await feed()
        return shows(text)
      },
      { withinMs: 30_000, everyMs: 20 },
    )
  const seen: { offset: number; picture: string[] }[] = []
  const look = async () => {
    await settle()
    seen.push({ offset: fed, picture: picture(live) })
  }

  terminal.send('stty rows 24 cols 80; exec vttest\r')
  await sees('Enter choice number')
  terminal.send(`${menu}\r`)
  await settle()
  let item = 0
  for (let count = 0; count < screensAtMost && !(shows('Enter choice number') && shows('Test of VT52')); count += 1) {
    await look()
    // A menu of its own is gone through from its first item and left by 0; everything else goes on by Enter.
    if (shows('Enter choice number')) terminal.send(item < itemsAtMost ? `${(item += 1)}\r` : '0\r')
    else terminal.send('\r')
    await settle()
  }
  await look()
  expect(seen.length).toBeGreaterThan(1)
  terminal.send('0\r')
  await terminal.waitForEnded(30_000)
  await feed()
  seen.push({ offset: fed, picture: picture(live) })

  await waitUntil('the recording', async () => (await findSession(api, session)).recording?.state === 'intact', { withinMs: 60_000 })
  const replayed = makeScreen(80, 24)
  let offset = 0
  const encoder = new TextEncoder()
  let exact: Buffer | undefined
  let next = 0
  for (const line of (await download(api, session, 'v3')).split('\n').slice(1)) {
    if (!line.startsWith('[')) continue
    const [, code, data] = JSON.parse(line) as [number, string, string]
    if (code === 'b') exact = Buffer.from(data, 'base64')
    if (code === 'r') replayed.resize(Number(data.split('x')[0]), Number(data.split('x')[1]))
    if (code !== 'o') continue
    let bytes: Uint8Array = exact ?? encoder.encode(data)
    exact = undefined
    // A screen may have been looked at in the middle of an event.
    for (let at = seen[next]; at && at.offset <= offset + bytes.length; at = seen[(next += 1)]) {
      const until = at.offset - offset
      await written(replayed, bytes.subarray(0, until))
      expect(picture(replayed), `menu ${menu}, screen ${next + 1} at byte ${at.offset}`).toEqual(at.picture)
      bytes = bytes.subarray(until)
      offset = at.offset
    }
    await written(replayed, bytes)
    offset += bytes.length
  }
  expect(next).toBe(seen.length)
  live.dispose()
  replayed.dispose()
})
