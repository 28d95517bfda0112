// An OpenSSH client configuration as statements: words, quotes, comments, Include. What they mean stands in `ssh-config.ts`.
import { baseName, type ImportNote, type ImportText, longestLine, makeNote, mostLines } from './import-note.ts'
import { matchesPattern } from './host-pattern.ts'

export type Place = { file: string; line: number }
/** `when`: lists of patterns that a name must match, all of them; `never`: below a Match that we cannot judge. */
export type Condition = { patterns: readonly string[] } | 'never'
export type Statement = Place & { keyword: string; words: string[]; when: readonly Condition[] }

/** As deep as ssh itself follows (READCONF_MAX_DEPTH). */
const deepestInclude = 16

/**
 * Splits a line as ssh's argv_split does: blanks part, both quotes hold together, a backslash escapes quotes, itself and blanks, `#` at the start of a word ends the line.
 * Undefined when a quote is not closed.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    while (text[at] === ' ' || text[at] === '\t') at += 1
    if (at >= text.length || text[at] === '#') break
    let word = ''
    let quote = ''
    for (; at < text.length; at += 1) {
      const sign = text[at] ?? ''
      const next = text[at + 1] ?? ''
      if (sign === '\\' && (next === '"' || next === "'" || next === '\\' || (quote === '' && next === ' '))) {
        word += next
        at += 1
      } else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
      else if (quote !== '' && sign === quote) quote = ''
      else if (quote === '' && (sign === ' ' || sign === '\t')) break
      else word += sign
    }
    if (quote !== '') return undefined
    words.push(word)
  }
  return words
}

/** Reads files and what they include. A file that another one includes is read there and not again by itself. Bounded by `mostLines` over all. */
export function readStatements(files: readonly ImportText[]): { statements: Statement[]; notes: ImportNote[] } {
  const statements: Statement[] = []
  const notes: ImportNote[] = []
  let lines = 0
  const included = new Set<ImportText>()
  // Cut once: a file may be included ten thousand times.
  const linesOf = new Map(files.map((file) => [file, file.text.split(/\r\n|\n|\r/)]))
  // Which files are included can be told only by reading them: two passes, the first over the Include lines alone.
  for (const file of files)
    for (const words of includesOf(file.text)) for (const path of words) for (const found of filesFor(path, files, file)) included.add(found)
  const roots = files.filter((file) => !included.has(file))

  const read = (file: ImportText, outer: readonly Condition[], depth: number): void => {
    let when = outer
    for (const [index, raw] of (linesOf.get(file) ?? []).entries()) {
      const line = index + 1
      lines += 1
      if (lines > mostLines) {
        if (lines === mostLines + 1) notes.push(makeNote(file.name, line, 'too_many_lines'))
        return
      }
      const text = raw.replace(/^\uFEFF/, '').trim()
      if (text === '' || text.startsWith('#')) continue
      const say = (code: ImportNote['code'], what = text) => notes.push(makeNote(file.name, line, code, what))
      if (text.length > longestLine) {
        say('too_many_lines')
        continue
      }
      // ssh does not join lines: a backslash at the end would become part of the value.
      if (text.endsWith('\\')) {
        say('continued')
        continue
      }
      const statement = /^"?([A-Za-z0-9-]+)"?(?:\s*=\s*|\s+|$)(.*)$/.exec(text)
      const words = statement ? splitWords(statement[2] ?? '') : undefined
      if (!words) {
        say('unbalanced_quote')
        continue
      }
      const keyword = (statement?.[1] ?? '').toLowerCase()
      if (words.length === 0) {
        say('no_value')
        continue
      }
      if (keyword === 'host') when = [...outer, { patterns: words }]
      else if (keyword === 'match') {
        const isAll = words.length === 1 && words[0]?.toLowerCase() === 'all'
        when = isAll ? outer : [...outer, 'never']
        if (!isAll) say('match_skipped')
      }
      if (keyword === 'include') {
        for (const path of words) {
          const found = filesFor(path, files, file)
          if (found.length === 0) say('include_missing', path)
          else if (depth >= deepestInclude) say('include_too_deep', path)
          else for (const inner of found) read(inner, when, depth + 1)
        }
        continue
      }
      statements.push({ file: file.name, line, keyword, words, when })
    }
  }
  // Files that include each other in a ring have no root: the first is taken for it.
  for (const file of roots.length > 0 ? roots : files.slice(0, 1)) read(file, [], 0)
  return { statements, notes }
}

function* includesOf(text: string): Generator<string[]> {
  for (const match of text.matchAll(/^[ \t]*include(?:[ \t]*=[ \t]*|[ \t]+)(.{1,4096})$/gim)) {
    const words = splitWords((match[1] ?? '').trim())
    if (words) yield words
  }
}

/** The given files that a path of an Include means: by the name alone, since a browser does not learn folders. */
function filesFor(path: string, files: readonly ImportText[], self: ImportText): ImportText[] {
  const wanted = baseName(path)
  if (wanted === '') return []
  return files.filter((file) => file !== self && file.name !== '' && matchesPattern(baseName(file.name), wanted))
}
