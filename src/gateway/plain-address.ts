// How the address of whoever connects is written, by whichever door they come.
import { isIP } from 'node:net'

/** A listener on `::` sees IPv4 peers as `::ffff:192.0.2.1`; a zone (`%eth0`) is the machine's own affair. */
export function plainAddress(address: string): string {
  const text = address.replace(/%.*$/, '')
  return text.startsWith('::ffff:') && isIP(text.slice(7)) === 4 ? text.slice(7) : text
}
