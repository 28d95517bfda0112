// Which crypto ssh2 may use. Its own addon is taken only from our `native/` folder and only when its stamp fits, because one built with headers of Node 24.19 or later aborts the process at a garbage collection.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type NativeCrypto = { path: string } | { path: undefined; reason: string }

const folder = fileURLToPath(new URL(`../../native/${process.platform}-${process.arch}/`, import.meta.url))

/** Looks for the addon and its stamp. `reason` says in words why JavaScript crypto will run. */
export function findNativeCrypto(ssh2Version: string, from = folder): NativeCrypto {
  let stamp: unknown
  try {
    stamp = JSON.parse(readFileSync(`${from}sshcrypto.json`, 'utf8'))
  } catch {
    return { path: undefined, reason: 'no addon was built: run the set-up again' }
  }
  const { nodeHeaders, abi, ssh2, unavailable } = stamp as Record<string, unknown>
  if (unavailable === true) return { path: undefined, reason: 'the addon could not be built on this machine' }
  if (nodeHeaders !== '24.18.0')
    return { path: undefined, reason: `the addon was built with headers of Node ${String(nodeHeaders)}, and only 24.18.0 is known to be safe` }
  if (abi !== process.versions.modules) return { path: undefined, reason: `the addon is for ABI ${String(abi)} and this Node has ${process.versions.modules}` }
  if (ssh2 !== ssh2Version) return { path: undefined, reason: `the addon is for ssh2 ${String(ssh2)} and ${ssh2Version} is installed` }
  return { path: `${from}sshcrypto.node` }
}
