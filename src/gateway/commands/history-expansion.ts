// What bash and zsh make of `!` in a line, as far as the lines before it are known.

const token = /\\.|'[^']*'|!(?:!|\$|\^|\*|-\d+|\d+|\?[^?\n]*\??|[A-Za-z_./][^\s;|&()<>"'!$*^:]*)/g

/** Whether the line asks for an expansion at all. */
export function asksHistory(text: string): boolean {
  if (/^\^[^^\n]+\^/.test(text)) return true
  return [...text.matchAll(token)].some(([found]) => found.startsWith('!'))
}

/** `history`: what was entered before, the last last. Undefined when it cannot be known. */
export function expandHistory(text: string, history: readonly string[]): string | undefined {
  const before = history.at(-1)
  const quick = /^\^([^^\n]+)\^([^^\n]*)\^?$/.exec(text)
  if (quick !== null) return before?.includes(quick[1] ?? '') ? before.replace(quick[1] ?? '', () => quick[2] ?? '') : undefined
  let isKnown = true
  const expanded = text.replaceAll(token, (found) => {
    if (!found.startsWith('!')) return found
    const event = eventOf(found.slice(1), history)
    if (event === undefined) isKnown = false
    return event ?? found
  })
  return isKnown ? expanded : undefined
}

function eventOf(name: string, history: readonly string[]): string | undefined {
  const before = history.at(-1)
  const words = before?.split(/\s+/).filter((word) => word !== '') ?? []
  if (name === '!') return before
  if (name === '$') return words.at(-1)
  if (name === '^') return words[1]
  if (name === '*') return words.slice(1).join(' ')
  if (/^-\d+$/.test(name)) return history.at(Number(name))
  if (/^\d+$/.test(name)) return undefined
  if (name.startsWith('?')) return history.findLast((each) => each.includes(name.slice(1).replace(/\?$/, '')))
  return history.findLast((each) => each.startsWith(name))
}
