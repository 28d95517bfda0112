// What may be pasted. Pure.

/** Held back for one paste; the protocol's client holds 8 MiB. Characters, of which each is at most 4 bytes in UTF-8; checked in bytes by the caller. */
export const mostPastedBytes = 4 * 1024 * 1024

// ESC [ 2 0 1 ~ ends a bracketed paste: inside pasted text it would let what follows run as typed. C1 CSI (0x9b) is the same in one character.
// oxlint-disable-next-line no-control-regex -- control characters are what is removed here
const pasteMarks = /(?:\u001b\[|\u009b)20[01]~/g

/** Pasted text without paste marks, however nested: removing one must not leave another. */
export function cleanPaste(text: string): string {
  let clean = text
  for (;;) {
    const next = clean.replace(pasteMarks, '')
    if (next === clean) return clean
    clean = next
  }
}

/** How many lines will be entered: a line end at the very end counts for the line before it. */
export function pastedLines(text: string): number {
  return text
    .replace(/\r\n?|\n/g, '\n')
    .replace(/\n$/, '')
    .split('\n').length
}
/** True when something would be entered without Enter being pressed. */
export const entersLines = (text: string): boolean => /[\r\n]/.test(text)

/** The control character of a key, for a Ctrl key on screens without one: `c` → 0x03. Undefined when there is none. */
export function controlOf(key: string): string | undefined {
  const code = key.toUpperCase().charCodeAt(0)
  if (key.length !== 1) return undefined
  if (key === ' ') return '\u0000'
  if (key === '?') return '\u007f'
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : undefined
}
