// Patterns of ssh_config(5), PATTERNS, without a regular expression: a file from outside must not make one that never ends.

/** `*` is any run of characters, `?` is one. Time is at most the product of both lengths. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let afterStar = 0
  while (at < text.length) {
    const sign = pattern[inPattern]
    if (sign === '*') {
      star = inPattern
      afterStar = at
      inPattern += 1
    } else if (sign === '?' || sign === text[at]) {
      at += 1
      inPattern += 1
    } else if (star >= 0) {
      inPattern = star + 1
      afterStar += 1
      at = afterStar
    } else return false
  }
  while (pattern[inPattern] === '*') inPattern += 1
  return inPattern === pattern.length
}

/** A list with negation: one that begins with `!` and matches refuses, whatever else matches. Without a positive match there is none. */
export function matchesList(text: string, patterns: readonly string[]): boolean {
  let found = false
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith('!')
    if (!matchesPattern(text, isNegated ? pattern.slice(1) : pattern)) continue
    if (isNegated) return false
    found = true
  }
  return found
}

export const isPlainName = (pattern: string): boolean => pattern !== '' && !/[*?!]/.test(pattern)
