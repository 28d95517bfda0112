// One host, one product, one Chromium that is signed in, and a fresh terminal on a fresh page for each test.
import type { Browser, BrowserContext } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { openPageTerminal, type PageTerminal, signedInContext } from './page-terminal.ts'
import { type Product, startProduct } from './product.ts'
import { saveHost } from './saved-host.ts'
import { startSshd, type TestSshd } from './sshd.ts'

export type PageStand = {
  sshd: TestSshd
  product: Product
  browser: Browser
  context: BrowserContext
  /** Ends the terminals of the test before, forgets its settings, and opens one on `web1`. */
  fresh(): Promise<PageTerminal>
  stop(): Promise<void>
}

export async function startPageStand(): Promise<PageStand> {
  const [sshd, product, browser]: [TestSshd, Product, Browser] = await Promise.all([
    startSshd({ config: ['SetEnv LC_ALL=C.UTF-8'] }),
    startProduct(),
    launchBrowser(),
  ])
  const api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  const context = await signedInContext(browser, product, api)
  return {
    sshd,
    product,
    browser,
    context,
    async fresh() {
      // Sessions outlive their page.
      sshd.cutSessions()
      for (const open of context.pages()) await open.close({ runBeforeUnload: false })
      const page = await context.newPage()
      await page.goto(`${product.url}/mark.svg`)
      await page.evaluate(() => {
        for (const key of Object.keys(localStorage)) if (key.startsWith('sallyport.terminal')) localStorage.removeItem(key)
      })
      return openPageTerminal(page, product.url, 'web1')
    },
    async stop() {
      await browser.close()
      await product.stop()
      await sshd.stop()
    },
  }
}
