import { describe, expect, it } from 'vitest'
import { clampRatio, leastRatio, mostRatio, otherOf, ratioAfterKey, splitOf, withChange, withoutTab, withSplit } from './split-layout.ts'

describe('terminals shown two at a time', () => {
  it('belong to one pair at most', () => {
    let splits = withSplit([], 'a', 'b', 'row')
    splits = withSplit(splits, 'c', 'd', 'column')
    expect(splits).toHaveLength(2)
    splits = withSplit(splits, 'b', 'c', 'row')
    expect(splits).toEqual([{ first: 'b', second: 'c', direction: 'row', ratio: 0.5 }])
    expect([splitOf(splits, 'a'), splitOf(splits, undefined)]).toEqual([undefined, undefined])
    expect(otherOf(splits[0]!, 'b')).toBe('c')
    expect(otherOf(splits[0]!, 'c')).toBe('b')
    expect(withSplit(splits, 'x', 'x', 'row')).toBe(splits)
    expect(withoutTab(splits, 'c')).toEqual([])
  })
  it('keep a ratio that leaves both some room', () => {
    expect([clampRatio(0), clampRatio(2), clampRatio(NaN), clampRatio(0.3)]).toEqual([leastRatio, mostRatio, 0.5, 0.3])
    const splits = withSplit([], 'a', 'b', 'row')
    expect(withChange(splits, 'b', { ratio: 9 })[0]?.ratio).toBe(mostRatio)
    expect(withChange(splits, 'a', { direction: 'column' })[0]).toMatchObject({ direction: 'column', ratio: 0.5 })
    expect(withChange(splits, 'z', { ratio: 0.2 })).toEqual(splits)
  })
  it('are moved apart by keys along the divider', () => {
    expect(ratioAfterKey(0.5, 'row', 'ArrowRight')).toBeCloseTo(0.52)
    expect(ratioAfterKey(0.5, 'column', 'ArrowUp')).toBeCloseTo(0.48)
    expect([ratioAfterKey(0.5, 'row', 'ArrowUp'), ratioAfterKey(0.5, 'row', 'x')]).toEqual([undefined, undefined])
    expect([ratioAfterKey(0.5, 'row', 'Home'), ratioAfterKey(0.5, 'row', 'End'), ratioAfterKey(0.7, 'row', 'Enter')]).toEqual([leastRatio, mostRatio, 0.5])
  })
})
