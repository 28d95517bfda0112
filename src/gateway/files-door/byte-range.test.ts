import { expect, test } from 'vitest'
import { ifRangeHolds, readRange } from './byte-range.ts'

test.each([
  ['bytes=0-0', { from: 0, to: 0 }],
  ['bytes=0-', { from: 0, to: 99 }],
  ['bytes=40-59', { from: 40, to: 59 }],
  ['bytes=99-200', { from: 99, to: 99 }],
  ['bytes=-1', { from: 99, to: 99 }],
  ['bytes=-500', { from: 0, to: 99 }],
  ['BYTES= 5-6 ', { from: 5, to: 6 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=9999999999999999-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  // Ignored: the whole file is sent.
  [undefined, undefined],
  ['bytes=5-4', undefined],
  ['bytes=0-1,5-6', undefined],
  ['bytes=-', undefined],
  ['bytes=a-b', undefined],
  ['bytes=-1-5', undefined],
  ['items=0-1', undefined],
  ['bytes=99999999999999999-', undefined],
])('%s of 100 bytes', (header, range) => {
  expect(readRange(header, 100)).toEqual(range)
})

test('of nothing there is no range', () => {
  expect(['bytes=0-', 'bytes=-1', 'bytes=0-0'].map((header) => readRange(header, 0))).toEqual(['unsatisfiable', 'unsatisfiable', 'unsatisfiable'])
})

test.each([
  [undefined, true],
  ['"a"', true],
  ['"b"', false],
  ['W/"a"', false],
  ['Sun, 22 Nov 2026 01:00:00 GMT', false],
])('If-Range %s holds for "a": %s', (header, holds) => {
  expect(ifRangeHolds(header, '"a"')).toBe(holds)
})

test('a weak tag never holds, not even for itself', () => {
  expect(ifRangeHolds('W/"a"', 'W/"a"')).toBe(false)
})
