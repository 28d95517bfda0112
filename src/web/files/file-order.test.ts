import { describe, expect, it } from 'vitest'
import type { FileEntry } from '#wire/files.ts'
import { filtered, ordered, plainKey, typedAhead } from './file-order.ts'

const file = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({ name, isUsable: true, kind: 'file', bytes: 0, ...more })
const names = (entries: readonly FileEntry[]) => entries.map(({ name }) => name)

describe('the order of files', () => {
  const few = [
    file('b.txt', { bytes: 30, mtime: 3 }),
    file('A10', { bytes: 10, mtime: 1 }),
    file('zeta', { kind: 'folder' }),
    file('a2', { bytes: 20, mtime: 2 }),
    file('link', { kind: 'link', leadsTo: 'folder' }),
  ]
  it('has folders first, then people’s order of names', () => {
    expect(names(ordered(few, { by: 'name', descending: false }, 'en'))).toEqual(['link', 'zeta', 'a2', 'A10', 'b.txt'])
    expect(names(ordered(few, { by: 'name', descending: true }, 'en'))).toEqual(['zeta', 'link', 'b.txt', 'A10', 'a2'])
    expect(names(ordered(few, { by: 'size', descending: true }, 'en'))).toEqual(['link', 'zeta', 'b.txt', 'a2', 'A10'])
    expect(names(ordered(few, { by: 'changed', descending: false }, 'en')).slice(2)).toEqual(['A10', 'a2', 'b.txt'])
  })

  it('of Chinese names is by pinyin for who reads Chinese', () => {
    expect(names(ordered([file('重'), file('北'), file('安')], { by: 'name', descending: false }, 'zh'))).toEqual(['安', '北', '重'])
  })

  it('of a hundred thousand is there in a moment, with numbers by their size', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => file(`file-${(at * 7919) % 100_000}.log`))
    const begunMs = performance.now()
    const sorted = ordered(many, { by: 'name', descending: false }, 'en')
    // A tenth of it on a quiet machine.
    expect(performance.now() - begunMs).toBeLessThan(5000)
    expect([0, 9, 10, 99_999].map((at) => sorted[at]?.name)).toEqual(['file-0.log', 'file-9.log', 'file-10.log', 'file-99999.log'])
  })

  it('reads numbers of any length', () => {
    expect(['a100', 'a20', 'a3', 'A003', `a${'9'.repeat(30)}`].toSorted((a, b) => (plainKey(a) < plainKey(b) ? -1 : 1))).toEqual([
      'a3',
      'A003',
      'a20',
      'a100',
      `a${'9'.repeat(30)}`,
    ])
  })
})

describe('what is shown', () => {
  const entries = [file('.env'), file('Read me.md'), file('readme.txt'), file('x')]
  it('hides names with a dot, and finds all words in any case', () => {
    expect(names(filtered(entries, { hidden: false, search: '' }))).toEqual(['Read me.md', 'readme.txt', 'x'])
    expect(names(filtered(entries, { hidden: true, search: 'EN' }))).toEqual(['.env'])
    expect(names(filtered(entries, { hidden: false, search: 'me rea' }))).toEqual(['Read me.md', 'readme.txt'])
  })

  it('is found by its first letters, around the end', () => {
    expect(typedAhead(entries, 're', 2)).toBe(2)
    expect(typedAhead(entries, 're', 3)).toBe(1)
    expect(typedAhead(entries, 'q', 0)).toBe(-1)
  })
})
