// One host as a file describes it, before anybody has looked at it.
import { AssetName } from '#domain/asset.ts'
import type { HostKey, HostKeyPolicy } from '#domain/host-key.ts'
import type { Place } from './ssh-config-lines.ts'

export type ImportHost = {
  name: string
  address: string
  port: number
  tags: string[]
  /** Besides the first, those that other hosts jump through it with. */
  usernames: string[]
  password?: string
  /** Paths of private keys, as the file gives them. */
  keyFiles: readonly string[]
  /** The name of a shared credential. */
  credential?: string
  policy?: HostKeyPolicy
  via?: { name: string; username?: string }
  /** What `known_hosts` calls it: HostKeyAlias, or the address, as `[address]:port` when the port is not 22. */
  knownAs: string
  trusted: HostKey[]
  from: Place
  /** Made for the way to another host; the file has no line for it. */
  isJump: boolean
}

/** What may not be in a name becomes a dash. Empty when nothing is left. */
export function cleanName(text: string): string {
  const cleaned = text
    .normalize('NFC')
    // oxlint-disable-next-line no-control-regex -- what a name may not have, as in the domain
    .replace(/[+:/@\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100)
  return AssetName.safeParse(cleaned).success ? cleaned : cleaned === '' ? '' : `${cleaned.slice(0, 95)}-host`
}

/** A name that none of `taken` has; they are folded as `foldName` does. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted
  for (let count = 2; taken.has(foldName(name)); count += 1) name = `${wanted.slice(0, 94)}-${count}`
  return name
}

/** Names that differ only in case are the same to Sallyport. */
export const foldName = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase()
