// Keys as a terminal sends them.
const named: Record<string, string> = {
  Enter: '\r',
  Tab: '\t',
  Esc: '\x1b',
  BS: '\x7f',
  Del: '\x1b[3~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  Space: ' ',
  lt: '<',
}

function keyOf(name: string): string {
  const known = named[name]
  if (known !== undefined) return known
  const [kind, key] = [name.slice(0, 2), name.slice(2)]
  if (kind === 'C-' && key.length === 1) return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f)
  if (kind === 'M-' && key !== '') return `\x1b${named[key] ?? key}`
  throw new Error(`no key is called ${name}`)
}

/** `ls<Up><C-a>` as what each key sends. */
export const keysOf = (text: string): string[] =>
  [...text.matchAll(/<([A-Za-z][^<>\s]*)>|([\s\S])/gu)].map(([, name, char]) => (name === undefined ? (char ?? '') : keyOf(name)))
