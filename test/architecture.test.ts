// Holds every file of the house against its rules, and each rule against a fixture that breaks it.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { breakDefence, readMutations } from '../scripts/mutations/read-list.ts'
import { doors, lintOverrides, rooms } from './architecture/rooms.ts'
import {
  cycles,
  gateBreaches,
  importBreaches,
  lengthBreaches,
  maxLines,
  nameBreaches,
  roomCycles,
  type Source,
  scanAll,
  testImportBreaches,
  traceBreaches,
} from './architecture/rules.ts'
import { scan } from './architecture/scan.ts'

const root = path.resolve(import.meta.dirname, '..')
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\0')
    .filter(Boolean)
/** Tracked files and those about to be, so that a new file is held to the rules before it is committed. */
const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').filter((file) => existsSync(path.join(root, file)))
const read = (file: string): Source => ({ file, text: readFileSync(path.join(root, file), 'utf8') })
const isCode = (file: string) => /^(src|test|bench|scripts|bin)\/.*\.[cm]?[jt]sx?$/.test(file)
const code = scanAll(files.filter(isCode).map(read))
const text = files.filter((file) => /\.([cm]?[jt]sx?|md|json|ya?ml|html|css|sh)$|^\.|\/run$/.test(file)).map(read)

describe('the house', () => {
  test('was read', () => {
    const src = code.filter(({ file }) => file.startsWith('src/'))
    expect(src.length).toBeGreaterThan(20)
    expect(src.reduce((sum, { imports }) => sum + imports.length, 0)).toBeGreaterThan(40)
    expect(text.length).toBeGreaterThan(src.length)
    // Counted another way, so that a scanner gone blind is noticed: each line that plainly is an import was found.
    for (const { file, text: source, imports } of src) {
      const plain = source.split('\n').filter((line) => /^(import|export) .*from '[^']+'$/.test(line)).length
      expect(imports.length, file).toBeGreaterThanOrEqual(plain)
    }
  })
  test('imports only what its rooms and doors allow', () => expect(importBreaches(code)).toEqual([]))
  test('keeps tests out of the product', () => expect(testImportBreaches(code)).toEqual([]))
  test('has no circle of files', () => expect(cycles(code)).toEqual([]))
  test('has no circle of rooms', () => expect(roomCycles(code)).toEqual([]))
  test('names its files', () => expect(nameBreaches(files.filter(isCode))).toEqual([]))
  test(`has no file above ${maxLines} lines`, () => expect(lengthBreaches(code)).toEqual([]))
  test('holds no construct that is shut out', () => expect(gateBreaches(code.filter(({ file }) => !file.startsWith('test/architecture')))).toEqual([]))
  test('names no place of one machine or registry', () => expect(traceBreaches(text)).toEqual([]))
  test('has a way to break each defence that is listed', () => {
    const stale = readMutations(read('test/mutations.md').text).flatMap((mutation) => {
      if (!existsSync(path.join(root, mutation.test))) return [`${mutation.what}: there is no ${mutation.test}`]
      try {
        breakDefence(read(mutation.file).text, mutation)
        return []
      } catch (error) {
        return [`${mutation.what}: ${String(error)}`]
      }
    })
    expect(stale).toEqual([])
  })
  test('has one list of rooms', () => {
    const named = Object.keys(rooms)
    expect(
      [...new Set(files.filter((file) => file.startsWith('src/')).map((file) => file.split('/')[1] ?? ''))].filter((room) => !named.includes(room)),
    ).toEqual([])
    const imports = Object.keys((JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { imports: object }).imports)
    for (const room of imports) expect(named).toContain(/^#(\w+)\//.exec(room)?.[1])
    for (const door of doors) for (const folder of door.folders) expect(named).toContain(folder.split('/')[0])
    for (const [name, room] of Object.entries(rooms)) expect(named, name).toEqual(expect.arrayContaining([...room.rooms]))
  })
  test('tells the linter the same', () => {
    const lint = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as { overrides: object[] }
    expect(lint.overrides).toEqual(lintOverrides())
  })
})

describe('each rule', () => {
  const one = (file: string, ...lines: string[]) => scanAll([{ file, text: `${lines.join('\n')}\n` }])
  const known = (file: string): Source => ({ file, text: '' })

  test.each([
    [`import { a } from '#control/store.ts'`, '#control/store.ts'],
    [`import type { A } from '#control/store.ts'`, '#control/store.ts'],
    [`import '#control/store.ts'`, '#control/store.ts'],
    [`import {\n  a,\n  type B,\n} from "#control/store.ts"`, '#control/store.ts'],
    [`export { a } from '#control/store.ts'`, '#control/store.ts'],
    [`export * from '#control/store.ts'`, '#control/store.ts'],
    [`const a = await import('#control/store.ts')`, '#control/store.ts'],
    ['const a = await import(`#control/store.ts`)', '#control/store.ts'],
    [`type A = import('#control/store.ts').A`, '#control/store.ts'],
    [`const a = require('#control/store.ts')`, '#control/store.ts'],
    [`new Worker(new URL('./worker.ts', import.meta.url))`, './worker.ts'],
    [`const a = /['"]/.test(b) // '\nimport { c } from './c.ts'`, './c.ts'],
    ["const a = `${b ? `${'x'}` : '}'}` + c\nimport { c } from './c.ts'", './c.ts'],
    [`/* ' */ import { c } from './c.ts'`, './c.ts'],
  ])('finds the import in %s', (source, specifier) => expect(scan(source).imports.map((each) => each.specifier)).toEqual([specifier]))

  test.each([
    `// import { a } from '#control/store.ts'`,
    `/* import '#control/store.ts' */`,
    `const a = "import { b } from '#control/store.ts'"`,
    `Array.from('abc')`,
  ])('finds none in %s', (source) => expect(scan(source).imports).toEqual([]))

  test.each([
    ['src/session/session.ts', `import { a } from '#control/store.ts'`, 'session may not import control'],
    ['src/domain/access.ts', `import type { A } from '#wire/api.ts'`, 'domain may not import wire'],
    ['src/gateway/gateway.ts', `const a = await import('#control/control.ts')`, 'gateway may not import control'],
    ['src/web/page.tsx', `import { a } from '../control/store.ts'`, 'leaves the room by a relative path'],
    ['src/session/session.ts', `import { a } from '#session/credit.ts'`, 'inside a room imports are relative'],
    ['src/session/session.ts', `import ssh2 from 'ssh2'`, 'ssh2 may be imported only in'],
    ['src/control/sessions/list.ts', `import { sql } from 'kysely'`, 'kysely may be imported only in control/store'],
    ['src/control/sessions/list.ts', `import { Migrator } from 'kysely/migration'`, 'kysely/migration may be imported only in control/store'],
    ['src/gateway/link/dial.ts', `import fastify from 'fastify'`, 'fastify may be imported only in'],
    ['src/control/http/server.ts', `import { WebSocketServer } from 'ws'`, 'ws may be imported only in'],
    ['src/session/session.ts', `import { readFile } from 'node:fs/promises'`, 'node:fs/promises may be imported only in'],
    ['src/gateway/gateway.ts', `import { spawn } from 'node:child_process'`, 'node:child_process may be imported only in main'],
    ['src/control/vault/seal.ts', `import { dial } from '#ssh/dial.ts'`, 'control may not import ssh'],
    ['src/session/session.ts', `new Worker(new URL('../control/control.ts', import.meta.url))`, 'session may not import control'],
    ['src/garage/car.ts', `import { a } from '#domain/id.ts'`, 'src/garage/ is no room of the house'],
    ['src/session/session.ts', `import { a } from '../../test/harness/sshd.ts'`, 'leaves src/'],
    ['src/session/session.ts', `import { a } from './nowhere.ts'`, './nowhere.ts names no file'],
    ['src/session/session.ts', `import { a } from './credit'`, './credit has no ending'],
  ])('catches in %s: %s', (file, source, why) => {
    const others = ['control/store', 'control/control', 'wire/api', 'session/credit', 'ssh/dial', 'domain/id'].map((name) => known(`src/${name}.ts`))
    expect(importBreaches([...one(file, source), ...scanAll([...others, known('test/harness/sshd.ts')])]).join('\n')).toContain(why)
  })
  test('lets through what the table and the ADRs allow', () => {
    const sources = one(
      'src/control/vault/seal.ts',
      `import { readKey } from '#ssh/private-key.ts'`,
      `import { Id } from '#domain/id.ts'`,
      `import { key } from './key.ts'`,
      `import { z } from 'zod'`,
    )
    expect(importBreaches([...sources, ...scanAll([known('src/ssh/private-key.ts'), known('src/domain/id.ts'), known('src/control/vault/key.ts')])])).toEqual(
      [],
    )
    expect(
      importBreaches([
        ...one('src/control/test-store.ts', `import { a } from '../../test/harness/postgres.ts'`),
        ...scanAll([known('test/harness/postgres.ts')]),
      ]),
    ).toEqual([])
    expect(importBreaches(one('src/ssh/key.test.ts', `import { execFileSync } from 'node:child_process'`))).toEqual([])
  })
  test('catches a circle of files, and of rooms', () => {
    const ring = scanAll([
      { file: 'src/wire/a.ts', text: `import { b } from './b.ts'\n` },
      { file: 'src/wire/b.ts', text: `import { c } from '#domain/c.ts'\n` },
      { file: 'src/domain/c.ts', text: `import { a } from '#wire/a.ts'\n` },
    ])
    expect(cycles(ring)).toEqual(['src/wire/a.ts → src/wire/b.ts → src/domain/c.ts → src/wire/a.ts'])
    expect(roomCycles(ring)).toEqual(['wire → domain → wire'])
  })
  test('knows that what is erased loads nothing', () => {
    const source = "import type { A } from './a.ts'\nimport { type B } from './b.ts'\nexport type { C } from './c.ts'\nimport type from './d.ts'"
    expect(scan(source).imports.map(({ isType }) => isType)).toEqual([true, false, true, false])
  })
  test('catches a test or its tools in the product', () => {
    expect(testImportBreaches(one('src/session/session.ts', `import { pair } from './session.test.ts'`))).toHaveLength(1)
    expect(testImportBreaches(one('src/session/session.ts', `import { expect } from 'vitest'`))).toHaveLength(1)
    expect(testImportBreaches(one('src/session/session.ts', `import { pair } from './test-pair.ts'`))).toHaveLength(1)
    expect(testImportBreaches(one('src/session/test-pair.ts', `import { expect } from 'vitest'`))).toEqual([])
  })
  test.each([
    'src/session/utils.ts',
    'src/web/helpers/dates.ts',
    'src/control/session-manager.ts',
    'src/wire/frame-v2.ts',
    'src/web/common/x.tsx',
    'src/web/BigButton.tsx',
    'test/base.test.ts',
  ])('catches the name %s', (file) => expect(nameBreaches([file])).toHaveLength(1))
  test('lets names through that say something', () =>
    expect(nameBreaches(['src/web/database-size.ts', 'src/main/serve.test.ts', 'src/web/app.d.ts'])).toEqual([]))
  test('catches a file that is too long', () => expect(lengthBreaches([{ file: 'src/a.ts', text: 'x\n'.repeat(maxLines + 1) }])).toHaveLength(1))
  test.each([
    `eval('1')`,
    `new Function('return 1')`,
    `const token = Math.random()`,
    `node.innerHTML = name`,
    `<p dangerouslySetInnerHTML={{ __html: name }} />`,
    `spawn('ls', { shell: true })`,
    'execSync(`rm ${name}`)',
    `connect({ rejectUnauthorized: false })`,
    `const a = b as any`,
    `test.skip('x', () => {})`,
    `// @ts-ignore`,
    `// oxlint-disable-next-line`,
    `// TODO later`,
  ])('catches %s', (line) => expect(gateBreaches(one('src/session/session.ts', line))).toHaveLength(1))
  test('lets randomness that can be guessed serve as jitter', () =>
    expect(gateBreaches(one('src/gateway/link.ts', '// Jitter: not in step.', 'const delay = Math.random()'))).toEqual([]))
  test('lets a comment speak of what is shut out', () =>
    expect(gateBreaches(one('src/session/session.ts', `// never Math.random() or eval(x) here`))).toEqual([]))
  test.each([`see /${'wo'}rk/main/notes.md`, `const at = '/${'ro'}ot/x'`, `resolved "https://regi${'stry'}.npmjs.org/ws"`, `"/${'ho'}me/ann/key"`])(
    'catches the trace in %s',
    (line) => expect(traceBreaches([{ file: 'docs/x.md', text: line }])).toHaveLength(1),
  )
})
