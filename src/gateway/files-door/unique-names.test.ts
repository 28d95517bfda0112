import { expect, test } from 'vitest'
import { UniqueNames } from './unique-names.ts'

test('no name comes twice, also where case and composition do not count', () => {
  const names = new UniqueNames()
  expect(['a.txt', 'A.txt', 'a.txt', 'a (2).txt', '.bashrc', '.bashrc', 'é', 'e\u0301'].map((name) => names.take(name))).toEqual([
    'a.txt',
    'A (2).txt',
    'a (3).txt',
    'a (2) (2).txt',
    '.bashrc',
    '.bashrc (2)',
    'é',
    'e\u0301 (2)',
  ])
})

test('fifty thousand equal names take no more than a moment', () => {
  const names = new UniqueNames()
  const startedMs = performance.now()
  for (let count = 0; count < 50_000; count += 1) names.take('x')
  expect(performance.now() - startedMs).toBeLessThan(5000)
})
