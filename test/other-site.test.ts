// A page of somebody else's, in the browser of a person who is signed in: real Chromium, a second origin (WEB-02).
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { terminalSubprotocol } from '#wire/terminal.ts'
import type { ApiClient } from './harness/api-client.ts'
import { launchBrowser } from './harness/browser.ts'
import { signedInContext } from './harness/page-terminal.ts'
import { type Product, startProduct } from './harness/product.ts'

let product: Product
let api: ApiClient
let browser: Browser
let context: BrowserContext
let evil: Server

beforeAll(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  api = await product.claim()
  context = await signedInContext(browser, product, api)
  evil = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>win a prize</title>'))
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await new Promise((resolve) => evil?.close(resolve))
})

// To a browser another port is another origin of the same site: it sends the cookie there. `localhost` is another site than 127.0.0.1.
describe.each(['127.0.0.1', 'localhost'])('a page at another port of %s', (name) => {
  const attack = async () => {
    const page = await context.newPage()
    await page.goto(`http://${name}:${(evil.address() as AddressInfo).port}/`)
    const found = await page.evaluate(
      async ({ url, protocol }) => {
        const read = (mode: 'cors' | 'no-cors', init: RequestInit = {}) =>
          fetch(`${url}/api/v1/me`, { mode, credentials: 'include', ...init }).then(
            (answer) => answer.text(),
            () => 'refused',
          )
        const socket = await new Promise<string>((resolve) => {
          const opened = new WebSocket(`${url.replace('http', 'ws')}/terminal`, protocol)
          opened.addEventListener('open', () => resolve('open'))
          opened.addEventListener('close', () => resolve('refused'))
        })
        const rename = { method: 'PATCH', headers: { 'content-type': 'application/json', 'x-sallyport': '1' }, body: '{"name":"owned"}' }
        const plain = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"reason":"x"}' }
        const framed = await new Promise<string>((resolve) => {
          const frame = document.createElement('iframe')
          frame.addEventListener('load', () => resolve(String(frame.contentDocument)))
          frame.src = `${url}/hosts`
          document.body.append(frame)
        })
        const simple = await fetch(`${url}/api/v1/sign-out`, { mode: 'no-cors', credentials: 'include', ...plain }).then(
          () => 'answered',
          () => 'refused',
        )
        return { cors: await read('cors'), opaque: await read('no-cors'), renamed: await read('cors', rename), simple, socket, framed }
      },
      { url: product.url, protocol: terminalSubprotocol },
    )
    await page.close()
    return found
  }

  it('reads nothing, changes nothing, opens no terminal, and shows us in no frame', async () => {
    expect(await attack()).toEqual({ cors: 'refused', opaque: 'refused', renamed: 'refused', simple: 'refused', socket: 'refused', framed: 'null' })
    // What was sent blindly changed nothing: the person is signed in as before, under their own name.
    const page = await context.newPage()
    await page.goto(`${product.url}/hosts`)
    expect(await page.evaluate(async () => ((await (await fetch('/api/v1/me')).json()) as { name: string }).name)).toBe(
      (await api.call<{ name: string }>('GET', '/me')).name,
    )
    await page.close()
  })
})
