// Paths on hosts as pages and programs send them: what cannot be one is refused before a host sees it.
import { Failure } from '#domain/failure.ts'
import { canonicalPath } from '#domain/file-rule.ts'

const maxPathBytes = 4096
const maxNameBytes = 255
/** What makes a name lie about itself where it is read: in a listing, in a terminal, in the ledger. */
const unfit = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Absolute, with `.`, `..` and doubled slashes resolved by its words, so that what is judged is what is used. Throws `Failure('file_name_unsafe')`: NUL, halves of characters, too long. */
export function hostPath(path: string, home: string): string {
  const whole = canonicalPath(path, home)
  if (path === '' || whole.includes('\0') || !whole.isWellFormed()) throw unsafe('A path that no file can have.')
  if (Buffer.byteLength(whole) > maxPathBytes) throw unsafe(`A path of more than ${maxPathBytes} bytes.`)
  return whole
}

/** A path under which something is to be made: its name shows itself as it is. Throws `Failure('file_name_unsafe')`. */
export function newPath(path: string, home: string): string {
  const whole = hostPath(path, home)
  const name = nameOf(whole)
  if (name === '' || unfit.test(name)) throw unsafe('The name has characters in it that cannot be seen.')
  if (Buffer.byteLength(name) > maxNameBytes) throw unsafe(`The name is longer than ${maxNameBytes} bytes.`)
  return whole
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
export const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
export const within = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

/** Undefined when the bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    // A name in another encoding: it can be shown and not be used.
    return undefined
  }
}

const unsafe = (words: string): Failure => new Failure('file_name_unsafe', words)
