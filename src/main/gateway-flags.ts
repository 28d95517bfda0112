// The wall around a gateway: what Node lets its process do. Reads the program, the pages, its own two folders and the relay's; writes those three; starts no other program.
import { realpathSync } from 'node:fs'
import { conditions, entry, programFolders, roomForBuffers } from './program.ts'

export type GatewayFolders = { identityFolder: string; spoolFolder: string; relayFolder: string }

/** Arguments for Node that come before the entry file. Addons (ssh2's and argon-free ones) and workers (the recorder) are allowed, child processes are not. */
export function gatewayWall({ identityFolder, spoolFolder, relayFolder }: GatewayFolders): string[] {
  const own = [identityFolder, spoolFolder, relayFolder].map((path) => realpathSync(path))
  return [
    ...conditions,
    ...roomForBuffers,
    '--permission',
    // node:sqlite opens files without asking the permission model (seen with 24.21).
    '--no-experimental-sqlite',
    ...[...programFolders(), ...own].map((path) => `--allow-fs-read=${path}`),
    ...own.map((path) => `--allow-fs-write=${path}`),
    '--allow-addons',
    '--allow-worker',
    // The two flags above are warned about at every start; SECURITY.md says what they mean.
    '--disable-warning=PERM0001',
    '--disable-warning=PERM0006',
  ]
}

export const gatewayArgs = (folders: GatewayFolders) => [...gatewayWall(folders), entry('gateway')]
