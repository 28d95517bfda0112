// What is wrong with a page whatever it shows: the basics that a screen reader, a phone and a translator would stumble over.
import type { Page } from 'playwright-core'

/** Sentences, each naming the element; empty when nothing was found. At most 20. */
export function inspectPage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const name = (element: Element) =>
      `<${element.tagName.toLowerCase()} class="${element.className?.toString().slice(0, 60)}">${element.textContent?.slice(0, 40)}`
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    const textOf = (ids: string | null) =>
      (ids ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join('')
    const spoken = (element: Element) =>
      (
        element.getAttribute('aria-label') ??
        (textOf(element.getAttribute('aria-labelledby')) ||
          element.textContent + [...element.querySelectorAll('img')].map((image) => image.alt).join('') ||
          element.getAttribute('title'))
      )?.trim()
    for (const element of document.querySelectorAll('button, a[href], [role=button], [role=tab], [role=menuitem]'))
      if (isShown(element) && !element.closest('[aria-hidden=true]') && !spoken(element)) faults.push(`has no name: ${name(element)}`)
    for (const element of document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), textarea, select')) {
      const labelled = element.labels !== null && [...element.labels].some((label) => label.textContent?.trim())
      const said = element.getAttribute('aria-label')?.trim() || textOf(element.getAttribute('aria-labelledby')).trim()
      if (isShown(element) && !labelled && !said) faults.push(`has no label: ${name(element)} name=${element.name}`)
    }
    for (const element of document.querySelectorAll('[role=dialog]'))
      if (isShown(element) && !spoken(element)) faults.push(`is a dialog without a name: ${name(element)}`)
    for (const image of document.querySelectorAll('img:not([alt])')) faults.push(`has no alt: ${name(image)}`)
    if (isShown(document.body) && document.querySelectorAll('main').length !== 1) faults.push(`has ${document.querySelectorAll('main').length} <main>`)
    if (!document.title.trim()) faults.push('has no title')
    if (!document.documentElement.lang) faults.push('has no language')
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
    for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push(`has the id ${id} twice`)
    const width = document.documentElement.clientWidth
    const root = document.scrollingElement ?? document.documentElement
    if (root.scrollWidth > width) faults.push(`is ${root.scrollWidth} wide in ${width}`)
    for (const element of document.querySelectorAll('main, [role=dialog]'))
      if (isShown(element) && element.scrollWidth > element.clientWidth + 1)
        faults.push(`is ${element.scrollWidth} wide in ${element.clientWidth}: ${name(element)}`)
    // Nothing may be cut off at the right where nobody can scroll to it.
    for (const element of document.querySelectorAll('button, input, a[href], h1, h2'))
      if (isShown(element) && !element.closest('.xterm, [role=tablist], [role=toolbar], [data-scrolls]')) {
        const box = element.getBoundingClientRect()
        let scroller = element.parentElement
        while (scroller && !/(auto|scroll)/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement
        const scrolls = scroller !== null && scroller.tagName !== 'MAIN' && scroller.scrollWidth > scroller.clientWidth + 1
        if (box.width > 1 && box.right > width + 1 && !scrolls) faults.push(`sticks out to ${Math.round(box.right)} of ${width}: ${name(element)}`)
      }
    // A key of the catalogue shown instead of its words: `hosts.form.name`; and a slot that was left open.
    const rooms =
      /\b(?:account|frame|palette|settings|parts|signIn|hosts|credentials|hostKeys|terminals|comfort|lists|live|sessions|recordings|player|time|failure|endReason|imports|firstRun|secondFactor|signInStep|tokens|audit|commands|operators|groups|grants|whoMay)\.[a-z][\w-]*(?:\.[\w-]+)*\b/
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      // Codes of the ledger look alike, and are shown as what they are.
      if (node.parentElement?.closest('script, style, .xterm, code')) continue
      if (rooms.test(text) || text.includes('{{')) faults.push(`shows a key: ${text.slice(0, 80)}`)
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]'))
      for (const attribute of ['aria-label', 'placeholder', 'title']) {
        const text = element.getAttribute(attribute) ?? ''
        if (rooms.test(text) || text.includes('{{')) faults.push(`shows a key in ${attribute}: ${text.slice(0, 80)}`)
      }
    return faults.slice(0, 20)
  })
}
