// The list of hosts by keyboard, from anywhere on the page. Arrows, Enter and the space bar on a row are every list's own.
import { useEffect, useRef } from 'react'

export type HostKeyActs = {
  /** Puts the cursor into the search field. */
  search: () => void
  help: () => void
  star: (host: string) => void
  edit: (host: string) => void
  /** Lets go of what is selected; false when nothing was. */
  letGo: () => void
}

const rowsOf = () => [...document.querySelectorAll<HTMLElement>('main [data-row]')]
const rowOf = (element: Element | null) => element?.closest<HTMLElement>('main [data-row]') ?? undefined

/** The row `by` steps from the one that has the focus; the first when none has. Undefined at the ends. */
function rowFrom(by: 1 | -1): HTMLElement | undefined {
  const rows = rowsOf()
  const at = rows.indexOf(rowOf(document.activeElement) ?? document.body)
  return at === -1 ? rows[0] : rows[at + by]
}

/** Whether keys belong to something else: a field, a menu, a dialog. */
const isTaken = (target: EventTarget | null) =>
  !(target instanceof Element) ||
  target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=dialog], [role=listbox]') !== null ||
  document.querySelector('[role=dialog]') !== null

export function useHostKeys(acts: HostKeyActs): void {
  const latest = useRef(acts)
  latest.current = acts
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTaken(event.target)) return
      const row = rowOf(document.activeElement)?.dataset['row']
      const { search, help, star, edit, letGo } = latest.current
      const steps: Record<string, (() => void) | undefined> = {
        j: () => rowFrom(1)?.focus(),
        k: () => rowFrom(-1)?.focus(),
        // On a row the arrows are the list's own.
        ArrowDown: row === undefined ? () => rowFrom(1)?.focus() : undefined,
        '/': search,
        '?': help,
        s: row === undefined ? undefined : () => star(row),
        e: row === undefined ? undefined : () => edit(row),
        Escape: letGo,
      }
      const act = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined
      if (!act || (event.key === 'ArrowDown' && document.activeElement !== document.body && document.activeElement?.id !== 'content')) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', keyDown)
    return () => document.removeEventListener('keydown', keyDown)
  }, [])
}

/** From the search field into the list. */
export const focusFirstRow = (): void => rowsOf()[0]?.focus()
