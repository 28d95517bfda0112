// Names of files as hosts and browsers give them, made fit to be the name of one file anywhere; and the headers under which a file of a stranger leaves us without becoming a page of ours.

const maxNameBytes = 255
// An ending longer than that is no ending.
const maxEndingBytes = 20
/** Devices of Windows, with any ending: opening one is not opening a file. The superscript digits count there too. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ .]*(\.|$)/i
/** Controls, separators of lines, and what is invisible or turns the direction of writing, except the joiners that Persian and emoji are written with. */
const unfit = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

/**
 * One name without a folder, at most 255 bytes of UTF-8, cut at a character with its ending kept. What cannot be seen becomes `_`; a device of Windows gets `_` before it; blanks at both ends
 * and dots at the end go. Undefined when nothing is left: `..`, a path that ends in `/`, an empty one.
 */
export function safeFileName(raw: string): string | undefined {
  const last = raw.slice(Math.max(raw.lastIndexOf('/'), raw.lastIndexOf('\\')) + 1)
  const name = trimmed(last.toWellFormed().replace(unfit, '_'))
  if (name === '') return undefined
  const cut = withinBytes(reserved.test(name) ? `_${name}` : name)
  return cut === '' ? undefined : cut
}

/** RFC 6266 with RFC 8187: an attachment under a safe name, `download` when there is none. Text of an HTTP header whatever the name. */
export function contentDisposition(name: string): string {
  const safe = safeFileName(name) ?? 'download'
  // Some browsers decode `%` in the plain form, so it is left out of it.
  const plain = safe.replace(/[^\x20-\x7e]|["%\\]/gu, '_')
  const full =
    plain === safe ? '' : `; filename*=UTF-8''${encodeURIComponent(safe).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)}`
  return `attachment; filename="${plain}"${full}`
}

/** What every answer with bytes of a host's file carries: nothing in it is ever shown, run or kept as a page of ours. */
export function attachmentHeaders(name: string): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': contentDisposition(name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store, no-transform',
  }
}

/** A loop, because a pattern for the end of a text takes the square of its length for blanks in its middle. */
function trimmed(name: string): string {
  let to = name.length
  while (to > 0 && (name[to - 1] === '.' || isBlank(name[to - 1]))) to -= 1
  let from = 0
  while (from < to && isBlank(name[from])) from += 1
  return name.slice(from, to)
}
const isBlank = (character: string | undefined): boolean => character !== undefined && /\s/u.test(character)

function withinBytes(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= maxEndingBytes ? name.slice(dot) : ''
  let left = maxNameBytes - Buffer.byteLength(ending)
  let stem = ''
  for (const character of name.slice(0, name.length - ending.length)) {
    left -= Buffer.byteLength(character)
    if (left < 0) break
    stem += character
  }
  return trimmed(stem) + ending
}
