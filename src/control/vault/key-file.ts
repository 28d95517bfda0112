// Keys of the house lie in files of their own, 0600, outside the database, so that a stolen database or backup opens nothing.
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Far beyond every key that is kept so: a larger file is not one of ours. */
const maxKeyFileBytes = 4096

/** The text of the file; undefined when there is none. Throws in words when others may read it. */
export function readKeyFile(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false })
  if (!facts) return undefined
  if (!facts.isFile() || facts.size > maxKeyFileBytes) throw new Error(`${path} is not a key file`)
  if ((facts.mode & 0o077) !== 0)
    throw new Error(`${path} may be read by others (mode ${(facts.mode & 0o777).toString(8)}). Think about who has read it; then: chmod 600 ${path}`)
  return readFileSync(path, 'utf8')
}

/** Writes a new key durably, whole or not at all, and never over another. False when one stood there already (another process was first). */
export function makeKeyFile(path: string, text: string): boolean {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const draft = `${path}.${process.pid}.new`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    // A link fails when the name is taken; a rename would replace the key that was there.
    linkSync(draft, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(folder)
  return true
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
