// Whether a shell would ask for more after this text: open quotes, a trailing backslash or operator, a here-document, a compound command without its end.

const heredoc = /<<(-?)\s*(?:'([^']+)'|"([^"]+)"|\\?([\w.-]+))/y
const opens: Readonly<Record<string, string>> = { if: 'fi', do: 'done', case: 'esac', '{': '}', '(': ')' }
/** What is before a command's first word: only there a keyword is one. */
const isLead = (word: string) =>
  ['then', 'else', 'elif', 'do', '{', '(', '!', 'time', 'if', 'while', 'until', '&&', '||', '|', ';', '&', ';;', ')'].includes(word)

/** Of at most some thousand characters; linear. Mistakes are possible, for it is no shell: it decides only whether a line is held for the next. */
export function isOpen(text: string): boolean {
  const closers: string[] = []
  const documents: { end: string; tabs: boolean }[] = []
  let word = ''
  let last = ''
  let loops = 0
  const endWord = () => {
    if (word === '') return
    if (last === '' || isLead(last)) {
      const closer = Object.hasOwn(opens, word) ? opens[word] : undefined
      if (word === 'for' || word === 'while' || word === 'until' || word === 'select') loops += 1
      if (word === 'do' && loops > 0) loops -= 1
      if (closer !== undefined) closers.push(closer)
      else if (word === closers.at(-1)) closers.pop()
    } else if (word === 'do' && loops > 0) {
      loops -= 1
      closers.push('done')
    } else if (word === '}' && closers.at(-1) === '}') closers.pop()
    last = word
    word = ''
  }
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === '\\') {
      if (at + 1 >= text.length) return true
      if (text[at + 1] !== '\n') word += 'x'
      at += 2
      continue
    }
    if (char === "'" || char === '"' || char === '`') {
      const end = closing(text, at)
      if (end === -1) return true
      word += 'x'
      at = end + 1
      continue
    }
    if (char === '#' && word === '') {
      const feed = text.indexOf('\n', at)
      at = feed === -1 ? text.length : feed
      continue
    }
    if (char === '<' && text[at + 1] === '<' && text[at + 2] !== '<' && text[at - 1] !== '<') {
      heredoc.lastIndex = at
      const found = heredoc.exec(text)
      if (found !== null) {
        endWord()
        documents.push({ end: found[2] ?? found[3] ?? found[4] ?? '', tabs: found[1] === '-' })
        at = heredoc.lastIndex
        continue
      }
    }
    if (char === '\n' || char === ';') {
      endWord()
      if (char === '\n' && documents.length > 0) {
        const after = skipDocuments(text, at + 1, documents)
        if (after === -1) return true
        documents.length = 0
        at = after
        last = ';'
        continue
      }
      if (!['&&', '||', '|', 'then', 'do', 'else', '{', '('].includes(last)) last = ';'
      at += 1
      continue
    }
    if (char === ' ' || char === '\t') {
      endWord()
      at += 1
      continue
    }
    if (char === '|' || char === '&') {
      endWord()
      const isDouble = text[at + 1] === char
      const isRedirection = char === '&' && (text[at - 1] === '>' || text[at - 1] === '<' || text[at + 1] === '>')
      if (!isRedirection) last = isDouble ? char + char : char
      at += isDouble ? 2 : 1
      continue
    }
    if (char === '(') {
      endWord()
      closers.push(')')
      last = '('
      at += 1
      continue
    }
    if (char === ')') {
      endWord()
      if (closers.at(-1) === ')') {
        closers.pop()
        last = 'x'
      } else last = ')' // of a pattern in `case`, or none of ours
      at += 1
      continue
    }
    word += char
    at += 1
  }
  endWord()
  return closers.length > 0 || loops > 0 || documents.length > 0 || last === '&&' || last === '||' || last === '|' || last === 'then' || last === 'else'
}

/** Where the quote that begins at `from` ends; -1 when it does not. */
function closing(text: string, from: number): number {
  const quote = text[from]
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === quote) return at
    if (text[at] === '\\' && quote !== "'") at += 1
  }
  return -1
}

/** Behind the last line of the last document; -1 when one has not ended. */
function skipDocuments(text: string, from: number, documents: readonly { end: string; tabs: boolean }[]): number {
  let at = from
  for (const { end, tabs } of documents) {
    for (;;) {
      if (at > text.length) return -1
      const feed = text.indexOf('\n', at)
      const line = text.slice(at, feed === -1 ? text.length : feed)
      at = feed === -1 ? text.length + 1 : feed + 1
      if ((tabs ? line.replace(/^\t+/, '') : line) === end) break
    }
  }
  return Math.min(at, text.length)
}
