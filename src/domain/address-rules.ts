// Which addresses may be dialled. Judged twice: as they are written, and again by the gateway for what a name resolved to, so that a name cannot turn into a forbidden address in between.

export type AddressRules = {
  /** Sallyport's own listeners; `host` is an IP address, wildcards included, or `localhost`. */
  readonly listeners: readonly { readonly host: string; readonly port: number }[]
  /** Addresses of this machine's interfaces: what a wildcard listener is reached at. */
  readonly ownAddresses: readonly string[]
  readonly mayDialLoopback: boolean
}
/** `not-an-address` says that a name still has to be resolved, or that the text cannot be read as an address. */
export type AddressVerdict = 'allowed' | 'metadata' | 'own-listener' | 'loopback' | 'not-a-host' | 'not-an-address'

/** Sixteen bytes; IPv4 in its mapped form `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2). */
export type Ip = readonly number[]
const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]

/** Names that clouds give to their metadata services, and those that RFC 6761 section 6.3 gives to loopback. */
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'])
const isLoopbackName = (name: string) =>
  name === 'localhost' || name.endsWith('.localhost') || name === 'localhost.localdomain' || name === 'ip6-localhost' || name === 'ip6-loopback'

/** Judges an address or a name as it is written. A name that is not refused is `not-an-address`: the gateway judges what it resolves to. */
export function judgeAddress(address: string, port: number, rules: AddressRules): AddressVerdict {
  const name = address.toLowerCase().replace(/\.$/, '')
  if (metadataNames.has(name)) return 'metadata'
  if (isLoopbackName(name)) return judgeIp('127.0.0.1', port, rules)
  return judgeIp(name, port, rules)
}

/** Judges one IP address, as a resolver gives it or as a person writes it. */
export function judgeIp(text: string, port: number, rules: AddressRules): AddressVerdict {
  const ip = parseIp(text)
  if (!ip) return 'not-an-address'
  // NAT64 and 6to4 (RFC 6052, RFC 3056) carry an IPv4 address, which is what is reached in the end.
  const inner = carriedIpv4(ip)
  const verdicts = [judgeOne(ip, port, rules), ...(inner ? [judgeOne(inner, port, rules)] : [])]
  return verdicts.find((verdict) => verdict !== 'allowed') ?? 'allowed'
}

function judgeOne(ip: Ip, port: number, rules: AddressRules): AddressVerdict {
  if (isMetadata(ip)) return 'metadata'
  if (isNoHost(ip)) return 'not-a-host'
  if (rules.listeners.some((listener) => listener.port === port && reaches(ip, listener.host, rules.ownAddresses))) return 'own-listener'
  return isLoopback(ip) && !rules.mayDialLoopback ? 'loopback' : 'allowed'
}

const starts = (ip: Ip, ...bytes: number[]) => bytes.every((byte, at) => ip[at] === byte)
const same = (left: Ip, right: Ip) => left.every((byte, at) => byte === right[at])
const ipv4 = (ip: Ip) => (starts(ip, ...mapped) ? ip.slice(12) : undefined)

/** All of 127/8, and `::1`. */
export function isLoopback(ip: Ip): boolean {
  const four = ipv4(ip)
  return four ? four[0] === 127 : ip.slice(0, 15).every((byte) => byte === 0) && ip[15] === 1
}

/** All of IPv4 link-local, where clouds put their services; those of Alibaba, Azure and Oracle that lie elsewhere; AWS, Google and Scaleway over IPv6. */
function isMetadata(ip: Ip): boolean {
  const four = ipv4(ip)
  if (four) return starts(four, 169, 254) || starts(four, 100, 100, 100, 200) || starts(four, 168, 63, 129, 16) || starts(four, 192, 0, 0, 192)
  return ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'].some((known) => same(ip, parseIp(known) ?? []))
}

/** Unspecified (which systems take for themselves), multicast, broadcast, and IPv6 link-local, which says nothing without a zone. */
function isNoHost(ip: Ip): boolean {
  const four = ipv4(ip)
  if (four) return four[0] === 0 || (four[0] ?? 0) >= 224
  return ip.every((byte) => byte === 0) || ip[0] === 0xff || (ip[0] === 0xfe && ((ip[1] ?? 0) & 0xc0) === 0x80)
}

function reaches(ip: Ip, host: string, ownAddresses: readonly string[]): boolean {
  const listener = parseIp(host === 'localhost' ? '127.0.0.1' : host)
  // A listener on loopback counts for all of loopback: which of its addresses the system also serves is not ours to guess.
  if (isLoopback(ip)) return true
  if (!listener) return false
  const isWildcard = listener.every((byte) => byte === 0) || ipv4(listener)?.every((byte) => byte === 0) === true
  if (isWildcard) return ownAddresses.some((own) => same(ip, parseIp(own) ?? []))
  return same(ip, listener)
}

function carriedIpv4(ip: Ip): Ip | undefined {
  if (starts(ip, 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) return [...mapped, ...ip.slice(12)]
  if (starts(ip, 0x20, 0x02)) return [...mapped, ...ip.slice(2, 6)]
  // IPv4-compatible, `::a.b.c.d`, long deprecated (RFC 4291 section 2.5.5.1).
  if (ip.slice(0, 12).every((byte) => byte === 0) && ip.slice(12, 14).some((byte) => byte !== 0)) return [...mapped, ...ip.slice(12)]
  return undefined
}

/** Reads IPv6 (RFC 4291 section 2.2, without zone) and IPv4 in every form that resolvers take: `127.1`, `0x7f000001`, `017700000001` are all 127.0.0.1. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Ip | undefined {
  const parts = text.split('.')
  if (parts.length > 4) return undefined
  const numbers = parts.map(parseNumber)
  const last = numbers.pop()
  if (last === undefined || last >= 256 ** (5 - parts.length) || numbers.some((number) => number === undefined || number > 255)) return undefined
  const tail: number[] = []
  for (let rest = last, missing = 4 - numbers.length; missing > 0; missing -= 1) {
    tail.unshift(rest % 256)
    rest = Math.floor(rest / 256)
  }
  return [...mapped, ...(numbers as number[]), ...tail]
}

function parseNumber(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]{1,8}$/.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^0[0-7]{0,11}$/.test(text)) return Number.parseInt(text, 8)
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
}

function parseIpv6(text: string): Ip | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupsOf)
  if (!head || (halves.length === 2 && !tail)) return undefined
  const missing = 16 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])]
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [at, group] of groups.entries()) {
    const four = at === groups.length - 1 && /^\d{1,3}(\.\d{1,3}){3}$/.test(group) ? parseIpv4(group) : undefined
    if (four) bytes.push(...four.slice(12))
    else if (/^[0-9a-f]{1,4}$/i.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255)
    else return undefined
  }
  return bytes.length <= 16 ? bytes : undefined
}
