// Rows by keyboard: arrows, Home and End go from row to row, Enter opens, the space bar chooses. What stands inside a row keeps its own keys.
type RowActs = { open?: () => void; select?: () => void }
type RowEvent = Pick<React.KeyboardEvent<HTMLElement>, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'currentTarget' | 'target' | 'preventDefault'>

export function rowKeyDown(event: RowEvent, { open, select }: RowActs): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target !== event.currentTarget) return
  const row = event.currentTarget
  const act = goalOf(event.key, row) ?? (event.key === 'Enter' ? open : event.key === ' ' ? select : undefined)
  if (!act) return
  event.preventDefault()
  act()
}

function goalOf(key: string, row: HTMLElement): (() => void) | undefined {
  const { parentElement, nextElementSibling, previousElementSibling } = row
  const goal =
    key === 'ArrowDown'
      ? nextElementSibling
      : key === 'ArrowUp'
        ? previousElementSibling
        : key === 'Home'
          ? parentElement?.firstElementChild
          : key === 'End'
            ? parentElement?.lastElementChild
            : undefined
  return goal instanceof HTMLElement ? () => goal.focus() : undefined
}
