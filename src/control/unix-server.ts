// Control's one listener: an HTTP server on a Unix socket that only gateways may reach.
import { chmodSync, chownSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'

/** Far above what a machine's gateways hold open to us; more wait in the socket's backlog. */
const maxConnections = 2_000

/** Listens. A socket left behind by a crash is removed; anything else in its place is an error. Mode 0600, or 0660 with the gateways' group. */
export async function listenOnSocket(server: Server, path: string, gatewayGid: number | undefined): Promise<void> {
  const stale = lstatSync(path, { throwIfNoEntry: false })
  if (stale && !stale.isSocket()) throw new Error(`${path} is in the way: it is not a socket. Move it elsewhere.`)
  if (stale) rmSync(path)
  server.maxConnections = maxConnections
  // The socket is never open to others, not even between its making and the next line.
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } finally {
    process.umask(before)
  }
  if (gatewayGid === undefined) return
  chownSync(path, process.getuid?.() ?? -1, gatewayGid)
  chmodSync(path, 0o660)
}

/** Accepts no more, lets requests under way end within `withinMs`, then cuts them. */
export async function closeServer(server: Server, withinMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), withinMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(cut)
}
