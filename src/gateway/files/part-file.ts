// Where an upload stands until it is whole: a file of another name in the same folder, which the same file finds again after an interruption.
import { createHash, randomBytes } from 'node:crypto'
import { isFailure } from '#domain/failure.ts'
import { type Attributes, kindOf } from '../sftp/attributes.ts'
import type { Handle, SftpClient } from '../sftp/sftp-client.ts'
import { statusOf } from '../sftp/sftp-failure.ts'
import { OpenFlag, StatusCode } from '../sftp/sftp-wire.ts'
import type { FileHash } from './file-hash.ts'
import { folderOf, nameOf, within } from './host-path.ts'
import { readSpan } from './read-span.ts'

const suffix = '.sallyport-part'
const maxNameBytes = 255
const digits = 8
/** Nobody comes back to it. */
const maxAgeMs = 7 * 24 * 3_600_000
/** Written and not answered at the most: on a host that does not write in order, holes lie within them, and they are sent again. */
export const unansweredBytes = 4 * 1024 * 1024

/** `mtime`: ms since the epoch. Without it no two uploads are known to be of the same file, and nothing is found again. */
export type PartOf = { path: string; bytes: number; mtime?: number | undefined }

export function partPath({ path, bytes, mtime }: PartOf): string {
  const name = nameOf(path)
  const what =
    mtime === undefined
      ? randomBytes(digits / 2).toString('hex')
      : createHash('sha256')
          .update(JSON.stringify([name, bytes, mtime]))
          .digest('hex')
          .slice(0, digits)
  const ending = `.${what}${suffix}`
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(`.${start}${character}${ending}`) > maxNameBytes) break
    start += character
  }
  return within(folderOf(path), `.${start}${ending}`)
}

/**
 * Opens it for writing, with what of it is there already read back into the hash; its length is then what the hash has. One that is longer than the file, older than seven days by its host's
 * time, or no plain file is begun anew. `mode`: of a file that is made, as the umask leaves it. Throws `Failure` as `SftpClient`.
 */
export async function openPart(
  client: SftpClient,
  part: string,
  hash: FileHash,
  mode: number | undefined,
  signal: AbortSignal,
  now = Date.now(),
): Promise<Handle> {
  const there = await lstatOf(client, part, signal)
  if (there && isOfUse(there, hash.bytes, now)) {
    const handle = await client.open(part, OpenFlag.read | OpenFlag.write, {}, signal).catch((cause: unknown) => {
      if (isFailure(cause) && statusOf(cause) !== undefined) return undefined
      throw cause
    })
    if (handle) {
      try {
        await goOn(client, handle, Math.max(0, (there.size ?? 0) - unansweredBytes), hash, signal)
        return handle
      } catch (cause) {
        client.drop(handle)
        throw cause
      }
    }
  }
  if (there) await client.remove(part, signal)
  // Exclusive: nothing that somebody laid there is written through.
  return await client.open(part, OpenFlag.read | OpenFlag.write | OpenFlag.create | OpenFlag.exclusive, mode === undefined ? {} : { mode }, signal)
}

const isOfUse = (there: Attributes, bytes: number, now: number): boolean =>
  kindOf(there) === 'file' && (there.size ?? Infinity) <= bytes && Math.abs(now - (there.mtime ?? 0) * 1000) < maxAgeMs

async function goOn(client: SftpClient, handle: Handle, to: number, hash: FileHash, signal: AbortSignal): Promise<void> {
  await client.fsetstat(handle, { size: to }, signal)
  for await (const bytes of readSpan(client, handle, 0, to, signal)) {
    hash.update(bytes)
    client.giveBack(bytes)
  }
}

/** Undefined when nothing is there. */
export async function lstatOf(client: SftpClient, path: string, signal: AbortSignal): Promise<Attributes | undefined> {
  try {
    return await client.lstat(path, signal)
  } catch (cause) {
    if (statusOf(cause) === StatusCode.noSuchFile) return undefined
    throw cause
  }
}
