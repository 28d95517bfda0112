import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Asker, decide, isRefusal, missingOf, type Question } from '#domain/access.ts'
import { type FileDirection, fileDirections, judgeFile, maxFileRules } from '#domain/file-rule.ts'
import { type Grant, grantActions, GrantTerms } from '#domain/grant.ts'
import { AssetId, GrantId, makeId, OperatorId } from '#domain/id.ts'
import { maxLinkAnswerBytes } from '#wire/link.ts'
import { fileRulesOf } from './file-rules.ts'

const operator: Asker = {
  ...{ id: OperatorId.parse(`op_${'a'.repeat(24)}`), name: 'ann', role: 'member', enabled: true, mayWatch: false },
  ...{ groups: [], secondFactor: false },
}
const asset = { id: AssetId.parse(`as_${'a'.repeat(24)}`), tags: ['prod'] }
const question: Omit<Question, 'action'> = { operator, asset, account: 'root', door: 'web', source: '192.0.2.1' }
const now = Date.parse('2026-11-22T12:00:00Z')
let count = 0
const grant = (terms: Partial<GrantTerms>, more: Partial<Grant> = {}): Grant => ({
  id: makeId(GrantId, 'gt', randomBytes(15)),
  name: `grant ${(count += 1)}`,
  ...{ operators: [operator.id], groups: [], assets: 'all', tags: [] },
  terms: GrantTerms.parse({ actions: [...grantActions], accounts: 'all', ...terms }),
  ...more,
})
const rulesOf = (grants: readonly Grant[], of = question, directions: readonly FileDirection[] = fileDirections) => fileRulesOf(of, directions, grants, now)

describe('the rules about files', () => {
  it('are one for each grant that covers, the most permissive first', () => {
    const rules = rulesOf([
      grant({ actions: ['download'], paths: ['/var/log'] }, { name: 'logs' }),
      grant({ actions: ['upload', 'shell'], maxBytes: 1000 }, { name: 'small' }),
      grant({ actions: ['shell'] }, { name: 'shell alone' }),
      grant({ actions: ['upload', 'download'] }, { name: 'all' }),
      grant({ actions: ['upload'], maxBytes: 5000 }, { name: 'larger' }),
      grant({ accounts: ['deploy'] }, { name: 'another account' }),
      grant({ until: '2026-11-21T00:00:00Z' }, { name: 'over' }),
      grant({ sources: ['198.51.100.0/24'] }, { name: 'elsewhere' }),
    ])
    expect(rules).toEqual([
      { name: 'all', actions: ['upload', 'download'] },
      { name: 'larger', actions: ['upload'], maxBytes: 5000 },
      { name: 'small', actions: ['upload'], maxBytes: 1000 },
      { name: 'logs', actions: ['download'], paths: ['/var/log'] },
    ])
  })

  it('are none for a direction that still needs a second factor, whichever grant asks for it', () => {
    const grants = [grant({ actions: ['upload', 'download'] }, { name: 'all' }), grant({ actions: ['upload'], secondFactor: true }, { name: 'careful' })]
    expect(rulesOf(grants)).toEqual([{ name: 'all', actions: ['download'] }])
    expect(rulesOf(grants, { ...question, operator: { ...operator, secondFactor: true } })).toHaveLength(2)
  })

  it('are about the directions that were asked for alone', () => {
    expect(rulesOf([grant({})], question, ['download'])).toMatchObject([{ actions: ['download'] }])
  })

  it('are bounded: what says the same is said once, and of many the most permissive are kept', () => {
    expect(rulesOf([grant({}), grant({}), grant({})])).toHaveLength(1)
    const many = rulesOf(Array.from({ length: 200 }, (_, size) => grant({ maxBytes: size + 1 })))
    expect([many.length, many[0]?.maxBytes]).toEqual([maxFileRules, 200])
    const wide = Array.from({ length: 50 }, (_, at) => grant({ paths: Array.from({ length: 50 }, (_each, n) => `/${at}/${n}/${'界'.repeat(480)}`) }))
    expect(Buffer.byteLength(JSON.stringify(rulesOf(wide)))).toBeLessThan(maxLinkAnswerBytes / 2)
    expect(rulesOf(wide).length).toBeGreaterThan(0)
  })

  it('never permit what no covering grant permits, and always what the first of few does', () => {
    const names = ['srv', 'app', 'logs', 'a b', '中']
    const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
    const pattern = fc.array(fc.constantFrom(...names, '*', '**', 's*'), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
    const terms = fc.record({
      actions: fc.subarray([...grantActions], { minLength: 1 }),
      accounts: fc.constantFrom('all' as const, ['root'], ['deploy']),
      paths: fc.option(fc.array(pattern, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      maxBytes: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
      secondFactor: fc.boolean(),
      sources: fc.constantFrom(undefined, ['192.0.2.0/24'], ['198.51.100.0/24']),
    })
    const given = fc.record({
      terms: fc.array(terms, { maxLength: 5 }),
      direction: fc.constantFrom(...fileDirections),
      path,
      bytes: fc.integer({ min: 0, max: 12 }),
      secondFactor: fc.boolean(),
    })
    fc.assert(
      fc.property(given, ({ terms: all, direction, path: at, bytes, secondFactor }) => {
        const grants = all.map((each) => grant(JSON.parse(JSON.stringify(each)) as Partial<GrantTerms>))
        const of = { ...question, operator: { ...operator, secondFactor } }
        const asked = { direction, path: at, bytes }
        const isPermitted = judgeFile(rulesOf(grants, of), asked, undefined).permitted
        const covering = grants.filter((each) => missingOf(each, { ...of, action: direction }, now).length === 0)
        const alone = covering.some(({ name, terms: { paths, maxBytes } }) => {
          const rule = { name, actions: [direction], ...(paths ? { paths } : {}), ...(maxBytes === undefined ? {} : { maxBytes }) }
          return judgeFile([rule], asked, undefined).permitted
        })
        expect(isPermitted).toBe(alone && !isRefusal(decide({ ...of, action: direction }, grants, now)))
      }),
      { numRuns: 500 },
    )
  })
})
