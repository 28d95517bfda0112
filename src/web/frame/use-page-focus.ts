// Whoever goes to another page by keyboard or by ear begins at its head, not where the link was.
import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** A page that is loaded late, or waits for its data, gets this long until its title stands there. */
const withinMs = 3000
const everyMs = 30

/** What the page itself, or an open dialog, has taken for itself is left where it is. */
const isFree = () => document.activeElement === null || document.activeElement === document.body || document.activeElement.closest('nav, header, main') !== null
/** One that is just closing gives the keyboard back first. */
const isInDialog = () => document.activeElement?.closest('[role=dialog]') !== null && document.activeElement !== null
const isTyping = () => document.activeElement?.matches('input, textarea, [contenteditable=true]') === true

export function usePageFocus(): void {
  // The page that stands there, not the one that is being loaded while the former one is still shown.
  const pathname = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  const before = useRef(pathname)
  useEffect(() => {
    const former = before.current
    before.current = pathname
    // The first page of all begins where the browser begins.
    if (former === undefined || pathname === undefined || former === pathname) return undefined
    // The terminal takes the keyboard by itself.
    if (pathname === '/terminals') return undefined
    const began = performance.now()
    const look = () => {
      const title = document.querySelector<HTMLElement>('main h1')
      if (!title || isInDialog()) {
        if (performance.now() - began < withinMs) timer = setTimeout(look, everyMs)
        return
      }
      if (!isFree() || isTyping()) return
      title.tabIndex = -1
      title.focus({ preventScroll: true })
    }
    let timer = setTimeout(look, everyMs)
    return () => clearTimeout(timer)
  }, [pathname])
}
