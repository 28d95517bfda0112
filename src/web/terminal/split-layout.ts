// Which terminals are shown two at a time. Pure but for the store at the end.
import { useSyncExternalStore } from 'react'

export type SplitDirection = 'row' | 'column'
export type Split = {
  first: string
  second: string
  direction: SplitDirection
  /** Share of the first, 0.15 to 0.85. */
  ratio: number
}

/** Below this a terminal on a small screen has no room for a line. */
export const [leastRatio, mostRatio] = [0.15, 0.85]
export const clampRatio = (ratio: number): number => (Number.isFinite(ratio) ? Math.min(mostRatio, Math.max(leastRatio, ratio)) : 0.5)

export const splitOf = (splits: readonly Split[], tab: string | undefined): Split | undefined =>
  splits.find(({ first, second }) => first === tab || second === tab)
export const otherOf = (split: Split, tab: string): string => (split.first === tab ? split.second : split.first)

/** Splits without those of this tab. */
export const withoutTab = (splits: readonly Split[], tab: string): readonly Split[] => splits.filter(({ first, second }) => first !== tab && second !== tab)

/** A tab is shown with at most one other: what either was split with before stands alone again. */
export function withSplit(splits: readonly Split[], first: string, second: string, direction: SplitDirection): readonly Split[] {
  if (first === second) return splits
  return [...withoutTab(withoutTab(splits, first), second), { first, second, direction, ratio: 0.5 }]
}

export const withChange = (splits: readonly Split[], tab: string, change: Partial<Pick<Split, 'direction' | 'ratio'>>): readonly Split[] =>
  splits.map((split) => (split.first === tab || split.second === tab ? { ...split, ...change, ratio: clampRatio(change.ratio ?? split.ratio) } : split))

/** The ratio after a key on the divider: arrows move it by 2 %, Home and End to its ends, Enter to the middle. Undefined for other keys. */
export function ratioAfterKey(ratio: number, direction: SplitDirection, key: string): number | undefined {
  const [less, more] = direction === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  if (key === less) return clampRatio(ratio - 0.02)
  if (key === more) return clampRatio(ratio + 0.02)
  if (key === 'Home') return leastRatio
  if (key === 'End') return mostRatio
  return key === 'Enter' ? 0.5 : undefined
}

let splits: readonly Split[] = []
const listeners = new Set<() => void>()

export function changeSplits(change: (splits: readonly Split[]) => readonly Split[]): void {
  splits = change(splits)
  for (const listener of listeners) listener()
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
export const useSplits = (): readonly Split[] => useSyncExternalStore(subscribe, () => splits)
