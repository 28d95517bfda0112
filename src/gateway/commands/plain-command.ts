// A command as it is kept: what a host showed is a stranger's text.

/** Of a command; the rest is in the recording. */
export const maxCommandChars = 4000

// Controls but for TAB and LF, and format characters that hide text or turn it around (Unicode TR 36). Halves of surrogate pairs become U+FFFD.
const unwanted = /[^\P{Cc}\t\n]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** Without control characters and what turns text around, without blanks at its end, at most 4,000 characters. */
export const plainCommand = (text: string): string =>
  text
    .slice(0, maxCommandChars * 2)
    .toWellFormed()
    .replaceAll(unwanted, '')
    .replaceAll(/[ \t]+$/gm, '')
    .trimEnd()
    .slice(0, maxCommandChars)
    .toWellFormed()
