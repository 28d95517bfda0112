// Terminal output as plain text: escape sequences out, lines as they read. Its state is one line and one word.

/** A longer line is given out in parts. */
const maxLineChars = 16 * 1024
/** A control string (title, hyperlink, image) that does not end within this is given up, so that nothing can hide behind it. */
const maxStringChars = 64 * 1024
const maxSequenceChars = 256

type State = 'ground' | 'escape' | 'intermediate' | 'csi' | 'string' | 'string-escape'

export class PlainText {
  #state: State = 'ground'
  #swallowed = 0
  #line: string[] = []
  #sawReturn = false

  /** Takes text as shown, gives the lines that are finished. */
  write(text: string): string {
    let out = ''
    for (const char of text) out += this.#char(char)
    return out
  }

  /** The last line. */
  end(): string {
    return this.#flush('')
  }

  #char(char: string): string {
    const code = char.codePointAt(0) ?? 0
    if (code === 0x18 || code === 0x1a) return this.#to('ground')
    switch (this.#state) {
      case 'string-escape':
        if (char === '\\') return this.#to('ground')
        this.#state = 'escape'
        return this.#char(char)
      case 'string':
        if (code === 0x1b) return this.#to('string-escape')
        if (code === 0x07 || code === 0x9c || ++this.#swallowed > maxStringChars) return this.#to('ground')
        return ''
      default:
        if (code === 0x1b) return this.#to('escape')
    }
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return this.#control(code)
    switch (this.#state) {
      case 'ground':
        return this.#print(char)
      case 'escape':
        if (char === '[') return this.#to('csi')
        if (']PX^_'.includes(char)) return this.#to('string')
        return this.#to(code < 0x30 ? 'intermediate' : 'ground')
      case 'intermediate':
        return code < 0x30 && ++this.#swallowed < maxSequenceChars ? '' : this.#to('ground')
      case 'csi':
        return code < 0x40 && ++this.#swallowed < maxSequenceChars ? '' : this.#to('ground')
      default:
        return this.#state satisfies never
    }
  }

  #to(state: State): string {
    this.#state = state
    if (state !== 'string-escape') this.#swallowed = 0
    return ''
  }

  #control(code: number): string {
    if (code === 0x9b) return this.#to('csi')
    if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) return this.#to('string')
    if (code === 0x0a || code === 0x0b || code === 0x0c || code === 0x85) return this.#flush('\n')
    if (code === 0x0d) this.#sawReturn = true
    else if (code === 0x08) this.#line.pop()
    else if (code === 0x09) return this.#print('\t')
    return ''
  }

  #print(char: string): string {
    // A return without a line feed goes back over the line (progress bars): both versions are kept, as lines.
    const before = this.#sawReturn && this.#line.length > 0 ? this.#flush('\n') : ''
    this.#sawReturn = false
    this.#line.push(char)
    return this.#line.length >= maxLineChars ? before + this.#flush('') : before
  }

  #flush(end: string): string {
    const line = this.#line.join('')
    this.#line = []
    this.#sawReturn = false
    return line + end
  }
}
