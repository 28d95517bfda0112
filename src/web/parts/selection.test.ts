import { expect, it } from 'vitest'
import { isWholePage, toggled, toggledPage } from './selection.ts'

it('chooses and leaves one row', () => {
  const one = toggled(new Set(['a']), 'b')
  expect([...one]).toEqual(['a', 'b'])
  expect([...toggled(one, 'a')]).toEqual(['b'])
})

it('chooses a page, and leaves it when all of it was chosen, without touching others', () => {
  const page = toggledPage(new Set(['x', 'a']), ['a', 'b'])
  expect([...page].toSorted()).toEqual(['a', 'b', 'x'])
  expect([...toggledPage(page, ['a', 'b'])]).toEqual(['x'])
  expect([isWholePage(page, ['a', 'b']), isWholePage(page, []), isWholePage(page, ['c'])]).toEqual([true, false, false])
})
