// Addresses that came from a host: which may be opened at all, and what a person is told before.
import type { IDisposable, IParser } from '@xterm/xterm'

/** What cannot be shown whole is not opened. Longer than any address that a person would want from a terminal. */
export const longestAddress = 2000

export type LinkQuestion = {
  /** As it will be opened: normalised, in ASCII. */
  address: string
  /** The host in ASCII: what a look-alike really is. */
  host: string
  warnings: LinkWarning[]
}
/** `name`: something stands before an @, which is not the host. `lookalike`: the host has letters beyond ASCII. `differs`: the text shows another host. */
export type LinkWarning = 'name' | 'lookalike' | 'differs'

function parse(address: string): URL | undefined {
  if (address.length > longestAddress || !/^https?:\/\//i.test(address)) return undefined
  return URL.parse(address) ?? undefined
}

/** Undefined when it is not to be opened: another scheme than http and https, too long, or no address. `shown` is the text that was clicked. */
export function linkQuestion(address: string, shown = ''): LinkQuestion | undefined {
  const url = parse(address)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.href.length > longestAddress) return undefined
  const warnings: LinkWarning[] = []
  if (url.username !== '' || url.password !== '') warnings.push('name')
  if (url.hostname.split('.').some((label) => label.startsWith('xn--'))) warnings.push('lookalike')
  const named = parse(shown.trim()) ?? (/^[\p{L}\p{N}.-]+\.\p{L}{2,}(\/\S*)?$/u.test(shown.trim()) ? parse(`https://${shown.trim()}`) : undefined)
  if (named && named.hostname !== url.hostname) warnings.push('differs')
  return { address: url.href, host: url.host, warnings }
}

/** Takes links that are too long (OSC 8) from xterm, which would keep each as long as its text is in the scrollback. */
export function refuseLongLinks(parser: IParser): IDisposable {
  return parser.registerOscHandler(8, (data) => data.length > longestAddress + 256)
}
