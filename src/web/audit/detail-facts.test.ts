import { expect, it } from 'vitest'
import { detailFacts, mostFacts } from './detail-facts.ts'

it('lays facts out under joined names, lists in one line', () => {
  const detail = { before: { idleSeconds: 60, roles: ['admin', 'auditor'] }, why: 'wrong_password', none: null, empty: {}, list: [] }
  expect(detailFacts(detail)).toEqual({
    facts: [
      { name: 'before › idleSeconds', value: '60' },
      { name: 'before › roles', value: 'admin, auditor' },
      { name: 'why', value: 'wrong_password' },
      { name: 'none', value: '–' },
      { name: 'empty', value: '–' },
      { name: 'list', value: '–' },
    ],
    isCut: false,
  })
})

it('bounds depth and number, and takes signs away that turn the direction of text', () => {
  expect(() => detailFacts({ nested: JSON.parse('{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}') })).not.toThrow()
  expect(detailFacts({ nested: { a: { b: { c: { d: { e: { f: 1 } } } } } } }).facts[0]?.name).toBe('nested › a › b › c › d › e')
  const many = detailFacts(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, at])))
  expect([many.facts.length, many.isCut]).toEqual([mostFacts, true])
  expect(detailFacts({ 'a\u202eb': 'c\u0007d\u2066e' }).facts).toEqual([{ name: 'ab', value: 'cde' }])
})
