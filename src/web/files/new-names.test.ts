import { describe, expect, it } from 'vitest'
import { besideName, nameFault, stemLength } from './new-names.ts'

describe('a name that is given', () => {
  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['a/b', 'slash'],
    ['..', 'dots'],
    ['a\nb', 'unseen'],
    ['exe\u202egnp.txt', 'unseen'],
    ['中'.repeat(86), 'long'],
    ['中'.repeat(85), undefined],
    ['...', undefined],
    ['季度 报告.pdf', undefined],
  ])('%j is faulted with %s', (name, fault) => expect(nameFault(name)).toBe(fault))
})

describe('a name that must give way', () => {
  it('keeps its ending, whatever it is', () => {
    const taken = new Set(['a (2).txt', 'x (2).tar.gz'])
    const beside = (name: string, from?: number) => besideName(name, (one) => taken.has(one), from)
    expect([beside('a.txt'), beside('x.tar.gz'), beside('.bashrc'), beside('Makefile')]).toEqual(['a (3).txt', 'x (3).tar.gz', '.bashrc (2)', 'Makefile (2)'])
    expect(beside('a.txt', 7)).toBe('a (7).txt')
  })

  it('is selected before its ending', () => {
    expect(['report.pdf', 'a.tar.gz', '.env', 'noend'].map(stemLength)).toEqual([6, 1, 4, 5])
  })
})
