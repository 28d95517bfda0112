// A folder with all that is in it: links are removed and never followed, and what is removed at once is bounded.
import { Failure } from '#domain/failure.ts'
import { kindOf } from '../sftp/attributes.ts'
import type { SftpClient } from '../sftp/sftp-client.ts'
import { shownPath } from '../sftp/sftp-failure.ts'
import { isDots } from './listing.ts'

const maxDepth = 100
const maxRemoved = 100_000
const atOnce = 32
const slash = Buffer.from('/')

export type Removed = { removed: number }

/** `folder`: canonical. Stops at the first that cannot be removed; what is gone is gone, and the next try goes on. Throws `Failure('too_many_files')` and what `SftpClient` does. */
export async function removeTree(client: SftpClient, folder: string, signal: AbortSignal, progress?: (removed: number) => void): Promise<Removed> {
  let removed = 0
  const count = (more: number) => {
    removed += more
    if (removed > maxRemoved) throw new Failure('too_many_files', `More than ${maxRemoved} files: ${removed} are removed, and the rest is still there.`)
    progress?.(removed)
  }

  /** Names as the host's bytes, so that those in other encodings go too. */
  const empty = async (path: Buffer, depth: number): Promise<void> => {
    if (depth > maxDepth) throw new Failure('too_many_files', `Folders within folders, more than ${maxDepth} deep.`)
    const handle = await client.openFolder(path, signal)
    const folders: Buffer[] = []
    try {
      // A folder that was swapped for a link meanwhile is not gone into.
      if (!(await client.realPath(path, signal)).equals(path)) throw new Failure('file_changed', `“${shownPath(path)}” is not what it was.`)
      for (;;) {
        const names = await client.readFolder(handle, signal)
        if (!names) break
        const files: Buffer[] = []
        for (const { name, attributes } of names) {
          if (isDots(name)) continue
          if (name.length === 0 || name.includes('/') || name.includes('\0'))
            throw new Failure('host_protocol_error', 'The host lists a name that none can have.')
          const whole = Buffer.concat([path, slash, name])
          if (kindOf(attributes) === 'folder') folders.push(whole)
          else files.push(whole)
        }
        if (removed + folders.length > maxRemoved) throw new Failure('too_many_files', `More than ${maxRemoved} folders in one.`)
        for (let at = 0; at < files.length; at += atOnce) {
          const some = files.slice(at, at + atOnce)
          await Promise.all(some.map((file) => client.remove(file, signal)))
          count(some.length)
        }
      }
    } finally {
      client.drop(handle)
    }
    for (const each of folders) await empty(each, depth + 1)
    await client.removeFolder(path, signal)
    count(1)
  }

  await empty(Buffer.from(folder), 0)
  return { removed }
}
