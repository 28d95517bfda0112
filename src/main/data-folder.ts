// The data folder: who may read what in it. See "Data on disk" in ARCHITECTURE.md.
import { chmodSync, chownSync, closeSync, constants, lchownSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CommandFailed } from './say.ts'
import type { GatewayFolders } from './gateway-flags.ts'
import type { RunAs } from './gateway-user.ts'

export type DataFolder = {
  root: string
  control: string
  run: string
  socketPath: string
  /** 0700: where gateways hand each other connections. */
  relay: string
  gateway(name: string): GatewayFolders
  /** Removes what lies outside the data folder. */
  clearAway(): void
}

/** A Unix socket's path has 108 bytes with its final zero (unix(7)). */
const longestSocketPath = 107
const longestSocketName = 'relay/abcdefgh.sock'

/** Makes what is missing and closes what must be closed. Throws `CommandFailed` in words. */
export function openDataFolder(path: string): DataFolder {
  const root = resolve(path)
  try {
    mkdirSync(root, { recursive: true, mode: 0o711 })
    // Gateways of another user pass through it to their own folders.
    if (process.getuid?.() === lstatSync(root).uid) chmodSync(root, 0o711)
    const real = realpathSync(root)
    const control = folder(join(real, 'control'), 0o700)
    const run = folder(join(real, 'run'), 0o711)
    folder(join(real, 'gateways'), 0o711)
    const gateway = (name: string) => {
      const own = folder(join(real, 'gateways', name), 0o700)
      return { identityFolder: ownFolder(join(own, 'identity')), spoolFolder: ownFolder(join(own, 'spool')), relayFolder: relay }
    }
    const sockets = socketFolder(run)
    const relay = folder(join(sockets, 'relay'), 0o700)
    const clearAway = () => {
      if (sockets !== run) rmSync(sockets, { recursive: true, force: true })
    }
    return { root: real, control, run, socketPath: join(sockets, 'control.sock'), relay, gateway, clearAway }
  } catch (cause) {
    throw new CommandFailed(`the data folder ${root} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Spools are two folders deep. What lies deeper is none of ours and stays as it is. */
const deepest = 4

/**
 * Gives a gateway's folder to the user that it runs as, whoever it ran as before. A gateway that was taken over, or a process that it left behind, may have put a link to
 * /etc there, may put one there while this runs, or may have given a file of others a second name: each folder is opened as one and what is in it is named by its
 * descriptor, and files with a second name are left out.
 */
export function giveTo(user: RunAs, path: string, depth = 0): void {
  const facts = lstatSync(path)
  if (facts.isFile() && facts.nlink > 1) return
  lchownSync(path, user.uid, user.gid)
  if (!facts.isDirectory() || depth >= deepest) return
  const folder = openAsFolder(path)
  if (folder === undefined) return
  // Only Linux names descriptors so; elsewhere nobody can run as a user of their own yet.
  const inside = process.platform === 'linux' ? `/proc/self/fd/${folder}` : path
  try {
    for (const name of readdirSync(inside)) giveTo(user, join(inside, name), depth + 1)
  } finally {
    closeSync(folder)
  }
}

function openAsFolder(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch {
    return undefined // no folder any more since it was looked at
  }
}

/** Lets the gateways' group reach control's socket, and nobody else; gives gateways the folder in which they reach each other. */
export function openRunFolderTo(user: RunAs, data: DataFolder): void {
  chownSync(data.run, 0, user.gid)
  chmodSync(data.run, 0o710)
  chownSync(data.relay, user.uid, user.gid)
}

function folder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true, mode })
  if (process.getuid?.() === lstatSync(path).uid) chmodSync(path, mode)
  return path
}

/** A link in its place that is not ours was left by a gateway: followed, it would open the wall to where it points. */
function ownFolder(path: string): string {
  folder(path, 0o700)
  const { uid } = lstatSync(path)
  if (lstatSync(path).isSymbolicLink() && uid !== process.getuid?.())
    throw new CommandFailed(`${path} is a link that user ${uid} has put there: a gateway may have been taken over. Look where it points, then remove it`)
  return path
}

/** Where sockets lie: in the run folder, or, when its path is too long for them, in one with a random name that only this start knows; the next start makes another. */
function socketFolder(run: string): string {
  if (Buffer.byteLength(join(run, longestSocketName)) <= longestSocketPath) return run
  const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-'))
  chmodSync(elsewhere, 0o711)
  return elsewhere
}
