// Goes through a page with the Tab key, as people do who have no mouse.
import type { Page } from 'playwright-core'

const mostStops = 400
const atOnce = 20

/** Sentences: what cannot be reached, what does not show that it has the focus, what can be clicked and never be reached. At most 20. */
export async function walkByKeyboard(page: Page): Promise<string[]> {
  const faults = await page.evaluate(() => {
    ;(document.activeElement as HTMLElement | null)?.blur()
    const name = (element: Element) =>
      `<${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? ''} class="${element.className?.toString().slice(0, 50)}">${element.textContent?.slice(0, 30)}`
    const looks = (element: Element) => {
      const style = getComputedStyle(element)
      return [
        style.outlineStyle === 'none' ? '' : `${style.outlineWidth} ${style.outlineColor} ${style.outlineStyle}`,
        style.boxShadow,
        style.borderColor,
        style.backgroundColor,
      ].join('|')
    }
    // A field shows its focus on what surrounds it, a hidden radio on its label.
    const around = (element: Element): Element[] => {
      const parents: Element[] = []
      for (let one = element.parentElement; one !== null && parents.length < 4; one = one.parentElement) parents.push(one)
      return [element, ...parents, ...[...(element.parentElement?.children ?? [])].slice(0, 6)]
    }
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
    const modal = [...document.querySelectorAll('[aria-modal=true]')].findLast(isShown)
    const room: ParentNode = modal ?? document
    const fields = [...room.querySelectorAll<HTMLElement>('a[href], button, input:not([type=hidden]), select, textarea, [tabindex]')]
    const groups = new Set<string>()
    const wanted = fields.filter((element) => {
      if (element.tabIndex < 0 || !isShown(element) || element.matches(':disabled, [inert] *, .xterm *, [data-focus-guard]')) return false
      if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return true
      // The keyboard enters a group of radios once.
      const isFirst = !groups.has(element.name)
      groups.add(element.name)
      return isFirst && element.checked
    })
    const state = {
      wanted: new Map<Element, string[]>(wanted.map((element) => [element, around(element).map(looks)])),
      seen: new Set<Element>(),
      unseen: [] as string[],
    }
    let isRound = false
    // What fades in would still look as before in the moment of the focus.
    const still = new CSSStyleSheet()
    still.replaceSync('*, *::before, *::after { transition: none !important }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still]
    // Hundreds of stops: what each looks like is judged on the spot, not by asking from outside each time.
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || isRound) return
      if (state.seen.has(target)) isRound = state.seen.size > 1
      state.seen.add(target)
      const before = state.wanted.get(target)
      if (before && around(target).map(looks).join('\n') === before.join('\n')) state.unseen.push(name(target))
    }
    document.addEventListener('focusin', onFocus)
    Object.assign(window, {
      sallyportRound: () => isRound || [...state.wanted.keys()].every((element) => state.seen.has(element)),
      sallyportEnd: () => {
        document.removeEventListener('focusin', onFocus)
        return [
          ...[...state.wanted.keys()]
            .filter((element) => element.isConnected && isShown(element) && !state.seen.has(element))
            // In a table one row at a time can be reached, and which one it is follows the focus.
            .filter((element) => (element as HTMLElement).tabIndex >= 0)
            .map((element) => `is never reached by Tab: ${name(element)}`),
          ...new Set(state.unseen.map((text) => `does not show its focus: ${text}`)),
        ]
      },
    })
    const hasContent = (element: Element) => (element.textContent ?? '').trim() !== '' || element.querySelector('svg, img') !== null
    const reachable = 'a[href], button, input, label, select, textarea, summary, [tabindex]:not([tabindex="-1"]), [role=option], [role=menuitem]'
    return [...room.querySelectorAll('*')]
      .filter(
        (element) =>
          isShown(element) &&
          getComputedStyle(element).cursor === 'pointer' &&
          hasContent(element) &&
          !element.closest(reachable) &&
          !element.querySelector(reachable),
      )
      .filter((element) => element.parentElement === null || getComputedStyle(element.parentElement).cursor !== 'pointer')
      .map((element) => `can be clicked and not be reached: ${name(element)}`)
  })
  for (let stop = 0; stop < mostStops; stop += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => page.keyboard.press('Tab')))
    if (await page.evaluate(() => (window as unknown as { sallyportRound(): boolean }).sallyportRound())) break
  }
  return [...faults, ...(await page.evaluate(() => (window as unknown as { sallyportEnd(): string[] }).sallyportEnd()))].slice(0, 20)
}
