// Where a gateway hears from the others of its machine: one Unix socket each, named by the mark that its sessions carry.
import { join } from 'node:path'

/** A Unix socket's path has 108 bytes with its final zero (unix(7)). */
const longestSocketPath = 107

/** `mark`: eight characters of base32, see `gatewayMark`. Throws in words when the folder's path is too long for any. */
export function relaySocketPath(folder: string, mark: string): string {
  const path = join(folder, `${mark}.sock`)
  if (Buffer.byteLength(path) > longestSocketPath)
    throw new Error(`the folder ${folder} has too long a path for sockets: ${longestSocketPath} bytes are the most`)
  return path
}
