import type { FileEntry } from '#wire/files.ts'
import { type Attributes, kindOf } from '../sftp/attributes.ts'
import { textOf } from './host-path.ts'

const maxNameBytes = 1024
const maxOwnerChars = 100
const permissions = 0o7777

/** `name`: as the host's bytes say it. `long`: the line of `ls -l` that SFTP servers send beside it, the one place where names of owners are. */
export function fileEntry(name: Uint8Array, attributes: Attributes, long?: Buffer): FileEntry {
  const text = name.length > maxNameBytes ? undefined : textOf(name)
  const [owner, group] = ownersOf(attributes, long)
  return {
    name: text ?? Buffer.from(name.subarray(0, maxNameBytes)).toString('utf8').toWellFormed(),
    isUsable: text !== undefined && text !== '' && !/[/\0]/.test(text),
    kind: kindOf(attributes),
    bytes: attributes.size ?? 0,
    ...(attributes.mtime === undefined ? {} : { mtime: attributes.mtime }),
    ...(attributes.mode === undefined ? {} : { mode: attributes.mode & permissions }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  }
}

/** `-rw-r--r--    1 anna     staff        12 Jan  1 12:00 name`, as OpenSSH and most others write it; else the numbers. */
function ownersOf({ uid, gid }: Attributes, long: Buffer | undefined): [string | undefined, string | undefined] {
  const [mode, links, owner, group] = (long?.subarray(0, 400).toString('utf8') ?? '').split(/ +/, 4)
  if (/^[a-z-][rwxsStT.+@-]{9,10}$/.test(mode ?? '') && /^[\d?]+$/.test(links ?? '') && owner && group) return [clean(owner), clean(group)]
  return [uid?.toString(), gid?.toString()]
}
const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .slice(0, maxOwnerChars)
    .toWellFormed()
