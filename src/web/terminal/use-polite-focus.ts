import type { RefObject } from 'react'
import { useEffect } from 'react'

/** Nobody who types has pauses this long between two keys of one word. */
const pauseMs = 700
/** Whoever is typing all this time does not want to be taken away. */
const patienceMs = 8000

/** Puts the focus on a card once nothing has been typed for a moment, and only when it was on the terminal beside it: what somebody types goes where they meant it. */
export function usePoliteFocus(card: RefObject<HTMLElement | null>, wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined
    const begunMs = performance.now()
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        const own = card.current
        const at = document.activeElement
        const isHere = at === document.body || (at?.closest('.xterm') && own?.closest('[role=tabpanel]')?.contains(at))
        if (own && isHere && performance.now() - begunMs < patienceMs) own.focus({ preventScroll: true })
      }, pauseMs)
    }
    wait()
    document.addEventListener('keydown', wait, { capture: true })
    return () => {
      clearTimeout(timer)
      document.removeEventListener('keydown', wait, { capture: true })
    }
  }, [card, wanted])
}
