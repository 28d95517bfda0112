// A gigabyte each way through a real Chromium, by sz, by rz and by a drop on the terminal: the tab holds none of it.
import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type PageStand, startPageStand } from '../harness/page-stand.ts'
import type { PageTerminal } from '../harness/page-terminal.ts'

const bytes = 1024 ** 3
/** What a page comes to hold besides in minutes of work, before the browser collects it; a fifth of the file. */
const mostMoreMb = 200
const withinMs = 15 * 60_000

let stand: PageStand
let terminal: PageTerminal
let page: Page
let folder: string
let digest: string

beforeAll(async () => {
  stand = await startPageStand()
  folder = path.join(stand.sshd.home, `gigabyte-${process.pid}`)
  mkdirSync(path.join(folder, 'in'), { recursive: true })
  const [file, block] = [openSync(path.join(folder, 'whole.bin'), 'w'), Buffer.alloc(16 * 1024 * 1024)]
  for (let at = 0; at < bytes; at += block.length) writeSync(file, randomFillSync(block))
  closeSync(file)
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', stand.sshd.user, folder])
  digest = await sha(path.join(folder, 'whole.bin'))
}, withinMs)
afterAll(async () => {
  await stand?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  terminal = await stand.fresh()
  page = terminal.page
  await terminal.run(`cd ${folder}/in`)
})

async function sha(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(part as Buffer)
  return hash.digest('hex')
}

/** Of the largest tab, in MB: what the kernel says it holds. */
async function tabMb(): Promise<number> {
  const session = await stand.browser.newBrowserCDPSession()
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: { type: string; id: number }[] }
  await session.detach()
  const held = processInfo.flatMap(({ type, id }) => {
    if (type !== 'renderer') return []
    try {
      return [Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024]
    } catch {
      return [] // gone meanwhile
    }
  })
  return Math.max(0, ...held)
}

/** The most that the tab came to hold beyond what it had, while `work` went on. */
async function heldDuring(what: string, work: () => Promise<void>): Promise<number> {
  const before = await tabMb()
  let most = before
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await tabMb())
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  })()
  const from = performance.now()
  await work().finally(() => (isOver = true))
  await watching
  process.stdout.write(
    `${what}: ${(bytes / 1e3 / (performance.now() - from)).toFixed(0)} MB/s, the tab ${before.toFixed(0)} MB, at most ${most.toFixed(0)} MB\n`,
  )
  return most - before
}
const isDone = () => page.locator('[data-testid=transfer-line][data-state=done]').last().waitFor({ timeout: withinMs })

it(
  'comes by sz to disk, and not through the tab',
  async () => {
    const more = await heldDuring('sz', async () => {
      await terminal.begin('sz ../whole.bin')
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('transfer-card').getByRole('button', { name: 'Save' }).click()])
      // The line goes by itself soon after.
      await isDone()
      expect(await sha(await download.path())).toBe(digest)
      await download.delete()
    })
    expect(more).toBeLessThan(mostMoreMb)
  },
  withinMs,
)

it(
  'goes by rz from disk, a piece at a time',
  async () => {
    const more = await heldDuring('rz', async () => {
      await terminal.begin('rz')
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByTestId('transfer-card').getByRole('button', { name: 'Choose files' }).click(),
      ])
      await chooser.setFiles(path.join(folder, 'whole.bin'))
      await isDone()
    })
    expect(await sha(path.join(folder, 'in/whole.bin'))).toBe(digest)
    expect(more).toBeLessThan(mostMoreMb)
  },
  withinMs,
)

it(
  'goes by a drop, checked on the host',
  async () => {
    const more = await heldDuring('drop', async () => {
      // A file that stands on the disk, as one that was dragged from a desk: taken from a field that the browser filled.
      const field = await page.evaluateHandle(() => {
        const made = Object.assign(document.createElement('input'), { type: 'file' })
        document.body.append(made)
        return made
      })
      await field.setInputFiles(path.join(folder, 'whole.bin'))
      await field.evaluate((made) => {
        const data = new DataTransfer()
        const [file] = made.files ?? []
        if (file) data.items.add(file)
        made.remove()
        for (const type of ['dragenter', 'dragover', 'drop'])
          document
            .querySelector('[role=tabpanel][data-current] .xterm')
            ?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }))
      })
      const asked = page.getByTestId('drop-card')
      await asked.getByRole('textbox').fill(`${folder}/in`)
      rmSync(path.join(folder, 'in/whole.bin'), { force: true })
      await asked.getByRole('button', { name: 'Upload' }).click()
      await isDone()
      expect(await page.getByTestId('transfer-line').last().innerText()).toContain('checked on the host')
    })
    expect(await sha(path.join(folder, 'in/whole.bin'))).toBe(digest)
    expect(more).toBeLessThan(mostMoreMb)
  },
  withinMs,
)
