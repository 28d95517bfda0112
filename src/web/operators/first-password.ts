// A password that is handed over: made by the browser, easy to read aloud.

/** Without what is mistaken for something else when it is read or dictated: i l o 0 1. 31 signs. */
const signs = 'abcdefghjkmnpqrstuvwxyz23456789'
const groupCount = 5
const groupLength = 4

/** `k7mf-…`, five groups of four: 99 bits. `random` fills the bytes it is given. */
export function makePassword(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (bytes) => crypto.getRandomValues(bytes)): string {
  const found: string[] = []
  // Bytes from 248 on would make some signs likelier than others; each is used with a chance of 97 %.
  for (let tries = 0; found.length < groupCount * groupLength && tries < 1000; tries += 1)
    for (const byte of random(new Uint8Array(32)))
      if (byte < signs.length * 8 && found.length < groupCount * groupLength) found.push(signs[byte % signs.length] ?? '')
  if (found.length < groupCount * groupLength) throw new Error('the source of randomness gives nothing that can be used')
  return Array.from({ length: groupCount }, (_, at) => found.slice(at * groupLength, (at + 1) * groupLength).join('')).join('-')
}
