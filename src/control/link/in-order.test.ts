import { expect, test } from 'vitest'
import { InOrder } from './in-order.ts'

const nothing = () => undefined

test('brings what comes together to the work together, in order, and what is told after it after it', async () => {
  const inOrder = new InOrder(nothing, nothing)
  const done: string[] = []
  const work = async (items: readonly number[]) => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push(items.join(' '))
  }
  for (let item = 0; item < 40; item += 1) inOrder.gather('se_a', 1, item, work)
  inOrder.gather('se_b', 1, 100, work)
  inOrder.run('se_a', 1, async () => void done.push('the end'))
  inOrder.gather('se_a', 1, 40, work)
  await inOrder.settled()
  const ofA = done.filter((line) => line !== '100')
  expect(ofA.slice(-2)).toEqual(['the end', '40'])
  expect(ofA.slice(0, -2).join(' ').split(' ').map(Number)).toEqual(Array.from({ length: 40 }, (_, index) => index))
  expect(ofA.slice(0, -2).map((line) => line.split(' ').length)).toEqual([32, 8])
  expect(done).toContain('100')
})

test('reads no more of a link past its bound, and goes on at half of it', async () => {
  const told: string[] = []
  const inOrder = new InOrder(
    () => told.push('full'),
    () => told.push('room'),
  )
  for (let item = 0; item < 130; item += 1) inOrder.gather('se_a', 1, item, () => Promise.resolve())
  expect(told).toEqual(['full'])
  await inOrder.settled()
  expect(told).toEqual(['full', 'room'])
})
