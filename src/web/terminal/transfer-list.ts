// The `sz` and `rz` of one terminal as its tab keeps them: the one under way, and those that ended last until somebody has read how.
import type { TransferState } from '#domain/terminal-transfer.ts'

/** `heardAtMs`: of the page's own clock, for what counts down. */
export type TabTransfer = { readonly state: TransferState; readonly heardAtMs: number }

/** More are not read; the sessions' page has them all. */
const mostOver = 3

export const isOver = ({ state }: Pick<TransferState, 'state'>): boolean => state !== 'asked' && state !== 'running'

/** The newest last. One terminal has one at a time: another that seemed under way was ended while nobody could say so. */
export function withTransfer(list: readonly TabTransfer[], state: TransferState, nowMs: number): readonly TabTransfer[] {
  const at = list.findIndex((one) => one.state.id === state.id)
  // What is over stays so, whatever is heard late.
  if (at !== -1 && list[at] && isOver(list[at].state)) return list
  const heard: TabTransfer = { state, heardAtMs: nowMs }
  if (at !== -1) return list.with(at, heard)
  return [...list.filter((one) => isOver(one.state)).slice(-mostOver), heard]
}

export const withoutTransfer = (list: readonly TabTransfer[], id: string): readonly TabTransfer[] => list.filter(({ state }) => state.id !== id)

/** The one under way. */
export const runningOf = (list: readonly TabTransfer[] | undefined): TabTransfer | undefined => list?.find(({ state }) => !isOver(state))

/** Until a card counts as no; whole seconds, 0 when that is over. */
export function secondsLeft({ state, heardAtMs }: TabTransfer, nowMs: number): number {
  return Math.max(0, Math.ceil((state.secondsLeft ?? 0) - (nowMs - heardAtMs) / 1000))
}
