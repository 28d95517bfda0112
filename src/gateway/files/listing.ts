// The entries of one folder, as they come.
import { Failure } from '#domain/failure.ts'
import { type FileEntry, maxEntries } from '#wire/files.ts'
import { kindOf } from '../sftp/attributes.ts'
import type { ListedName, SftpClient } from '../sftp/sftp-client.ts'
import { fileEntry } from './file-entry.ts'
import { textOf, within } from './host-path.ts'
import { inOrder } from './in-order.ts'

const askedAhead = 4
/** What a link leads to takes two questions more. */
const maxResolved = 1000

export type Listed = { total: number; isTruncated: boolean }

/** `folder`: canonical. Everything but `.` and `..`, in the host's order; each batch is taken before the next is given. Throws what `SftpClient` does. */
export async function listFolder(
  client: SftpClient,
  folder: string,
  batch: (entries: FileEntry[]) => Promise<void> | void,
  signal: AbortSignal,
): Promise<Listed> {
  const handle = await client.openFolder(folder, signal)
  try {
    let total = 0
    let resolvable = maxResolved
    for await (const names of inOrder(
      () => client.readFolder(handle, signal),
      () => askedAhead,
    )) {
      if (!names) return { total, isTruncated: false }
      const real = names.filter(({ name }) => !isDots(name))
      const taken = real.slice(0, maxEntries - total)
      const links = taken.filter(({ attributes }) => kindOf(attributes) === 'link').slice(0, resolvable)
      resolvable -= links.length
      const resolved = new Map(await Promise.all(links.map(async (link) => [link, await leadsTo(client, folder, link, signal)] as const)))
      total += taken.length
      if (taken.length > 0) await batch(taken.map((each) => ({ ...fileEntry(each.name, each.attributes, each.long), ...resolved.get(each) })))
      if (real.length > taken.length) return { total, isTruncated: true }
    }
    throw new Failure('host_protocol_error', 'The host ended the listing.')
  } finally {
    client.drop(handle)
  }
}

export const isDots = (name: Buffer): boolean => name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))

/** Of a link: what is written in it and what stands at its end. */
export async function leadsTo(
  client: SftpClient,
  folder: string,
  { name }: Pick<ListedName, 'name'>,
  signal: AbortSignal,
): Promise<Pick<FileEntry, 'target' | 'leadsTo'>> {
  const text = textOf(name)
  if (text === undefined || text.includes('/') || text.includes('\0')) return {}
  const path = within(folder, text)
  const [target, there] = await Promise.allSettled([client.readLink(path, signal), client.stat(path, signal)])
  signal.throwIfAborted()
  const kind = there.status === 'fulfilled' ? kindOf(there.value) : 'nothing'
  return {
    ...(target.status === 'fulfilled' ? { target: target.value.subarray(0, 4096).toString('utf8').toWellFormed() } : {}),
    leadsTo: kind === 'link' ? 'nothing' : kind,
  }
}
