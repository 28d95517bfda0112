// What a person presses in the menu, out of the bytes of a terminal.

export type MenuKey =
  | { kind: 'text'; text: string }
  | { kind: 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last' | 'enter' | 'erase' | 'clear' | 'back' | 'leave' }

/** ECMA-48 sections 5.4 and 8.3, as terminals send them: CSI and SS3 finals, and VT220's numbered keys. */
const finals: Readonly<Record<string, MenuKey['kind']>> = { A: 'up', B: 'down', H: 'first', F: 'last' }
const numbered: Readonly<Record<string, MenuKey['kind']>> = { 1: 'first', 4: 'last', 5: 'page-up', 6: 'page-down', 7: 'first', 8: 'last' }
const controls: Readonly<Record<string, MenuKey['kind']>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'erase',
  '\b': 'erase',
  '\x15': 'clear',
  '\x03': 'leave',
  '\x04': 'leave',
  '\x10': 'up',
  '\x0e': 'down',
}
/** A longer sequence is no key's: it is dropped. */
const mostHeld = 32

/** Keeps what has not come whole: a character of UTF-8, a sequence. A lone ESC counts as `back` when nothing follows it at once. */
export class MenuKeys {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #held = ''

  /** The keys in these bytes, in order. */
  read(bytes: Uint8Array): MenuKey[] {
    let text = this.#held + this.#decoder.decode(bytes, { stream: true })
    this.#held = ''
    const keys: MenuKey[] = []
    while (text !== '') {
      if (text.startsWith('\x1b')) {
        const length = this.#sequence(text, keys)
        if (length === 0) {
          if (text.length <= mostHeld) this.#held = text
          break
        }
        text = text.slice(length)
        continue
      }
      const [first = ''] = text
      const control = controls[first]
      if (control !== undefined) keys.push({ kind: control } as MenuKey)
      else if (first >= ' ') keys.push({ kind: 'text', text: first })
      text = text.slice(first.length)
    }
    return keys
  }

  /** How much of the text is one sequence; 0 when it has not come whole. */
  #sequence(text: string, keys: MenuKey[]): number {
    if (text.length === 1) {
      keys.push({ kind: 'back' })
      return 1
    }
    const introducer = text[1]
    if (introducer !== '[' && introducer !== 'O') {
      keys.push({ kind: 'back' })
      return 1
    }
    // oxlint-disable-next-line no-control-regex -- a sequence begins with ESC
    const match = /^\x1b(?:\[([0-9;?<=>]*)([@-~])|O([@-~]))/.exec(text)
    if (!match) return 0
    const kind = match[2] === '~' ? numbered[match[1]?.split(';')[0] ?? ''] : finals[match[2] ?? match[3] ?? '']
    if (kind !== undefined) keys.push({ kind } as MenuKey)
    return match[0].length
  }
}
