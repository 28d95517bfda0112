// ATTRS of SFTP version 3 (draft-ietf-secsh-filexfer-02 section 5).
import type { SftpReader } from './sftp-wire.ts'

const Has = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x8000_0000 } as const
const maxExtended = 64

/** POSIX, as SFTP servers send it with the permissions. */
const FileType = { mask: 0o170000, file: 0o100000, folder: 0o040000, link: 0o120000 } as const
export type FileKind = 'file' | 'folder' | 'link' | 'other'

export type Attributes = {
  /** Undefined as well when it is no exact number (2^53 and above). */
  size?: number
  uid?: number
  gid?: number
  /** With the type of the file in its upper bits. */
  mode?: number
  /** Seconds since the epoch. */
  mtime?: number
}

/** `times`: seconds since the epoch. */
export type SetAttributes = { size?: number; mode?: number; times?: { access: number; change: number } }

export function readAttributes(reader: SftpReader): Attributes {
  const has = reader.uint32()
  const attributes: Attributes = {}
  if (has & Has.size) {
    const size = reader.uint64()
    if (Number.isSafeInteger(size)) attributes.size = size
  }
  if (has & Has.owner) Object.assign(attributes, { uid: reader.uint32(), gid: reader.uint32() })
  if (has & Has.mode) attributes.mode = reader.uint32()
  if (has & Has.times) {
    reader.uint32()
    attributes.mtime = reader.uint32()
  }
  if ((has & Has.extended) !== 0)
    for (let left = Math.min(reader.uint32(), maxExtended); left > 0; left -= 1) {
      reader.string()
      reader.string()
    }
  return attributes
}

export function attributesValue({ size, mode, times }: SetAttributes): Buffer {
  const numbers: number[] = [(size === undefined ? 0 : Has.size) | (mode === undefined ? 0 : Has.mode) | (times === undefined ? 0 : Has.times)]
  if (size !== undefined) numbers.push(Math.floor(size / 2 ** 32), size % 2 ** 32)
  if (mode !== undefined) numbers.push(mode)
  if (times !== undefined) numbers.push(times.access, times.change)
  const value = Buffer.alloc(numbers.length * 4)
  for (const [at, number] of numbers.entries()) value.writeUInt32BE(number, at * 4)
  return value
}

/** A server that says no mode is asked for a plain file only as far as it says nothing else. */
export function kindOf({ mode }: Attributes): FileKind {
  switch ((mode ?? 0) & FileType.mask) {
    case FileType.file:
      return 'file'
    case FileType.folder:
      return 'folder'
    case FileType.link:
      return 'link'
    default:
      return 'other'
  }
}
