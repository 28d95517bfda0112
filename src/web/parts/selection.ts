// Chosen rows, as a set that is never changed in place.

export function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected)
  if (!next.delete(key)) next.add(key)
  return next
}

export const isWholePage = (selected: ReadonlySet<string>, page: readonly string[]): boolean => page.length > 0 && page.every((key) => selected.has(key))

/** All of the page; none of it when all were chosen. Rows of other pages stay as they are. */
export function toggledPage(selected: ReadonlySet<string>, page: readonly string[]): ReadonlySet<string> {
  const next = new Set(selected)
  const whole = isWholePage(selected, page)
  for (const key of page)
    if (whole) next.delete(key)
    else next.add(key)
  return next
}
