// Text of strangers made fit for a ledger that people read in terminals: no control byte, no line break, no reordering of letters, no boundless length.

/** C0, DEL, C1, line and paragraph separators, marks and overrides of direction, isolates, invisible joiners, byte order mark. */
const unsafe =
  // oxlint-disable-next-line no-control-regex -- these characters are what is escaped here
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

export const maxTextLength = 1000
export const maxDetailBytes = 8192
const maxDepth = 6
const maxEntries = 100

const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Cuts to `length` characters, saying how many were left out, and writes unsafe characters as `\uXXXX`. */
export function plainText(text: string, length = maxTextLength): string {
  return cut(text, length).replace(unsafe, escape)
}

/** JSON of at most 8 KiB in which no unsafe character stands as itself; what does not fit is left out and said. Secrets print as `[secret]`. */
export function plainJson(detail: Record<string, unknown>): string {
  const bounded = bound(detail, 0)
  const whole = write(bounded)
  if (Buffer.byteLength(whole) <= maxDetailBytes) return whole
  const kept: Record<string, unknown> = { cutShort: true }
  for (const [name, value] of Object.entries(bounded ?? {})) {
    kept[name] = value
    // The first that does not fit is dropped and later, smaller ones may still be told.
    if (Buffer.byteLength(write(kept)) > maxDetailBytes) delete kept[name]
  }
  return write(kept)
}

// Outside of strings JSON has none of these characters, so an escape here is always inside one.
const write = (value: unknown) => JSON.stringify(value).replace(unsafe, escape)

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more)`
}

function bound(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value, maxTextLength)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return cut(value.message, maxTextLength)
  if ('toJSON' in value && typeof value.toJSON === 'function') return bound(value.toJSON(), depth + 1)
  if (depth >= maxDepth) return '…'
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((entry) => bound(entry, depth + 1) ?? null)
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxEntries)
      .map(([name, entry]) => [cut(name, 100), bound(entry, depth + 1)]),
  )
}
