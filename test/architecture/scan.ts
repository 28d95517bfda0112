// Reads the imports of a TypeScript file without a parser: a walk over its tokens that knows comments, strings, templates and regular expressions.

/** `isType`: the whole statement is erased (`import type`, `export type … from`), so nothing is loaded. `isPlace`: a file named by its place, not by the map of imports. */
export type Import = { specifier: string; line: number; isType: boolean; isPlace: boolean }
export type Scan = {
  imports: Import[]
  /** The source with comments blanked and the insides of strings kept: what rules about code look at. */
  code: string
}

const beforeRegex = new Set(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '+', '-', '*', '%', '<', '>', '~', '^', ''])
const wordsBeforeRegex = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'await', 'yield'])

type Token = { kind: 'word' | 'string' | 'sign'; text: string; line: number }

/** Cuts the source into words, strings and signs. Template strings without `${}` count as strings. */
function tokenize(source: string): { tokens: Token[]; code: string } {
  const tokens: Token[] = []
  const code = source.split('')
  let at = 0
  let line = 1
  // What an open `{` belongs to: a block, or the `${` of a template to return into.
  const braces: ('block' | 'template')[] = []
  const blank = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) if (code[index] !== '\n') code[index] = ' '
  }
  const countLines = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) if (source[index] === '\n') line += 1
  }
  const readTemplate = (from: number): number => {
    let index = from
    while (index < source.length) {
      if (source[index] === '\\') index += 2
      else if (source[index] === '`') {
        tokens.push({ kind: 'string', text: source.slice(from, index), line })
        return index + 1
      } else if (source[index] === '$' && source[index + 1] === '{') {
        braces.push('template')
        tokens.push({ kind: 'sign', text: '`', line })
        return index + 2
      } else index += 1
    }
    return index
  }
  const advance = (to: number) => {
    countLines(at, to)
    at = to
  }
  while (at < source.length) {
    const sign = source[at] ?? ''
    const last = tokens.at(-1)
    if (/\s/.test(sign)) advance(at + 1)
    else if (source.startsWith('//', at)) {
      const end = source.indexOf('\n', at)
      const to = end < 0 ? source.length : end
      blank(at, to)
      advance(to)
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      const to = end < 0 ? source.length : end + 2
      blank(at, to)
      advance(to)
    } else if (sign === "'" || sign === '"') {
      let end = at + 1
      while (end < source.length && source[end] !== sign && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1
      tokens.push({ kind: 'string', text: source.slice(at + 1, end), line })
      advance(end + 1)
    } else if (sign === '`') advance(readTemplate(at + 1))
    else if (sign === '}' && braces.at(-1) === 'template') {
      braces.pop()
      advance(readTemplate(at + 1))
    } else if (sign === '/' && (!last || (last.kind === 'sign' && beforeRegex.has(last.text)) || (last.kind === 'word' && wordsBeforeRegex.has(last.text)))) {
      let end = at + 1
      let inClass = false
      while (end < source.length && source[end] !== '\n' && (inClass || source[end] !== '/')) {
        if (source[end] === '[') inClass = true
        if (source[end] === ']') inClass = false
        end += source[end] === '\\' ? 2 : 1
      }
      tokens.push({ kind: 'string', text: '', line })
      advance(end + 1)
    } else if (/[\w$#]/.test(sign)) {
      const word = /^[\w$#]+/.exec(source.slice(at, at + 200))?.[0] ?? sign
      tokens.push({ kind: 'word', text: word, line })
      advance(at + word.length)
    } else {
      if (sign === '{') braces.push('block')
      if (sign === '}') braces.pop()
      tokens.push({ kind: 'sign', text: sign, line })
      advance(at + 1)
    }
  }
  return { tokens, code: code.join('') }
}

/** Every module that the source names: static, dynamic, type-only and re-exporting imports, `import('x')` types, `require`, `new URL('./x.ts', import.meta.url)`, `vi.mock`. */
export function scan(source: string): Scan {
  const { tokens, code } = tokenize(source)
  const imports: Import[] = []
  const is = (index: number, text: string) => tokens[index]?.text === text && tokens[index]?.kind !== 'string'
  // Backwards from `from` over the clause to the word that opens the statement.
  const isErased = (index: number) => {
    let start = index - 1
    while (start > 0 && !is(start, 'import') && !is(start, 'export')) start -= 1
    return is(start + 1, 'type') && !is(start + 2, 'from') && !is(start + 2, ',')
  }
  tokens.forEach((token, index) => {
    if (token.kind !== 'string') return
    const statement = (is(index - 1, 'from') && !is(index - 2, '.')) || (is(index - 1, 'import') && !is(index - 2, '.'))
    const call = is(index - 1, '(') && (is(index - 2, 'import') || is(index - 2, 'require') || (is(index - 2, 'resolve') && is(index - 3, '.')))
    const mock = is(index - 1, '(') && ['mock', 'doMock', 'importActual'].includes(tokens[index - 2]?.text ?? '') && is(index - 4, 'vi')
    const url = is(index - 1, '(') && is(index - 2, 'URL') && is(index + 1, ',') && is(index + 2, 'import') && /^\.{1,2}\/.*\.[cm]?[jt]sx?$/.test(token.text)
    if ((statement || call || mock || url) && /^[\w@#./:$-]+/.test(token.text))
      imports.push({ specifier: token.text, line: token.line, isType: statement && isErased(index), isPlace: url })
  })
  return { imports, code }
}
