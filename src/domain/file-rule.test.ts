import { describe, expect, test } from 'vitest'
import { canonicalPath, type FileRule, judgeFile, mostBytes, needsPath, refusalWords } from './file-rule.ts'

const rule = (name: string, more: Partial<FileRule> = {}): FileRule => ({ name, actions: ['upload', 'download'], ...more })
const may = (rules: FileRule[], path: string, bytes?: number) => judgeFile(rules, { direction: 'upload', path, bytes }, '/users/me')

describe('a rule about files', () => {
  test('without paths is about all of them', () => expect(may([rule('all')], '/etc/x').permitted).toBe(true))
  test.each([
    ['/srv/app', '/srv/app', true],
    ['/srv/app', '/srv/app/a/b.txt', true],
    ['/srv/app', '/srv/apple', false],
    ['/srv/*/logs', '/srv/one/logs/x', true],
    ['/srv/*/logs', '/srv/one/two/logs/x', false],
    ['/srv/**/*.log', '/srv/a/b/c.log', true],
    ['/srv/**/*.log', '/srv/c.log', true],
    ['/srv/**/*.log', '/srv/c.txt', false],
    ['~/in', '/users/me/in/x', true],
    ['~', '/users/me/x', true],
    ['~', '/users/mean/x', false],
    ['/a?c', '/abc', true],
    ['/**', '/x', true],
  ])('%s and %s: %s', (pattern, path, permitted) => expect(may([rule('one', { paths: [pattern] })], path).permitted).toBe(permitted))
  test('that permits is enough, whatever the others say', () =>
    expect(may([rule('small', { maxBytes: 1 }), rule('there', { paths: ['/srv'] })], '/srv/x', 100).permitted).toBe(true))
  test('that denies is named', () => {
    const size = may([rule('small', { maxBytes: 10 })], '/x', 11)
    expect(size).toMatchObject({ permitted: false, why: 'size', rule: 'small', maxBytes: 10 })
    expect(may([rule('there', { paths: ['/srv'] })], '/etc/x')).toMatchObject({ permitted: false, why: 'path', rule: 'there' })
    expect(may([rule('out', { actions: ['download'] })], '/x')).toEqual({ permitted: false, why: 'action' })
    expect(size.permitted ? '' : refusalWords(size, 'upload')).toContain('small')
  })
  test('with paths shuts ways that know none', () => {
    expect(needsPath([rule('there', { paths: ['/srv'] })], 'upload')).toBe(true)
    expect(needsPath([rule('there', { paths: ['/srv'] }), rule('all')], 'upload')).toBe(false)
    expect(judgeFile([rule('there', { paths: ['/srv'] })], { direction: 'upload', path: undefined }, '/').permitted).toBe(false)
  })
  test('says the most', () => {
    expect(mostBytes([rule('a', { maxBytes: 5 }), rule('b', { maxBytes: 9 })], { direction: 'upload', path: '/x' }, '/')).toBe(9)
    expect(mostBytes([rule('a', { paths: ['/y'] })], { direction: 'upload', path: '/x' }, '/')).toBe(0)
  })
  test('stands patterns made to be slow', () => {
    const started = performance.now()
    expect(may([rule('slow', { paths: [`/${'**/a/'.repeat(80)}z`] })], `/${'a/'.repeat(2000)}b`).permitted).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

test('a path is made canonical by its words', () => {
  expect(canonicalPath('../../etc/passwd', '/users/me')).toBe('/etc/passwd')
  expect(canonicalPath('/a//b/./c/../d/')).toBe('/a/b/d')
  expect(canonicalPath('x', '/users/me/')).toBe('/users/me/x')
})
