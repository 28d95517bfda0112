// What every file of the house is held to, one function a rule; each answers the breaches it found as `file:line: why`.
import path from 'node:path'
import { breach, isTest, rooms } from './rooms.ts'
import { scan, type Scan } from './scan.ts'

/** `file` is relative to the checkout, with `/`. */
export type Source = { file: string; text: string }
export type Scanned = Source & Scan

export const maxLines = 400

export const scanAll = (sources: readonly Source[]): Scanned[] => sources.map((source) => ({ ...source, ...scan(source.text) }))

/** The file that an import of the house names, relative to the checkout; undefined when it is a package or a module of Node. */
export function resolveImport(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier)
  return undefined
}

export function importBreaches(sources: readonly Scanned[]): string[] {
  const known = new Set(sources.map((source) => source.file))
  const found: string[] = []
  for (const { file, imports } of sources) {
    for (const { specifier, line, isPlace } of imports) {
      const target = resolveImport(file, specifier)
      const at = `${file}:${line}`
      if (target !== undefined && /\.[cm]?[jt]sx?$/.test(target) && !known.has(target)) found.push(`${at}: ${specifier} names no file`)
      if (specifier.startsWith('.') && !/\.\w+$/.test(specifier)) found.push(`${at}: ${specifier} has no ending`)
      if (!file.startsWith('src/')) continue
      if (target !== undefined && !target.startsWith('src/')) {
        // Tests may start what the product's tests start.
        if (!(isTest(file) && target.startsWith('test/harness/'))) found.push(`${at}: ${specifier} leaves src/`)
        continue
      }
      const leaves = isPlace && target?.split('/')[1] !== file.split('/')[1]
      const why = breach(file.slice(4), leaves && target !== undefined ? `#${target.slice(4)}` : specifier, target?.slice(4))
      if (why) found.push(`${at}: ${why}`)
    }
  }
  return found
}

/** Test code stays out of the product: nothing in `src/` that is not a test may import one. */
export function testImportBreaches(sources: readonly Scanned[]): string[] {
  return sources
    .filter(({ file }) => file.startsWith('src/') && !isTest(file))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ specifier }) => isTest(specifier) || /^(vitest|fast-check|playwright-core)(\/|$)/.test(specifier))
        .map(({ specifier, line }) => `${file}:${line}: ${specifier} is for tests`),
    )
}

/** Circles of files that load each other; each named once by its files in order. What is erased loads nothing, so types may know each other. */
export function cycles(sources: readonly Scanned[]): string[] {
  const loads = ({ file, imports }: Scanned) => imports.filter(({ isType }) => !isType).flatMap(({ specifier }) => resolveImport(file, specifier) ?? [])
  return circles(new Map(sources.map((source) => [source.file, loads(source)])))
}

/** Circles of rooms. The table of rooms has none, so one can only come from an exception. */
export function roomCycles(sources: readonly Scanned[]): string[] {
  const edges = new Map<string, string[]>()
  for (const { file, imports } of sources) {
    if (!file.startsWith('src/') || isTest(file)) continue
    const from = file.split('/')[1] ?? ''
    for (const { specifier } of imports) {
      const to = resolveImport(file, specifier)?.split('/')[1]
      if (to === undefined || to === from || !(to in rooms)) continue
      edges.set(from, [...(edges.get(from) ?? []), to])
    }
  }
  return circles(edges)
}

function circles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const road: string[] = []
  const visit = (node: string) => {
    const start = road.indexOf(node)
    if (start >= 0) {
      found.push([...road.slice(start), node].join(' → '))
      return
    }
    if (done.has(node)) return
    road.push(node)
    for (const next of edges.get(node) ?? []) if (edges.has(next)) visit(next)
    road.pop()
    done.add(node)
  }
  for (const node of edges.keys()) visit(node)
  return found
}

const emptyWords = /(^|[/.-])(utils?|helpers?|common|misc|managers?|handlers?|base|shared|v\d+)(?=[/.-]|$)/
export function nameBreaches(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const inside = file.replace(/^(src|test|bench|scripts)\//, '')
    const said = emptyWords.exec(inside)?.[2]
    if (said) return [`${file}: "${said}" says nothing`]
    const isKebab = inside.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part))
    return isKebab ? [] : [`${file}: names are kebab-case`]
  })
}

export const lengthBreaches = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ file, text }) => {
    const lines = text.split('\n').length - 1
    return lines > maxLines ? [`${file}: ${lines} lines, more than ${maxLines}: find the second subject`] : []
  })

/** `unless`: said on the line or the one above, it is the reason that makes an exception. */
const gates: readonly { pattern: RegExp; why: string; unless?: RegExp }[] = [
  { pattern: /\beval\s*\(/, why: 'eval runs text as code' },
  { pattern: /\bnew\s+Function\s*\(/, why: 'new Function runs text as code' },
  { pattern: /\bMath\s*\.\s*random\b/, why: 'Math.random can be guessed; node:crypto, or randomness passed in', unless: /\bjitter\b/i },
  {
    pattern: /\.\s*(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdangerouslySetInnerHTML\b|\bdocument\s*\.\s*write\b/,
    why: 'text of a stranger would become markup',
  },
  { pattern: /\bshell\s*:\s*true\b/, why: 'a shell would read arguments as commands' },
  { pattern: /(?<!\.)\b(execSync|exec)\s*\(\s*[`'"]/, why: 'a shell would read arguments as commands; use execFile' },
  { pattern: /\brejectUnauthorized\s*:\s*false\b|NODE_TLS_REJECT_UNAUTHORIZED/, why: 'a TLS peer that nobody vouches for' },
  { pattern: /\bas\s+any\b/, why: 'any turns the types off' },
  { pattern: /\bprocess\s*\.\s*binding\b|\bnode:vm\b/, why: 'no door to the inside of Node' },
]
/** A rule of the linter may be switched off where the reason stands beside it, after `--`. */
const silenced = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable(?!-(next-)?line [\w/, -]+ -- \w)|\b(TO)(DO)\b|\bFIX(ME)\b/

/** Constructs that have no place in the product; its tests may need them (a certificate that nobody vouches for). Comments do not count, except where a comment is what silences a check. */
export function gateBreaches(sources: readonly Scanned[]): string[] {
  const found: string[] = []
  for (const { file, text, code } of sources) {
    const perLine = code.split('\n')
    const lines = text.split('\n')
    const isExcused = (index: number, reason?: RegExp) => reason?.test(`${lines[index - 1] ?? ''}\n${lines[index] ?? ''}`) ?? false
    lines.forEach((line, index) => {
      const at = `${file}:${index + 1}`
      if (file.startsWith('src/') && !isTest(file))
        for (const gate of gates) if (gate.pattern.test(perLine[index] ?? '') && !isExcused(index, gate.unless)) found.push(`${at}: ${gate.why}`)
      if (silenced.test(line)) found.push(`${at}: silenced or postponed`)
      if (/\b(it|test|describe)\.(skip|only|todo)\b/.test(perLine[index] ?? '')) found.push(`${at}: a test that does not run`)
    })
  }
  return found
}

/** Traces of one machine or one registry, which mean nothing anywhere else. */
const traces = new RegExp(
  [
    `(^|[\\s"'\`(=:])/(${['wo' + 'rk', 'fa' + 'rm', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers'].join('|')})/[\\w.-]`,
    `\\bregi${'stry'}\\.(npmjs|yarnpkg)\\.`,
    `\\bregi${'stry'}\\.npm`,
    `\\.lib${'rary'}/`,
  ].join('|'),
)
export const traceBreaches = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (traces.test(line) ? [`${file}:${index + 1}: names a place of one machine or registry`] : [])),
  )
