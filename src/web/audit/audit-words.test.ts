import { expect, it } from 'vitest'
import { auditCodes } from '#domain/audit-event.ts'
import { audit as english } from '../words/en/audit.ts'
import { audit as chinese } from '../words/zh/audit.ts'

const codes = (words: object) => Object.entries(words).flatMap(([family, acts]) => Object.keys(acts as object).map((act) => `${family}.${act}`))

it('has words for every code of the ledger in both languages, and for no other', () => {
  expect(codes(english.code).toSorted()).toEqual([...auditCodes].toSorted())
  expect(codes(chinese.code).toSorted()).toEqual([...auditCodes].toSorted())
  for (const words of [english.code, chinese.code]) for (const acts of Object.values(words)) expect(Object.values(acts)).not.toContain('')
})
