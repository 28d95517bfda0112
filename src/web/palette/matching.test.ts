import { expect, it } from 'vitest'
import { begins, fits, inOrder, step } from './matching.ts'

it('a page is found by its name and by other words for it, in both languages', () => {
  const keywords = 'settings preferences idle 设置 空闲'
  for (const text of ['set', 'IDLE', '空闲', '设置', 'preferences settings']) expect([text, fits(text, 'Settings', keywords)]).toEqual([text, true])
  expect(fits('settings 主机', 'Settings', keywords)).toBe(false)
  expect([begins('log', 'Dark theme'), begins('the', 'Dark theme'), begins('01', 'web-01'), begins(' ', 'x')]).toEqual([false, true, true, false])
})

it('what is called so comes before what only mentions it', () => {
  const item = (id: string, group: 'hosts' | 'pages' | 'connect', isNear: boolean) => ({ id, group, begins: isNear })
  const order = ['connect', 'hosts', 'pages'] as const
  const ids = (items: ReturnType<typeof item>[]) => inOrder(items, order).map(({ id }) => id)
  expect(ids([item('h', 'hosts', false), item('p', 'pages', true)])).toEqual(['p', 'h'])
  expect(ids([item('p', 'pages', true), item('h', 'hosts', true)])).toEqual(['h', 'p'])
  expect(ids([item('p1', 'pages', false), item('p2', 'pages', true), item('c', 'connect', false)])).toEqual(['c', 'p2', 'p1'])
})

it('arrows go round', () => {
  expect([step(0, 1, 3), step(2, 1, 3), step(0, -1, 3), step(-1, 1, 3), step(-1, -1, 3), step(0, 1, 0)]).toEqual([1, 0, 2, 0, 2, -1])
})
