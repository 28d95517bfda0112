// A recording opens in what people have: the stock asciinema player as v3 and v2, Debian's asciinema command as v2.
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { checkout, type Product, startProduct } from './harness/product.ts'
import { download, findSession, openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let session: string

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const terminal = await openTerminal(product, api, host, { cols: 90, rows: 25 })
  session = (await terminal.waitForWelcome()).session
  terminal.send("PS1='$ '; clear; printf 'bad \\377 byte\\n'; echo 中文 🚪 wide\n")
  await terminal.waitFor('🚪 wide\r\n')
  terminal.resize(100, 30)
  terminal.send('echo the-$((40+2))th-line; exit 7\n')
  await terminal.waitForEnded()
  await waitUntil('the recording to be sealed', async () => (await findSession(api, session)).recording?.state === 'intact')
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

it('is asciicast v3 with header, output, resize, exit, and the true bytes beside what had to be replaced', async () => {
  const lines = (await download(api, session, 'v3')).trimEnd().split('\n')
  const header = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  expect(header).toMatchObject({ version: 3, term: { cols: 90, rows: 25, type: 'xterm-256color' }, env: { TERM: 'xterm-256color' } })
  expect(header.timestamp).toBeTypeOf('number')
  expect(header.title).toBeTypeOf('string')
  const events = lines.slice(1).map((line) => JSON.parse(line) as [number, string, string])
  expect(events.some(([, code, data]) => code === 'r' && data === '100x30')).toBe(true)
  expect(events.at(-1)?.slice(1)).toEqual(['x', '7'])
  const raw = events.findIndex(([, code, data]) => code === 'b' && Buffer.from(data, 'base64').includes(0xff))
  expect(raw).toBeGreaterThan(-1)
  expect(events[raw + 1]?.[1]).toBe('o')
  expect(events[raw + 1]?.[2]).toContain('\uFFFD')
})

it('verifies with the ledger key, and is named for asset, address, start and operator', async () => {
  expect(await api.call('GET', `/sessions/${session}/recording/verify`)).toMatchObject({ state: 'verified' })
  const answer = await api.request('GET', `/api/v1/sessions/${session}/recording?format=v3`)
  expect(String(answer.headers['content-disposition'])).toMatch(/web1_127\.0\.0\.1_\d{8}T\d{6}Z_ada\.cast/)
})

it('is played by the asciinema command as v2', async () => {
  const folder = await makeTempFolder('cast')
  try {
    const file = path.join(folder.path, 'session.cast')
    writeFileSync(file, await download(api, session, 'v2'))
    // It wants a terminal of its own: `script` gives it one.
    const played = spawnSync('script', ['-qec', `asciinema cat ${file}`, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      timeout: 30_000,
    })
    expect(played.status).toBe(0)
    expect(played.stdout).toContain('the-42th-line')
    expect(played.stdout).toContain('中文 🚪 wide')
  } finally {
    await folder.remove()
  }
})

it.each(['v3', 'v2'] as const)('is played by the stock asciinema player as %s', async (format) => {
  const bundle = path.join(checkout, 'node_modules/asciinema-player/dist/bundle')
  const cast = await download(api, session, format)
  const page = `<!doctype html><link rel="stylesheet" href="/asciinema-player.css"><div id="p"></div><script src="/asciinema-player.min.js"></script>
<script>window.player=AsciinemaPlayer.create('/session.cast',document.getElementById('p'),{autoPlay:true,speed:50});window.player.addEventListener('ended',()=>{window.over=true})</script>`
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(page)
    else if (request.url === '/session.cast') response.end(cast)
    else if (request.url === '/favicon.ico') response.writeHead(204).end()
    else
      response
        .setHeader('content-type', request.url?.endsWith('.css') ? 'text/css' : 'text/javascript')
        .end(readFileSync(path.join(bundle, path.basename(request.url ?? ''))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchBrowser()
  try {
    const tab = await browser.newPage()
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await tab.waitForFunction(() => (window as unknown as { over?: boolean }).over === true, undefined, { timeout: 30_000 })
    // It draws after it has said that it ended.
    await expect.poll(() => tab.locator('.ap-player').innerText(), { timeout: 15_000 }).toContain('the-42th-line')
  } finally {
    await browser.close()
    server.close()
  }
})

it('answers ranges of an ended recording, and refuses absurd ones', async () => {
  const whole = await download(api, session, 'v3')
  const part = await api.request('GET', `/api/v1/sessions/${session}/recording?format=v3`, { headers: { range: 'bytes=10-29' } })
  expect(part.status).toBe(206)
  expect(part.bytes.equals(Buffer.from(whole).subarray(10, 30))).toBe(true)
  expect((await api.request('GET', `/api/v1/sessions/${session}/recording?format=v3`, { headers: { range: 'bytes=99999999-' } })).status).toBe(416)
  expect((await product.api().request('GET', `/api/v1/sessions/${session}/recording?format=v3`)).status).toBe(401)
  expect((await api.request('GET', '/api/v1/sessions/..%2f..%2fetc%2fpasswd/recording?format=v3')).status).toBe(404)
})
