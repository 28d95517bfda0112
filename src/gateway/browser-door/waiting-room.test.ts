import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { WaitingRoom } from './waiting-room.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function people(room: WaitingRoom, count: number): number[] {
  const entered: number[] = []
  for (let person = 1; person <= count; person += 1) room.pass(() => entered.push(person))
  return entered
}

it('lets people wait until the gateway is ready, in the order in which they came', () => {
  const room = new WaitingRoom()
  const entered = people(room, 3)
  expect(entered).toEqual([])
  room.open()
  expect(entered).toEqual([1, 2, 3])
  expect(people(room, 1)).toEqual([1])
  expect(vi.getTimerCount()).toBe(0)
})

it('keeps nobody for longer than 5 seconds', () => {
  const room = new WaitingRoom()
  const entered = people(room, 2)
  vi.advanceTimersByTime(4999)
  expect(entered).toEqual([])
  vi.advanceTimersByTime(1)
  expect(entered).toEqual([1, 2])
  const later = people(room, 1)
  vi.advanceTimersByTime(4999)
  expect(later).toEqual([])
  room.open()
  expect(later).toEqual([1])
})

it('holds a thousand at most', () => {
  const room = new WaitingRoom()
  expect(people(room, 1001)).toEqual([1001])
  room.open()
})
