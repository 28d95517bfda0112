// Words of another language on a page that is shown in Chinese.
import type { Page } from 'playwright-core'

/** Names of things that are called the same everywhere, and keys of the keyboard. */
const allowed =
  /^(?:Sallyport|English|SSH|OpenSSH|CSV|IP|IPv[46]|PEM|TLS|HTTPS?|URL|UTF-8|UTF-16|GB18030|ProxyJump|known_hosts|ssh-rsa|ssh-ed25519|ecdsa|nistp|config|authorized_keys|Ed25519|SHA256|Ctrl|Cmd|Shift|Alt|Enter|Esc|Tab|Home|End|PgUp|PgDn|Space|asciicast|asciinema|v[23]|txt|kB|MB|GB|KiB|MiB|ms|min|Chrome|Chromium|Firefox|Safari|Linux|macOS|Windows|Android|iOS|HeadlessChrome)$/i

/** Texts without a Chinese sign in them that hold a word which is neither a name of `data` nor allowed; spoken ones too. What is data by its place (`.mono`, `code`, `bdi`) is left out. At most 20. */
export async function findUntranslated(page: Page, data: readonly string[]): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = []
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true })
    const isData = (element: Element) =>
      element.closest('.mono, code, pre, kbd, bdi, samp, .key, .xterm, script, style, textarea, [data-name], .mantine-Avatar-root') !== null
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement
      if (parent && isShown(parent) && !isData(parent)) found.push(node.textContent ?? '')
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
      if (isShown(element) && !isData(element)) for (const name of ['aria-label', 'placeholder', 'title', 'alt']) found.push(element.getAttribute(name) ?? '')
    return [...new Set(found.map((text) => text.trim()))]
  })
  const known = new Set(data)
  return texts
    .filter((text) => text !== '' && !/\p{Script=Han}/u.test(text) && !known.has(text))
    .filter((text) => {
      // Addresses, times, sizes and file names are data wherever they stand.
      const rest = text.replace(/\S*[@:/\\.\d_]\S*/g, ' ')
      return [...rest.matchAll(/[\p{L}-]{2,}/gu)].some(([word]) => !allowed.test(word) && !known.has(word))
    })
    .slice(0, 20)
}
