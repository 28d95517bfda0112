import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import { canonicalJson, digestOfFacts } from './digest.ts'

describe('digests of facts', () => {
  it('are of JSON with sorted names and no blanks', () => {
    const facts = { b: [1, { z: null, a: 'é' }], a: { '2': true, '10': false }, gone: undefined }
    expect(canonicalJson(facts)).toBe('{"a":{"10":false,"2":true},"b":[1,{"a":"é","z":null}]}')
    expect(digestOfFacts(facts)).toBe(createHash('sha256').update('{"a":{"10":false,"2":true},"b":[1,{"a":"é","z":null}]}').digest('hex'))
    expect(digestOfFacts(undefined)).toBeNull()
    expect(digestOfFacts(null)).toBe(createHash('sha256').update('null').digest('hex'))
  })

  it('know nothing of a secret', () => {
    expect(canonicalJson({ password: new Secret('hunter2'), list: [new Secret('x')] })).toBe('{"list":["[secret]"],"password":"[secret]"}')
    expect(digestOfFacts({ password: new Secret('hunter2') })).toBe(digestOfFacts({ password: new Secret('hunter3') }))
  })

  it('refuse what is nested without end', () => {
    const deep: Record<string, unknown> = {}
    deep['self'] = deep
    expect(() => digestOfFacts(deep)).toThrow('nested too deeply')
  })

  it('are the same for the same facts, in whatever order, and JSON for any value', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          const text = canonicalJson(value)
          const again: unknown = JSON.parse(text)
          return canonicalJson(again) === text && canonicalJson(reversed(again)) === text
        }),
      ),
    ).not.toThrow()
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, entry]) => [name, reversed(entry)]),
  )
}
