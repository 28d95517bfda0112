// A file of real blocks beside the database. On a full disk it is given up, so that people can still sign in and delete; it is made again when there is room.
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StoreLog } from './open-store.ts'

/** Room for some ten thousand rows with their write-ahead log. */
const reserveBytes = 16 * 1024 * 1024
/** Made again only when this much is free beyond it; otherwise it would be given up again at once. */
const roomBesideBytes = 4 * reserveBytes

export type Reserve = {
  isHeld(): boolean
  /** Frees the room. False when there was none to free. */
  giveUp(): boolean
  /** Makes the reserve again when the disk has room for it and as much again four times; to be called now and then. */
  restore(): boolean
}

export function openReserve(path: string, log: StoreLog, bytes = reserveBytes): Reserve {
  const isHeld = () => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes
  const reserve: Reserve = {
    isHeld,
    giveUp() {
      if (!statSync(path, { throwIfNoEntry: false })) return false
      rmSync(path, { force: true })
      return true
    },
    restore() {
      if (isHeld()) return true
      const disk = statfsSync(dirname(path))
      if (disk.bavail * disk.bsize < bytes + Math.min(roomBesideBytes, 4 * bytes)) return false
      try {
        fill(path, bytes)
        return true
      } catch (error) {
        rmSync(path, { force: true })
        log.warn({ error: String(error) }, 'the reserve for a full disk could not be made')
        return false
      }
    },
  }
  if (!reserve.restore()) log.warn({ path }, 'the disk has no room for the reserve that keeps sign-in and deletion working')
  return reserve
}

/** Writes noise, not zeros: a file system that compresses or leaves holes would keep no room for zeros. */
function fill(path: string, bytes: number): void {
  const noise = new Uint8Array(65_536)
  for (let at = 0, state = 0x9e3779b9; at < noise.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    noise[at] = state >>> 24
  }
  const file = openSync(path, 'w', 0o600)
  try {
    for (let written = 0; written < bytes; written += noise.length) writeSync(file, noise, 0, Math.min(noise.length, bytes - written))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
