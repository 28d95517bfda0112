// What people, hosts and files call themselves is text on every page, whatever it looks like: nothing of it runs, nothing becomes markup, nothing breaks its box.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base32 } from '#domain/id.ts'
import type { ApiClient } from './harness/api-client.ts'
import { findExecuted, lookout, scheme, scripts, shapes } from './harness/bad-input.ts'
import { launchBrowser } from './harness/browser.ts'
import { inspectPage } from './harness/page-faults.ts'
import { settle } from './harness/page-tour.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { changeRows } from './harness/written-rows.ts'

let sshd: TestSshd
let product: Product
let browser: Browser
let api: ApiClient
let host: SavedHost
let played: string
let folder: Awaited<ReturnType<typeof makeTempFolder>>
const id = (kind: string) => `${kind}_${base32(randomBytes(15))}`
const long = 'x'.repeat(10_000)
const names = [...scripts, ...shapes, long]
const assets = names.map(() => id('as'))

beforeAll(async () => {
  folder = await makeTempFolder('bad-input')
  const banner = path.join(folder.path, 'banner')
  await writeFile(banner, `${scripts.join('\n')}\n`)
  ;[sshd, product, browser] = await Promise.all([
    startSshd({ config: ['SetEnv LC_ALL=C.UTF-8', `Banner ${banner}`] }),
    startProduct({ gateways: 1 }),
    launchBrowser(),
  ])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  // A session that shows all of it, in the text and as titles, and that somebody ended with such words.
  const terminal = await openTerminal(product, api, host)
  played = (await terminal.waitForWelcome()).session
  const shown = scripts.map((text) => `${text}\r\n\u001b]2;${text}\u0007`).join('')
  await writeFile(path.join(folder.path, 'shown'), shown)
  terminal.send(`cat ${path.join(folder.path, 'shown')}; echo whole-$((40+2))\n`)
  await terminal.waitFor('whole-42')
  await api.call('POST', `/sessions/${played}/terminate`, { reason: scripts.join(' ').slice(0, 500) })
  await terminal.waitForEnded()
  const notice = scripts.join('\n')
  await api.call('PATCH', '/settings', { signInNotice: notice.slice(0, 500), recordingNotice: notice.slice(500, 1000) })
  writeNames()
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

/** Past the schemas, which let few of them in: what is stored is shown as text even so. */
function writeNames(): void {
  const now = Date.now()
  const blob = (at: number) =>
    Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32, at]), randomBytes(31)]).toString('base64')
  changeRows(product, (database) => {
    const write = (table: string, row: Record<string, string | number>) => {
      const columns = Object.keys(row)
      database
        .prepare(`insert into "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`)
        .run(...Object.values(row))
    }
    const { id: ada, passwordHash } = database.prepare('select id, "passwordHash" from operators limit 1').get() as { id: string; passwordHash: string }
    const { id: gateway } = database.prepare('select id from gateways limit 1').get() as { id: string }
    for (const [at, name] of names.entries()) {
      const asset = assets[at] ?? ''
      const short = Array.from(name).slice(0, 64).join('')
      write('assets', {
        id: asset,
        name,
        address: `192.0.2.${at + 1}`,
        port: 22,
        protocol: 'ssh',
        tags: JSON.stringify([short]),
        createdAt: now,
        confirmedLoopback: 0,
        hostKeyPolicy: 'strict',
      })
      write('accounts', { id: id('ac'), assetId: asset, username: name, authKind: 'ask', createdAt: now })
      write('credentials', { id: id('cr'), name, username: name, authKind: 'ask', createdAt: now, rotatedAt: now })
      write('operators', { id: id('op'), username: name, name, role: 'member', mayWatch: 0, enabled: 1, passwordHash, createdAt: now })
      write('signIns', {
        id: randomBytes(32).toString('hex'),
        operatorId: ada,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + 3_600_000,
        source: '192.0.2.1',
        agent: short,
      })
      write('keyChanges', {
        id: id('kc'),
        assetId: asset,
        type: 'ssh-ed25519',
        key: blob(at),
        fingerprint: `SHA256:${'A'.repeat(43)}`,
        firstSeenAt: now,
        lastSeenAt: now,
        times: 1,
        operatorName: name,
      })
      write('hostKeys', { place: `asset:${asset}`, type: short, key: blob(at), fingerprint: `SHA256:${'B'.repeat(43)}`, trustedAt: now, trustedBy: name })
      write('sessions', {
        ...{
          id: `se_${gateway.slice(3, 11)}${base32(randomBytes(15))}`,
          operatorId: ada,
          operatorName: name,
          assetId: asset,
          assetName: name,
          address: '192.0.2.1',
          port: 22,
          account: name,
        },
        ...{
          door: 'web',
          kind: 'shell',
          state: 'ended',
          source: short,
          gatewayId: gateway,
          startedAt: now - at,
          endedAt: now,
          endReason: 'terminated',
          endMessage: name,
          search: name,
        },
        ...{
          bytesIn: 0,
          bytesOut: 0,
          recordingState: 'intact',
          recordingFile: `${short}.cast`,
          recordingSeconds: 1,
          recordingBytes: 1,
          recordingHead: 'f'.repeat(64),
        },
      })
    }
    database.prepare('update gateways set name = ?').run('<img src=x onerror=__ran()>')
  })
}

async function open(width: number, cookie: string, language = 'en-GB'): Promise<{ context: BrowserContext; page: Page; ran: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: language, reducedMotion: 'reduce' })
  await context.addInitScript(lookout)
  const pairs = cookie.split('; ').filter(Boolean)
  await context.addCookies(pairs.map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1), url: product.url })))
  const page = await context.newPage()
  const ran: string[] = []
  page.setDefaultTimeout(60_000)
  page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') ran.push(`asks: ${dialog.message()}`)
    void dialog.accept()
  })
  page.on('pageerror', (error) => ran.push(String(error)))
  return { context, page, ran }
}

const rows = (page: Page) => page.locator('[data-row]').first().waitFor()
const all = 'size=200'
/** Address, and what shows that the page is there with what was written. */
const walk: readonly (readonly [path: string, ready: (page: Page) => Promise<unknown>])[] = [
  [`/hosts?${all}`, rows],
  ['/hosts?host=FIRST', (page) => page.locator('[name=host-address]').waitFor()],
  [`/credentials?${all}`, rows],
  ['/host-keys', (page) => page.getByTestId('key-change').first().waitFor()],
  [`/sessions?state=ended&${all}`, rows],
  [`/recordings?${all}`, rows],
  ['/recordings?play=PLAYED', (page) => page.locator('[data-testid=player]:not([data-status=loading])').waitFor()],
  ['/account', (page) => page.locator('main h1').waitFor()],
  ['/settings', (page) => page.locator('main textarea').first().waitFor()],
  ...['q', 'tag', 'host', 'sort', 'page', 'reach'].map(
    (name) => [`/hosts?${name}=${encodeURIComponent('"><img src=x onerror=__ran()>')}`, (page: Page) => page.locator('main h1').waitFor()] as const,
  ),
]
const withinMs = 240_000

describe('texts that look like script or markup', () => {
  it(
    'run nothing and stay text on every page, from wherever they came',
    async () => {
      const { context, page, ran } = await open(1440, api.cookie)
      const found: Record<string, string[]> = {}
      for (const [place, ready] of walk) {
        await page.goto(`${product.url}${place.replace('FIRST', assets[0] ?? '').replace('PLAYED', played)}`)
        await ready(page)
        await settle(page)
        const hits = await findExecuted(page)
        if (hits.length > 0) found[place] = hits
      }
      expect({ found, ran }).toEqual({ found: {}, ran: [] })
      await context.close()
    },
    withinMs,
  )

  it(
    'run nothing in a terminal, in the palette, in files that are imported, and before signing in',
    async () => {
      const { context, page, ran } = await open(1440, api.cookie)
      const found: Record<string, string[]> = {}
      const judge = async (what: string) => {
        await settle(page)
        const hits = await findExecuted(page)
        if (hits.length > 0) found[what] = hits
      }
      await page.goto(`${product.url}/hosts?q=web1`)
      await page
        .getByRole('button', { name: /^Connect/ })
        .first()
        .click()
      await page.locator('[role=tabpanel][data-state=open]').waitFor()
      await page.keyboard.type(`cat ${path.join(folder.path, 'shown')}\n`)
      await page.waitForTimeout(500)
      await judge('terminal')
      // In a terminal Ctrl-K is the shell's.
      await page.goto(`${product.url}/account`)
      await page.locator('main h1').waitFor()
      for (const text of ['<img src=x onerror=__ran()>', '"><xss-mark>', 'x'.repeat(60)]) {
        await page.keyboard.press('Control+k')
        await page.getByRole('dialog').locator('input').fill(text)
        await page.waitForTimeout(300)
        await judge(`palette ${text}`)
        await page.keyboard.press('Escape')
      }
      await page.goto(`${product.url}/hosts?host=import`)
      const config = scripts
        .map(
          (text) =>
            `Host ${text.replaceAll('\n', ' ')}\n  HostName ${text}\n  User ${text}\n  IdentityFile ${text}\n  ProxyJump ${text}\n  Port ${text}\nMatch exec "${text}"\nInclude ${text}`,
        )
        .join('\n')
      const csv = `name,address,${scripts[0]},tags,account,via\n${scripts.map((text) => `"${text.replaceAll('"', '""')}","${text.replaceAll('"', '""')}",x,${text.length},"${text.replaceAll('"', '""')}",y`).join('\n')}`
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles([
          { name: '<img src=x onerror=__ran()>', mimeType: 'text/plain', buffer: Buffer.from(config) },
          { name: '"><xss-mark>.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) },
        ])
      await page.getByTestId('import-rows').waitFor()
      await judge('import')
      const stranger = await open(390, '')
      await stranger.page.goto(`${product.url}/sign-in?next=${encodeURIComponent(`${scheme}__ran()`)}&left=${encodeURIComponent('<xss-mark>')}`)
      await stranger.page.locator('[name=username]').fill('"><xss-mark>')
      await stranger.page.locator('[name=password]').fill('<img src=x onerror=__ran()>')
      await stranger.page.locator('[type=submit]').click()
      await stranger.page.getByRole('alert').first().waitFor()
      const hits = [...(await findExecuted(stranger.page)), ...stranger.ran]
      if (hits.length > 0) found['sign-in'] = hits
      expect({ found, ran }).toEqual({ found: {}, ran: [] })
      await stranger.context.close()
      await context.close()
    },
    withinMs,
  )

  it('would be noticed, and a script in the page would be stopped by a policy without unsafe-inline', async () => {
    const { context, page } = await open(1440, '')
    const answer = await page.goto(`${product.url}/sign-in`)
    const policy = answer?.headers()['content-security-policy'] ?? ''
    expect(policy).toMatch(/script-src 'self'(;|$)/)
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|[^-]unsafe-eval/)
    await page.locator('[name=username]').waitFor()
    for (const [at, text] of scripts.entries()) {
      await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', `<div>${html}</div>`), text)
      if (at === 16) expect(await findExecuted(page)).not.toEqual([])
    }
    await expect.poll(async () => (await findExecuted(page)).join('\n')).toMatch(/the policy stopped script-src/)
    expect((await findExecuted(page)).join('\n')).not.toContain('a script ran')
    await context.close()
  })
})

describe('names that are turned, invisible, or 10,000 letters long', () => {
  it.each([1440, 360])(
    'stay inside their boxes, %d px wide',
    async (width) => {
      const { context, page } = await open(width, api.cookie, 'zh-CN')
      const found: Record<string, string[]> = {}
      for (const [place, ready] of walk.slice(0, 8)) {
        await page.goto(`${product.url}${place.replace('FIRST', assets.at(-1) ?? '').replace('PLAYED', played)}`)
        await ready(page)
        await settle(page)
        const faults = (await inspectPage(page)).filter((fault) => /wide in|sticks out/.test(fault))
        if (faults.length > 0) found[place] = faults
      }
      expect(found).toEqual({})
      await context.close()
    },
    withinMs,
  )
})
