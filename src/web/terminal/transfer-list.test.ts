import { describe, expect, it } from 'vitest'
import type { TransferState } from '#domain/terminal-transfer.ts'
import type { TabTransfer } from './transfer-list.ts'
import { runningOf, secondsLeft, withoutTransfer, withTransfer } from './transfer-list.ts'

const state = (id: number, is: TransferState['state'], more: Partial<TransferState> = {}): TransferState => ({
  ...{ id: String(id).padStart(24, '0'), way: 'sz', state: is, files: [], count: 1, moved: 0, bytesPerSecond: 0 },
  ...more,
})
const after = (...states: TransferState[]) => states.reduce<readonly TabTransfer[]>((list, one) => withTransfer(list, one, 0), [])
const said = (list: readonly TabTransfer[]) => list.map(({ state: one }) => `${Number(one.id)} ${one.state}`)

describe('the transfers of a terminal', () => {
  it('are told whole each time, and stand once', () => {
    expect(said(after(state(1, 'asked'), state(1, 'running'), state(1, 'done')))).toEqual(['1 done'])
    expect(runningOf(after(state(1, 'done'), state(2, 'asked')))?.state.id).toBe(state(2, 'asked').id)
    expect(runningOf(after(state(1, 'refused')))).toBeUndefined()
  })
  it('that are over stay so, a few of them, until somebody closes them', () => {
    expect(said(after(state(1, 'cancelled'), state(1, 'running')))).toEqual(['1 cancelled'])
    const many = after(...[1, 2, 3, 4, 5].map((id) => state(id, 'done')))
    expect(said(many)).toEqual(['2 done', '3 done', '4 done', '5 done'])
    expect(said(withoutTransfer(many, state(3, 'done').id))).toEqual(['2 done', '4 done', '5 done'])
  })
  it('leave nothing under way behind that another one has followed', () => {
    expect(said(after(state(1, 'running'), state(2, 'asked')))).toEqual(['2 asked'])
  })
  it('count down from when they were heard', () => {
    const [asked] = withTransfer([], state(1, 'asked', { secondsLeft: 30 }), 1000)
    if (!asked) throw new Error('nothing was kept')
    expect([1000, 1001, 11_500, 99_000].map((nowMs) => secondsLeft(asked, nowMs))).toEqual([30, 30, 20, 0])
  })
})
