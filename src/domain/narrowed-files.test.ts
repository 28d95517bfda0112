import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fileDirections, judgeFile } from './file-rule.ts'
import { permitsLess, type UnnamedRule } from './narrowed-files.ts'

const both = [...fileDirections]
const at = (...paths: string[]): UnnamedRule => ({ actions: both, paths })

it.each<[string, UnnamedRule[], UnnamedRule[], boolean]>([
  ['nothing changed', [at('/srv')], [at('/srv')], false],
  ['nothing was permitted', [], [], false],
  ['a rule was added', [at('/srv')], [at('/srv'), at('/tmp')], false],
  ['a rule is gone', [at('/srv'), at('/tmp')], [at('/srv')], true],
  ['a rule is gone that another has within it', [at('/srv'), at('/srv/app')], [at('/srv')], false],
  ['all paths are some', [{ actions: both }], [at('/')], true],
  ['some paths are all', [at('/srv')], [{ actions: both }], false],
  ['a direction is gone', [{ actions: both }], [{ actions: ['upload'] }], true],
  ['each direction has its rule', [{ actions: both }], [{ actions: ['upload'] }, { actions: ['download'] }], false],
  ['a limit came', [{ actions: both }], [{ actions: both, maxBytes: 10 }], true],
  ['a limit went', [{ actions: both, maxBytes: 10 }], [{ actions: both }], false],
  ['a limit rose', [{ actions: both, maxBytes: 10 }], [{ actions: both, maxBytes: 11 }], false],
  ['a limit sank', [{ actions: both, maxBytes: 10 }], [{ actions: both, maxBytes: 9 }], true],
  ['a folder above', [at('/srv/app')], [at('/srv')], false],
  ['a folder below', [at('/srv')], [at('/srv/app')], true],
  ['a folder with a like name', [at('/srv-old')], [at('/srv')], true],
  ['a wildcard that has it', [at('/srv/app/log')], [at('/srv/*/l?g')], false],
  ['a wildcard for a wildcard', [at('/srv/a*')], [at('/srv/*')], false],
  ['any depth for a name', [at('/srv/**/x')], [at('/srv/*/x')], true],
  ['a name for any depth', [at('/srv/**/x')], [at('/srv')], false],
  ['home for everywhere', [at('~/x')], [at('/**')], false],
  ['home for a place', [at('~/x')], [at('/*/*/x')], true],
  ['a place for home', [at('/users/me/x')], [at('~')], true],
  ['above home', [at('~/../x')], [at('~')], true],
])('%s', (_what, before, after, isLess) => {
  expect(permitsLess(before, after)).toBe(isLess)
})

it('never says that rules permit no less when a file that was permitted is not', () => {
  const name = fc.constantFrom('a', 'b', 'ab', '中')
  const pattern = fc
    .tuple(fc.constantFrom('/', '~/'), fc.array(fc.oneof(name, fc.constantFrom('*', '**', 'a*', '?', '..')), { maxLength: 3 }))
    .map(([root, names]) => root + names.join('/'))
  const rule: fc.Arbitrary<UnnamedRule> = fc
    .record({
      actions: fc.subarray([...fileDirections], { minLength: 1 }),
      paths: fc.option(fc.array(pattern, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      maxBytes: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    })
    .map(({ actions, paths, maxBytes }) => ({ actions, ...(paths ? { paths } : {}), ...(maxBytes === undefined ? {} : { maxBytes }) }))
  const rules = fc.array(rule, { maxLength: 3 })
  const file = fc.record({
    direction: fc.constantFrom(...fileDirections),
    path: fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`),
    bytes: fc.integer({ min: 0, max: 4 }),
  })
  const home = fc.constantFrom('/a', '/a/b', '/', '/中')
  let told = 0
  fc.assert(
    fc.property(
      rules,
      rules,
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      fc.array(file, { minLength: 5, maxLength: 20 }),
      home,
      (before, others, kept, files, where) => {
        const after = [...before.filter((_rule, index) => kept[index]), ...others]
        if (permitsLess(before, after)) return
        told += 1
        const judged = (all: readonly UnnamedRule[], asked: (typeof files)[number]) =>
          judgeFile(
            all.map((each) => ({ ...each, name: 'x' })),
            asked,
            where,
          ).permitted
        for (const asked of files) if (judged(before, asked)) expect(judged(after, asked)).toBe(true)
      },
    ),
    { numRuns: 3000 },
  )
  expect(told).toBeGreaterThan(100)
})
