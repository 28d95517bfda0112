import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Chained, chainHash, chainStart, coveredFields } from './chain.ts'
import { isWholeLine, type LedgerLine, lineText, parseLine } from './ledger-line.ts'

const nothing = { operator: null, object: null, source: null, detail: null, requestId: null, before: null, after: null }
const row: Chained = {
  ...nothing,
  number: 1,
  chainedAt: 1_795_251_758_121,
  seq: 1,
  at: 1_795_251_758_000,
  code: 'settings.changed',
  outcome: 'done',
  object: 'é',
}
/** Calculated by another program, from the words of docs/protocol/ledger.md alone. */
const known = 'd918dadd2365c01106c21e6632faee0b71db477c78fd6562cdbeeeac7c379118'

describe('the hash of a row in the chain', () => {
  it('is what the protocol says, byte by byte', () => {
    expect(chainHash(chainStart, row)).toBe(known)
    expect(readFileSync('docs/protocol/ledger.md', 'utf8')).toContain(`has the hash \`${known}\``)
  })

  it.each(coveredFields)('covers %s', (field) => {
    const value = row[field]
    const others = typeof value === 'number' ? [value + 1, -value] : value === null ? ['', '0'] : [`${value} `, null, '']
    const hashes = others.map((other) => chainHash(chainStart, { ...row, [field]: other }))
    expect(new Set([known, ...hashes]).size).toBe(1 + others.length)
  })

  it('covers every column of the ledger and the place in the chain', () => {
    expect([...coveredFields].sort()).toEqual(Object.keys(row).sort())
  })

  it('covers the hash before', () => expect(chainHash('1'.repeat(64), row)).not.toBe(known))

  it('tells rows apart that look alike when their columns are put together', () => {
    const one = chainHash(chainStart, { ...row, operator: 'ab', object: 'c' })
    const other = chainHash(chainStart, { ...row, operator: 'a', object: 'bc' })
    expect(one).not.toBe(other)
  })
})

describe('a row as a line', () => {
  const line: LedgerLine = { ...row, previous: chainStart, hash: known }

  it('can be read and verified alone', () => {
    expect(parseLine(lineText(line))).toEqual(line)
    expect(isWholeLine(line)).toBe(true)
    expect(isWholeLine({ ...line, object: 'e' })).toBe(false)
  })

  it('has no byte but printable ASCII, whatever it holds, and is the same row when read (AUD-09)', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.string({ unit: 'binary', maxLength: 50 }), (object, detail) => {
          const text = lineText({ ...line, object, detail })
          const read = parseLine(text)
          return /^[\x20-\x7e]+$/.test(text) && read?.object === object && read.detail === detail
        }),
      ),
    ).not.toThrow()
  })

  it.each(['', '{}', 'null', '[]', lineText(line).replace('"seq":1', '"seq":"1"'), lineText(line).replace('{', '{"__proto__":1,'), 'x'.repeat(300_000)])(
    'is refused when it is none: %.20s',
    (text) => expect(parseLine(text)).toBeUndefined(),
  )
})
