// The vault keys of this machine: one file for each in the folder of keys. During a rotation there are two; afterwards the old one lies among the retired.
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeKeyFile, readKeyFile, syncFolder } from './key-file.ts'
import { keyBytes, vaultKeyId } from './sealed-text.ts'

const fileHead = 'sallyport-vault-key-1 '
/** Where the first key lies, and any later one may. */
export const firstKeyFile = 'vault.key'
/** Old ones are moved away, so more would be a folder that is not ours. */
const maxKeys = 50
/** A text with a strange key id must not make us read the folder each time. */
const lookAgainAfterMs = 500

export class KeyRing {
  readonly #folder: string
  readonly #keys = new Map<string, Uint8Array>()
  #files = new Map<string, string[]>()
  #soughtInVainAt = -Infinity
  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'keys')
  }

  /** Where a key of this id belongs. */
  pathOf(keyId: string): string {
    return join(this.#folder, `vault-${keyId}.key`)
  }
  get firstPath(): string {
    return join(this.#folder, firstKeyFile)
  }
  get retiredFolder(): string {
    return join(this.#folder, 'retired')
  }

  /** Reads the folder again. What it has read stays, so that a file lost while we run breaks nothing until the next start. Throws in words for a file that is no key, is not what its name says, or may be read by others. */
  look(): void {
    const files = new Map<string, string[]>()
    const names = existsSync(this.#folder) ? readdirSync(this.#folder).filter((name) => name === firstKeyFile || /^vault-.*\.key$/.test(name)) : []
    if (names.length > maxKeys) throw new Error(`${this.#folder} has more than ${maxKeys} vault keys. Move those away that no database needs.`)
    for (const path of names.map((name) => join(this.#folder, name))) {
      const text = readKeyFile(path)
      if (text === undefined) continue // moved away since
      const key = parseKey(text, path)
      const id = vaultKeyId(key)
      if (basename(path) !== firstKeyFile && path !== this.pathOf(id))
        throw new Error(`${path} holds the vault key ${id}, not the one in its name. Put the right file back; nothing has been changed.`)
      files.set(id, [...(files.get(id) ?? []), path])
      this.#keys.set(id, key)
    }
    this.#files = files
  }

  /** Of the files that are there. */
  get ids(): string[] {
    return [...this.#files.keys()].sort()
  }

  /** Undefined when no file has it; one that has just been put there is found. */
  get(keyId: string): Uint8Array | undefined {
    const known = this.#keys.get(keyId)
    if (known || performance.now() - this.#soughtInVainAt < lookAgainAfterMs) return known
    try {
      this.look()
    } catch {
      // The beat says what is wrong with the folder.
    }
    if (!this.#keys.has(keyId)) this.#soughtInVainAt = performance.now()
    return this.#keys.get(keyId)
  }

  /** Writes a new key durably; false when its file was there already. */
  write(path: string, key: Uint8Array): boolean {
    return makeKeyFile(path, `${fileHead}${Buffer.from(key).toString('base64')}\n`)
  }

  /** Forgets the key and moves its files to the retired: a backup from before the rotation opens with it alone. */
  retire(keyId: string): void {
    this.#keys.get(keyId)?.fill(0)
    this.#keys.delete(keyId)
    const paths = this.#files.get(keyId) ?? []
    this.#files.delete(keyId)
    if (paths.length === 0) return
    mkdirSync(this.retiredFolder, { recursive: true, mode: 0o700 })
    for (const path of paths) moveIfThere(path, join(this.retiredFolder, `vault-${keyId}.key`))
    syncFolder(this.retiredFolder)
    syncFolder(this.#folder)
  }

  /** Whether a retired file has this key. */
  isRetired(keyId: string): boolean {
    return existsSync(join(this.retiredFolder, `vault-${keyId}.key`))
  }
}

/** Control and the command that rotates tidy the same folder. */
function moveIfThere(path: string, to: string): void {
  try {
    renameSync(path, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

function parseKey(text: string, path: string): Uint8Array {
  const key = text.startsWith(fileHead) ? Buffer.from(text.slice(fileHead.length).trim(), 'base64') : Buffer.alloc(0)
  if (key.length !== keyBytes) throw new Error(`${path} is not a vault key: it was cut off or overwritten. Put the right file back; nothing has been changed.`)
  return key
}
