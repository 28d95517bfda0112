import { z } from 'zod'

// oxlint-disable-next-line no-control-regex -- control characters are what is refused here
const forbidden = /[+:/@\s\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u
const reserved = new Set(['menu', 'enroll', 'resume'])

/** A host's name in Sallyport: 1 to 100 characters; `+ : / @` and blanks are refused because the SSH door splits on them. */
export const AssetName = z
  .string()
  .min(1)
  .max(100)
  .transform((name) => name.normalize('NFC'))
  .refine((name) => !forbidden.test(name), 'may not contain blanks, control characters, "+", ":", "/" or "@"')
  .refine((name) => !reserved.has(name.toLowerCase()), 'is a reserved word')

/** A host name (RFC 1123 labels, underscores tolerated), an IPv4 or an IPv6 address without brackets or zone. */
export const HostAddress = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]+)$/,
    'is not a host name or an IP address',
  )

export const Port = z.number().int().min(1).max(65535)

/** A login on a host: what `ssh -l` takes; 1 to 64 characters without blanks, control characters, `+ : / @`. */
export const AccountName = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => !forbidden.test(name), 'may not contain blanks, control characters, "+", ":", "/" or "@"')

export type Target = { username: string; address: string; port: number }

/** Reads `user@host`, `user@host:port` or `user@[v6]:port` as people type it; undefined when it is none of them. The port is 22 when left out. */
export function parseTarget(text: string): Target | undefined {
  const match = /^([^@]+)@(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d{1,5}))?$/.exec(text.trim())
  if (!match) return undefined
  const username = AccountName.safeParse(match[1])
  const address = HostAddress.safeParse(match[2] ?? match[3])
  const port = Port.safeParse(match[4] === undefined ? 22 : Number(match[4]))
  if (!username.success || !address.success || !port.success) return undefined
  return { username: username.data, address: address.data, port: port.data }
}

export function formatAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
