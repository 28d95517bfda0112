import { describe, expect, it } from 'vitest'
import { allOf, nothingChosen, only, rangeTo, stepped, toggledName, within } from './file-selection.ts'

const names = ['a', 'b', 'c', 'd', 'e']
const chosen = (selection: { chosen: ReadonlySet<string> }) => [...selection.chosen].toSorted()

describe('choosing rows', () => {
  it('goes from the anchor to wherever Shift leads, forth and back', () => {
    const from = only('c')
    const down = rangeTo(names, from, 'e')
    expect(chosen(down)).toEqual(['c', 'd', 'e'])
    const up = rangeTo(names, down, 'b')
    expect(chosen(up)).toEqual(['b', 'c'])
    expect(up.at).toBe('b')
    expect(chosen(rangeTo(names, toggledName(only('a'), 'd'), 'e', true))).toEqual(['a', 'd', 'e'])
  })

  it('adds and takes away single ones, and all', () => {
    expect(chosen(toggledName(toggledName(only('a'), 'c'), 'a'))).toEqual(['c'])
    expect(chosen(allOf(names, nothingChosen))).toEqual(names)
  })

  it('survives rows that come, and forgets those that go', () => {
    const two = toggledName(only('b'), 'd')
    expect(within(['x', ...names], two, 3)).toBe(two)
    const left = within(['a', 'b', 'c', 'e'], two, 3)
    expect(chosen(left)).toEqual(['b'])
    // Keys go on where the row was.
    expect(left.at).toBe('e')
    expect(within([], two, 3)).toEqual({ chosen: new Set(), at: undefined, anchor: undefined })
  })

  it('steps within the list', () => {
    expect([stepped(0, 'up', 5, 3), stepped(0, 'pageDown', 5, 3), stepped(3, 'pageDown', 5, 3), stepped(2, 'home', 5, 3)]).toEqual([0, 2, 4, 0])
    expect([stepped(-1, 'down', 5, 3), stepped(-1, 'up', 5, 3)]).toEqual([0, 4])
  })
})
