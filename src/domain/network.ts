// Networks that people come from, as a grant names them: `10.0.0.0/8`, `2001:db8::/32`, or one address.
import { z } from 'zod'
import { parseIp, type Ip } from './address-rules.ts'

type Parsed = { ip: Ip; bits: number; isIpv4: boolean }

/** Of the sixteen bytes that an IPv4 address is read into (RFC 4291 section 2.5.5.2), the first twelve say so. */
const mappedBits = 96
const isMapped = (ip: Ip) => ip.slice(0, 10).every((byte) => byte === 0) && ip[10] === 255 && ip[11] === 255

function parseNetwork(text: string): Parsed | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  // Grants are read by people, and 010.0.0.1 is 8.0.0.1 to some programs: of the many ways to write IPv4 only the usual one is taken.
  const isDotted = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(address)
  const ip = isDotted || address.includes(':') ? parseIp(address) : undefined
  if (!ip || rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const width = isDotted ? 32 : 128
  const given = prefix === undefined ? width : Number(prefix)
  if (given > width) return undefined
  const bits = given + (128 - width)
  // `::ffff:10.0.0.0/8` would be read as 10.0.0.0/8 by people and be nearly everything.
  if (isMapped(ip) && bits < mappedBits) return undefined
  return { ip, bits, isIpv4: isMapped(ip) }
}

/** An IPv4 or IPv6 network in CIDR notation (RFC 4632, RFC 4291 section 2.3), or one address. */
export const Network = z
  .string()
  .trim()
  .max(64)
  .refine((text) => parseNetwork(text) !== undefined, 'is not a network such as 10.0.0.0/8 or 2001:db8::/32')

/** Whether the address lies in the network. IPv4 and its mapped form (`::ffff:10.0.0.1`) are the same address; a zone (`%eth0`) is not compared. No IPv4 address lies in an IPv6 network, not even in `::/0`. What is no address lies in none. */
export function isInNetwork(network: string, address: string): boolean {
  const wanted = parseNetwork(network)
  const ip = parseIp(address.split('%', 1)[0] ?? '')
  if (!wanted || !ip || wanted.isIpv4 !== isMapped(ip)) return false
  const whole = wanted.bits >> 3
  for (let at = 0; at < whole; at += 1) if (ip[at] !== wanted.ip[at]) return false
  const left = wanted.bits & 7
  return left === 0 || ((ip[whole] ?? 0) ^ (wanted.ip[whole] ?? 0)) >> (8 - left) === 0
}
