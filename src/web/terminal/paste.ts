// What may be pasted. Pure.

/** Bytes of UTF-8 that one paste may have. The protocol's client holds 8 MiB until the host has taken them; what is typed meanwhile needs room too. */
export const mostPastedBytes = 6 * 1024 * 1024

// ESC [ 2 0 1 ~ ends a bracketed paste: inside pasted text it would let what follows run as typed. C1 CSI (0x9b) is the same in one character.
// oxlint-disable-next-line no-control-regex -- control characters are what is removed here
const pasteMark = /(?:\u001b\[|\u009b)20[01]~/

/** Units that a mark has at the end of `kept`: 0 when none ends there. */
function markBefore(kept: Uint16Array, end: number): number {
  const at = (back: number) => kept[end - back]
  const digits = at(1) === 0x7e && (at(2) === 0x30 || at(2) === 0x31) && at(3) === 0x30 && at(4) === 0x32
  if (!digits) return 0
  if (end >= 5 && at(5) === 0x9b) return 5
  return end >= 6 && at(5) === 0x5b && at(6) === 0x1b ? 6 : 0
}

/** Pasted text without paste marks, however nested: taking one out must not leave another. One pass, so that marks nested a million deep cost no more than text. */
export function cleanPaste(text: string): string {
  if (!pasteMark.test(text)) return text
  const kept = new Uint16Array(text.length)
  let end = 0
  for (let at = 0; at < text.length; at++) {
    kept[end++] = text.charCodeAt(at)
    end -= markBefore(kept, end)
  }
  const parts: string[] = []
  // As many arguments as every browser takes in one call.
  for (let at = 0; at < end; at += 8192) parts.push(String.fromCharCode(...kept.subarray(at, Math.min(end, at + 8192))))
  return parts.join('')
}

/** How many lines will be entered: a line end at the very end counts for the line before it. */
export function pastedLines(text: string): number {
  let lines = 1
  for (const { index } of text.matchAll(/\r\n?|\n/g)) if (index < text.length - 1 && !(index === text.length - 2 && text.endsWith('\r\n'))) lines++
  return lines
}
/** True when something would be entered without Enter being pressed. */
export const entersLines = (text: string): boolean => /[\r\n]/.test(text)

// Tab and line ends are what text is made of; the rest acts as keys, or is not to be seen.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for here
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/
export const hasUnseen = (text: string): boolean => unseen.test(text)

/** Text as it is shown before pasting: what acts as a key and what cannot be seen stands as a sign. At most `most` units. */
export function shownPaste(text: string, most: number): string {
  const signs = text.slice(0, most).replace(new RegExp(unseen, 'g'), (character) => {
    const code = character.charCodeAt(0)
    // Unicode has a picture for each of the first 32, and for DEL.
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : `<${code.toString(16).padStart(4, '0').toUpperCase()}>`
  })
  return text.length > most ? `${signs}…` : signs
}

/** The control character of a key, for a Ctrl key on screens without one: `c` → 0x03. Undefined when there is none. */
export function controlOf(key: string): string | undefined {
  const code = key.toUpperCase().charCodeAt(0)
  if (key.length !== 1) return undefined
  if (key === ' ') return '\u0000'
  if (key === '?') return '\u007f'
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : undefined
}
