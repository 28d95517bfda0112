import { describe, expect, it } from 'vitest'
import { faultOfWays, maxOnTheWay, namesOf } from './via.ts'

const ways = (...pairs: string[]) => new Map(pairs.map((pair) => [pair[0] ?? '', pair[1] ?? '']))
const chain = (length: number) => new Map(Array.from({ length }, (_, at) => [`h${at}`, `h${at + 1}`]))

describe('the ways to hosts', () => {
  it.each([
    ['none', ways(), undefined],
    ['a star', ways('az', 'bz', 'cz'), undefined],
    ['itself', ways('aa'), 'loop'],
    ['two that name each other', ways('ab', 'ba'), 'loop'],
    ['a loop further on', ways('ab', 'bc', 'cd', 'db'), 'loop'],
    ['four on the way', chain(maxOnTheWay), undefined],
    ['five on the way', chain(maxOnTheWay + 1), 'too-long'],
    ['a loop of a thousand', new Map([...chain(999), ['h999', 'h0']]), 'too-long'],
  ] as const)('judges %s', (_name, each, fault) => {
    expect(faultOfWays(each)).toBe(fault)
  })

  it('names five hosts and counts the rest', () => {
    expect(namesOf(['a'])).toBe('a')
    expect(namesOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more')
  })
})
