// What a transfer in a terminal left or found on the host, compared by the host's own digest. Neither `sz` nor `rz` says where a file lies: the shell's folder is a guess that may prove right.
import { canonicalPath } from '#domain/file-rule.ts'
import { HostDigest } from '../files/host-digest.ts'
import type { HostConnection } from '../far/host-connection.ts'
import type { TransferParts } from './transfer.ts'

/** Over the terminal's own connection. `folder`: where the shell stands, when that is known. */
export function checkOnHost(connection: HostConnection, folder: () => string | undefined): TransferParts['verify'] {
  const digest = new HostDigest(connection)
  return async ({ way, name, bytes, sha256 }) => {
    const at = folder()
    if (at === undefined || !at.startsWith('/')) return { verified: 'protocol' }
    const path = canonicalPath(name, at)
    const theirs = await digest.of(path, bytes, connection.gone).catch(() => undefined) // a host that is gone says nothing
    if (theirs === sha256) return { verified: 'host', path }
    // `sz` may have been given a path: another file of that name says nothing.
    return theirs === undefined || way === 'sz' ? { verified: 'protocol' } : { verified: 'differs', path }
  }
}
