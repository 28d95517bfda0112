import { describe, expect, it } from 'vitest'
import { maxDepth, readJsonBody } from './json-body.ts'

const read = (text: string) => readJsonBody(new TextEncoder().encode(text))
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

describe('a JSON body', () => {
  it('is the object as it was written, down to its deepest level', () => {
    expect(read('{"a":[1,{"b":"\u{1f600}"}]}')).toEqual({ a: [1, { b: '\u{1f600}' }] })
    expect(read(nested(maxDepth))).toEqual(JSON.parse(nested(maxDepth)))
    expect(read('')).toBeUndefined()
  })

  it('one level deeper is refused, and so is a depth that would overflow a stack', () => {
    for (const depth of [maxDepth + 1, 20_000]) expect(() => read(nested(depth))).toThrow(expect.objectContaining({ code: 'bad_request' }))
  })

  it('with __proto__ changes no prototype', () => {
    expect(() => read('{"a":{"__proto__":{"polluted":true}}}')).toThrow(expect.objectContaining({ code: 'unknown_field', field: 'a.__proto__' }))
    expect(() => read('{"\\u005f_proto__":1}')).toThrow(expect.objectContaining({ code: 'unknown_field' }))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
