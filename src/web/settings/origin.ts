// Addresses as the server keeps them. Pure.
export const mostAddresses = 50

/** `https://bastion.example.com:8443`; undefined when it is no address of a page. */
export function readOrigin(typed: string): string | undefined {
  const text = typed.trim()
  if (text.length > 300 || !URL.canParse(text)) return undefined
  const { protocol, origin, username, hostname } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && hostname !== '' ? origin : undefined
}

export type AddressFault = 'bad' | 'twice' | 'many'
export function faultOfAddress(typed: string, before: readonly string[]): AddressFault | undefined {
  const origin = readOrigin(typed)
  if (origin === undefined) return 'bad'
  if (before.includes(origin)) return 'twice'
  return before.length >= mostAddresses ? 'many' : undefined
}
