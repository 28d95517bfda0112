// The data folder: who may read what in it. See "Data on disk" in ARCHITECTURE.md.
import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { CommandFailed } from './say.ts'
import type { RunAs } from './gateway-user.ts'

export type DataFolder = {
  root: string
  control: string
  run: string
  socketPath: string
  gateway(name: string): { identityFolder: string; spoolFolder: string }
  /** Removes what lies outside the data folder. */
  clearAway(): void
}

/** A Unix socket's path has 108 bytes with its final zero (unix(7)). */
const longestSocketPath = 107

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
      return { identityFolder: folder(join(own, 'identity'), 0o700), spoolFolder: folder(join(own, 'spool'), 0o700) }
    }
    const socketPath = socketPathIn(run)
    const clearAway = () => {
      if (dirname(socketPath) !== run) rmSync(dirname(socketPath), { recursive: true, force: true })
    }
    return { root: real, control, run, socketPath, gateway, clearAway }
  } catch (cause) {
    throw new CommandFailed(`the data folder ${root} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Gives a gateway's folder to the user that it runs as, whoever it ran as before. To be called before a gateway runs in it. */
export function giveTo(user: RunAs, path: string): void {
  // By `lstat`, never through a link: a gateway that was taken over may have left one that points at /etc.
  lchownSync(path, user.uid, user.gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) giveTo(user, join(path, name))
}

/** Lets the gateways' group reach control's socket, and nobody else. */
export function openRunFolderTo(user: RunAs, data: DataFolder): void {
  chownSync(data.run, 0, user.gid)
  chmodSync(data.run, 0o710)
}

function folder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true, mode })
  if (process.getuid?.() === lstatSync(path).uid) chmodSync(path, mode)
  return path
}

function socketPathIn(run: string): string {
  const path = join(run, 'control.sock')
  if (Buffer.byteLength(path) <= longestSocketPath) return path
  // A folder with a random name that only this start knows; the next start makes another.
  const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-'))
  chmodSync(elsewhere, 0o711)
  return join(elsewhere, 'control.sock')
}
