import { beforeEach, expect, it } from 'vitest'
import { mostInLinePerSource, mostStrangers, mostStrangersPerSource, type Stranger, Strangers } from './strangers.ts'

let now = 0
let strangers: Strangers
const entered: string[] = []
const shed: string[] = []
beforeEach(() => {
  strangers = new Strangers(() => now)
  entered.length = shed.length = 0
})
function someone(name: string, source: string, isOpened = false): Stranger {
  return { source, isOpened, enter: () => void entered.push(name), shed: () => void shed.push(name) }
}
function crowd(count: number, source: (index: number) => string, isOpened = false): Stranger[] {
  const all = Array.from({ length: count }, (_, index) => someone(`${source(index)} ${index}`, source(index), isOpened))
  for (const each of all) strangers.come(each)
  return all
}
const leaveAll = (all: readonly Stranger[]) => all.forEach((each) => strangers.leave(each))

it('holds ten of one address and a hundred in all; the rest wait in line, and enter as others leave', () => {
  const same = crowd(mostStrangersPerSource + 2, () => '192.0.2.1', true)
  expect([strangers.size, strangers.inLine]).toEqual([mostStrangersPerSource, 2])
  const others = crowd(mostStrangers, (index) => `198.51.100.${index}`, true)
  expect([strangers.size, strangers.inLine]).toEqual([mostStrangers, 2 + mostStrangersPerSource])
  const first = same[0]
  if (first) strangers.leave(first)
  expect(entered.at(-1)).toBe('192.0.2.1 10')
  if (first) strangers.leave(first)
  expect(strangers.size).toBe(mostStrangers)
  leaveAll([...same, ...others])
  expect([strangers.size, strangers.inLine]).toEqual([0, 0])
})

it('lets the oldest in line give way when it is full', () => {
  const all = crowd(mostStrangersPerSource + mostInLinePerSource + 1, () => '192.0.2.1', true)
  expect(strangers.inLine).toBe(mostInLinePerSource)
  expect(shed).toEqual(['192.0.2.1 10'])
  leaveAll(all)
})

it('gives the place of one that has said nothing for a second to the next, the oldest first, and of its own address before others (DOS-01)', () => {
  const silent = crowd(mostStrangersPerSource, () => '192.0.2.1')
  const early = someone('early', '192.0.2.1')
  strangers.come(early)
  expect(entered).not.toContain('early')
  now += 1001
  strangers.look()
  expect([shed, entered.at(-1)]).toEqual([['192.0.2.1 0'], 'early'])
  const others = crowd(mostStrangers - mostStrangersPerSource, (index) => `198.51.100.${index}`, true)
  shed.length = 0
  // Nobody of its own address is there: the oldest silent one of all makes room.
  const honest = someone('honest', '203.0.113.1')
  strangers.come(honest)
  expect([shed, entered.at(-1)]).toEqual([['192.0.2.1 1'], 'honest'])
  leaveAll([...silent, early, ...others, honest])
})

it('never gives away the place of a connection that has agreed on keys', () => {
  const all = crowd(mostStrangersPerSource, () => '192.0.2.1', true)
  now += 60_000
  const late = someone('late', '192.0.2.1')
  strangers.come(late)
  strangers.look()
  expect([shed, entered.includes('late')]).toEqual([[], false])
  leaveAll([...all, late])
})
