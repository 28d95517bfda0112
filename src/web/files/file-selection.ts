// Which rows are chosen, as in file managers everywhere. Pure. Rows are known by their names, which are unique in a folder, so that a list that grows or turns keeps the choice.
export type Selection = {
  chosen: ReadonlySet<string>
  /** The row that keys go to. */
  at: string | undefined
  /** Where a range begins. */
  anchor: string | undefined
}
export const nothingChosen: Selection = { chosen: new Set(), at: undefined, anchor: undefined }

export const only = (name: string): Selection => ({ chosen: new Set([name]), at: name, anchor: name })
export const toggledName = ({ chosen }: Selection, name: string): Selection => {
  const next = new Set(chosen)
  if (!next.delete(name)) next.add(name)
  return { chosen: next, at: name, anchor: name }
}
/** From the anchor to here, in the order of `names`; `added` keeps what was chosen before. */
export function rangeTo(names: readonly string[], selection: Selection, to: string, added = false): Selection {
  const anchor = selection.anchor !== undefined && names.includes(selection.anchor) ? selection.anchor : (selection.at ?? to)
  const [a, b] = [names.indexOf(anchor), names.indexOf(to)]
  if (b === -1) return selection
  const [from, until] = a === -1 ? [b, b] : [Math.min(a, b), Math.max(a, b)]
  return { chosen: new Set([...(added ? selection.chosen : []), ...names.slice(from, until + 1)]), at: to, anchor: a === -1 ? to : anchor }
}
export const allOf = (names: readonly string[], { at, anchor }: Selection): Selection => ({
  chosen: new Set(names),
  at: at ?? names[0],
  anchor: anchor ?? names[0],
})

/** What is no longer there (deleted, filtered away) is not chosen. The row that keys go to becomes the one that took its place. */
export function within(names: readonly string[], selection: Selection, placeOfAt: number): Selection {
  const there = new Set(names)
  const isKept = selection.at === undefined || there.has(selection.at)
  if (isKept && [...selection.chosen].every((name) => there.has(name))) return selection
  const at = isKept ? selection.at : names[Math.min(Math.max(placeOfAt, 0), names.length - 1)]
  return {
    chosen: new Set([...selection.chosen].filter((name) => there.has(name))),
    at,
    anchor: selection.anchor !== undefined && there.has(selection.anchor) ? selection.anchor : at,
  }
}

export type Step = 'up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end'
/** The place that a key goes to. `page`: rows that are seen at once. */
export function stepped(place: number, step: Step, count: number, page: number): number {
  const last = count - 1
  if (place === -1) return step === 'up' || step === 'end' ? last : 0
  const by = { up: -1, down: 1, pageUp: -Math.max(1, page - 1), pageDown: Math.max(1, page - 1), home: -Infinity, end: Infinity }[step]
  return Math.min(last, Math.max(0, place + by))
}
