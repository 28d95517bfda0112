import { describe, expect, it } from 'vitest'
import { columnsFor, rowWindow, scrollToRow } from './row-window.ts'

describe('the rows that are drawn', () => {
  it('are few, however long the list and wherever one is in it', () => {
    for (const scrolled of [0, 32, 1_000_000, 3_199_000]) {
      const { from, to, height } = rowWindow(100_000, 32, scrolled, 700)
      expect(to - from).toBeLessThan(60)
      expect(from * 32).toBeLessThanOrEqual(scrolled)
      expect(Math.min(100_000, Math.ceil((scrolled + 700) / 32))).toBeLessThanOrEqual(to)
      expect(height).toBe(3_200_000)
    }
    expect(rowWindow(3, 32, 0, 700)).toEqual({ from: 0, to: 3, height: 96 })
    // Scrolled beyond an end that has come nearer.
    expect(rowWindow(10, 32, 5000, 700).to).toBe(10)
  })

  it('scroll only as far as it takes to see the row', () => {
    expect(scrollToRow(5, 30, 0, 300)).toBeUndefined()
    expect(scrollToRow(10, 30, 0, 300)).toBe(30)
    expect(scrollToRow(2, 30, 100, 300)).toBe(60)
  })

  it('lose columns before they lose the name', () => {
    expect(columnsFor(700)).toEqual({ size: true, changed: true, mode: true, owner: true, isTight: false })
    expect(columnsFor(360)).toEqual({ size: false, changed: false, mode: false, owner: false, isTight: true })
  })
})
