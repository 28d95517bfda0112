// Where connections may be forwarded to, from a host on: a list in a grant. Without one it is the host itself alone.
import { z } from 'zod'
import { parseIp } from './address-rules.ts'
import { isInNetwork, Network } from './network.ts'

export type Destination = { host: string; port: number }
type Rule = { host: string; network: boolean; from: number; to: number }

/** `HOST:PORT`: the host a name, `*.example.org`, an address, a network in CIDR (IPv6 in brackets) or `*`; the port a number, a range `8000-8999` or `*`. */
function readRule(text: string): Rule | undefined {
  const match = /^(?:\[([0-9A-Fa-f:./]+)\]|([^\s:[\]]+)):(\*|\d{1,5}(?:-\d{1,5})?)$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const ports = match?.[3]
  if (host === undefined || ports === undefined) return undefined
  const [from, to] = ports === '*' ? [1, 65_535] : (ports.split('-').map(Number) as [number, number?])
  const last = to ?? from
  if (from < 1 || last > 65_535 || from > last) return undefined
  const network = host !== '*' && Network.safeParse(host).success
  if (!network && host !== '*' && !/^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(host)) return undefined
  return { host: host.toLowerCase(), network, from, to: last }
}

export const ForwardTo = z
  .string()
  .max(300)
  .refine((text) => readRule(text) !== undefined, 'is not HOST:PORT, such as db.example.org:5432, 10.0.0.0/8:80-90 or *:443')

/** One place, `HOST:PORT`, IPv6 in brackets; undefined for anything else. */
export function readDestination(text: string): Destination | undefined {
  const rule = text.includes('/') || text.includes('*') ? undefined : readRule(text)
  return rule?.from === rule?.to && rule ? { host: rule.host, port: rule.from } : undefined
}

const isAddress = (host: string) => parseIp(host) !== undefined
/** What a grant without a list stands for. */
export const ownLoopback = 'localhost:*'
/** The host itself, as people write it in a forward. */
export const isOwnLoopback = (host: string) => host === 'localhost' || isInNetwork('127.0.0.0/8', host) || isInNetwork('::1', host)

/** Whether the list names the destination, as the client wrote it: a name is compared as a name, and resolved only by the host. Without a list: the host's own loopback. */
export function mayForwardTo(rules: readonly string[] | undefined, { host, port }: Destination): boolean {
  const name = host.toLowerCase()
  if (rules === undefined) return isOwnLoopback(name)
  return rules.some((text) => {
    const rule = readRule(text)
    if (!rule || port < rule.from || port > rule.to) return false
    if (rule.host === '*' || rule.host === name) return true
    if (rule.network) return isInNetwork(rule.host, name)
    return rule.host.startsWith('*.') && !isAddress(name) && name.endsWith(rule.host.slice(1))
  })
}
