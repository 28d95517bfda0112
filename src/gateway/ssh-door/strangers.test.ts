import { expect, it } from 'vitest'
import { mostStrangers, mostStrangersPerSource, type Stranger, Strangers } from './strangers.ts'

let now = 0
const shed: string[] = []
function someone(name: string, source: string, isOpened = false): Stranger {
  return { source, acceptedAtMs: now, isOpened, shed: () => void shed.push(name) }
}
function crowd(strangers: Strangers, count: number, source: (index: number) => string, isOpened = false): boolean[] {
  return Array.from({ length: count }, (_, index) => strangers.enter(someone(`${index}`, source(index), isOpened)))
}

it('holds ten of one address and a hundred in all, and takes the next when one has left', () => {
  const strangers = new Strangers(() => now)
  expect(crowd(strangers, mostStrangersPerSource + 1, () => '192.0.2.1').filter(Boolean)).toHaveLength(mostStrangersPerSource)
  expect(crowd(strangers, mostStrangers, (index) => `198.51.100.${index}`).filter(Boolean)).toHaveLength(mostStrangers - mostStrangersPerSource)
  expect(strangers.size).toBe(mostStrangers)
  const late = someone('late', '203.0.113.1')
  expect(strangers.enter(late)).toBe(false)

  const others = new Strangers(() => now)
  const first = someone('first', '192.0.2.1')
  expect(others.enter(first)).toBe(true)
  expect(crowd(others, mostStrangersPerSource, () => '192.0.2.1').at(-1)).toBe(false)
  others.leave(first)
  others.leave(first)
  expect(others.enter(someone('next', '192.0.2.1'))).toBe(true)
})

it('gives the place of one that has said nothing for a second to the next, the oldest first, and of its own address before others (DOS-01)', () => {
  const strangers = new Strangers(() => now)
  crowd(strangers, mostStrangersPerSource, () => '192.0.2.1')
  now += 1001
  shed.length = 0
  expect(strangers.enter(someone('honest', '192.0.2.1'))).toBe(true)
  expect(shed).toEqual(['0'])
  crowd(strangers, mostStrangers - mostStrangersPerSource, (index) => `198.51.100.${index}`, true)
  expect(strangers.size).toBe(mostStrangers)
  shed.length = 0
  // Nobody of its own address is there: the oldest silent one of all makes room.
  expect(strangers.enter(someone('honest too', '203.0.113.1'))).toBe(true)
  expect(shed).toEqual(['1'])
})

it('never gives away the place of a connection that has agreed on keys', () => {
  const strangers = new Strangers(() => now)
  crowd(strangers, mostStrangersPerSource, () => '192.0.2.1', true)
  now += 60_000
  shed.length = 0
  expect(strangers.enter(someone('late', '192.0.2.1'))).toBe(false)
  expect(shed).toEqual([])
})
