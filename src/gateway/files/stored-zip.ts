// A zip archive written as its files come, none of them compressed: APPNOTE.TXT 6.3.10, with ZIP64 where a number needs it. Sizes and digests follow each file (data descriptors), so nothing
// has to be known before and nothing is held but the table at the end.
import { crc32 } from 'node:zlib'

/** The table at the end holds a name and 64 bytes for each. */
export const maxZipEntries = 200_000
const most16 = 0xffff
const most32 = 0xffffffff
/** Sizes follow (bit 3); names are UTF-8 (bit 11). */
const flags = 0x0808
const madeByUnix = 3 << 8
const plainVersion = 20
const zip64Version = 45

type Entry = { name: Buffer; at: number; bytes: number; crc: number; mtime: number; isFolder: boolean }

export class StoredZip {
  readonly #write: (bytes: Uint8Array) => void
  readonly #entries: Entry[] = []
  #open: Entry | undefined
  #at = 0

  /** `write` gets every byte of the archive in order; what it is given of `data` is as lent as it was there. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  /** Of all that was written. */
  get bytes(): number {
    return this.#at
  }
  get isFull(): boolean {
    return this.#entries.length >= maxZipEntries
  }

  /** The next file. `name`: its way in the archive, names with `/` between, each fit to be one (`safeFileName`); a second one of the same name is the caller's to avoid. `mtime`: seconds since the epoch. */
  begin(name: string, mtime: number): void {
    this.#add(name, mtime, false)
  }

  /** An empty folder; those with files in them need none. */
  folder(name: string, mtime: number): void {
    this.#add(`${name}/`, mtime, true)
    this.#open = undefined
  }

  /** Of the file that was begun last. */
  data(bytes: Uint8Array): void {
    const entry = this.#open
    if (!entry) throw new Error('no file of the archive is open')
    entry.crc = crc32(bytes, entry.crc)
    entry.bytes += bytes.length
    this.#put(bytes)
  }

  end(): void {
    const entry = this.#open
    if (!entry) throw new Error('no file of the archive is open')
    this.#open = undefined
    const isLarge = entry.bytes >= most32
    const descriptor = new Fields(isLarge ? 24 : 16).u32(0x08074b50).u32(entry.crc)
    this.#put((isLarge ? descriptor.u64(entry.bytes).u64(entry.bytes) : descriptor.u32(entry.bytes).u32(entry.bytes)).done)
  }

  /** The table of all files: the archive is whole. */
  finish(): void {
    const from = this.#at
    for (const entry of this.#entries) this.#put(tableRow(entry))
    const bytes = this.#at - from
    const count = this.#entries.length
    if (count >= most16 || bytes >= most32 || from >= most32) this.#put(zip64End(count, from, bytes))
    const few = Math.min(count, most16)
    this.#put(new Fields(22).u32(0x06054b50).u16(0).u16(0).u16(few).u16(few).u32(Math.min(bytes, most32)).u32(Math.min(from, most32)).u16(0).done)
  }

  #add(name: string, mtime: number, isFolder: boolean): void {
    if (this.#open) throw new Error('the file before has not ended')
    if (this.isFull) throw new Error('the archive is full')
    const entry: Entry = { name: Buffer.from(name).subarray(0, most16), at: this.#at, bytes: 0, crc: 0, mtime: Math.max(0, Math.floor(mtime)), isFolder }
    this.#entries.push(entry)
    this.#open = entry
    const time = timeField(entry.mtime)
    const head = new Fields(30).u32(0x04034b50).u16(plainVersion).u16(flagsOf(entry)).u16(0).u32(dosTime(entry.mtime)).u32(0).u32(0).u32(0)
    this.#put(Buffer.concat([head.u16(entry.name.length).u16(time.length).done, entry.name, time]))
  }

  #put(bytes: Uint8Array): void {
    this.#at += bytes.length
    this.#write(bytes)
  }
}

/** What is known of a folder needs not follow it. */
const flagsOf = ({ isFolder }: Entry) => (isFolder ? flags & ~0x0008 : flags)

function tableRow(entry: Entry): Buffer {
  const { name, at, bytes, crc, mtime, isFolder } = entry
  const large = [...(bytes >= most32 ? [bytes, bytes] : []), ...(at >= most32 ? [at] : [])]
  const zip64 = new Fields(large.length === 0 ? 0 : 4 + 8 * large.length)
  if (large.length > 0) zip64.u16(0x0001).u16(8 * large.length)
  for (const number of large) zip64.u64(number)
  const extra = Buffer.concat([zip64.done, timeField(mtime)])
  const version = large.length > 0 ? zip64Version : plainVersion
  const size = Math.min(bytes, most32)
  const row = new Fields(46)
    .u32(0x02014b50)
    .u16(madeByUnix | version)
    .u16(version)
    .u16(flagsOf(entry))
    .u16(0)
    .u32(dosTime(mtime))
    .u32(crc)
    .u32(size)
    .u32(size)
  row.u16(name.length).u16(extra.length).u16(0).u16(0).u16(0)
  // As Unix keeps it: a file or folder that its owner may write and all may read; the low byte is what MS-DOS calls a folder.
  row.u32((isFolder ? 0o40755 : 0o100644) * 0x10000 + (isFolder ? 0x10 : 0)).u32(Math.min(at, most32))
  return Buffer.concat([row.done, name, extra])
}

function zip64End(count: number, from: number, bytes: number): Buffer {
  const end = new Fields(56)
    .u32(0x06064b50)
    .u64(44)
    .u16(madeByUnix | zip64Version)
    .u16(zip64Version)
    .u32(0)
    .u32(0)
    .u64(count)
    .u64(count)
    .u64(bytes)
    .u64(from)
  const locator = new Fields(20)
    .u32(0x07064b50)
    .u32(0)
    .u64(from + bytes)
    .u32(1)
  return Buffer.concat([end.done, locator.done])
}

/** Info-ZIP's extended timestamp: seconds since the epoch, whatever zone a reader lives in. */
const timeField = (mtime: number): Buffer => new Fields(9).u16(0x5455).u16(5).u8(1).u32(Math.min(mtime, 0x7fffffff)).done

/** Section 4.4.6, in UTC: what readers use that do not know the field above. Years 1980 to 2107. */
function dosTime(mtime: number): number {
  const at = new Date(mtime * 1000)
  const year = at.getUTCFullYear()
  if (!(year >= 1980)) return 0x00210000
  if (year > 2107) return 0xff9fbf7d
  const day = ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  return ((day << 16) | (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)) >>> 0
}

/** Numbers in a row, the lowest byte first. */
class Fields {
  readonly done: Buffer
  #at = 0
  constructor(length: number) {
    this.done = Buffer.alloc(length)
  }
  u8(value: number): this {
    this.#at = this.done.writeUInt8(value, this.#at)
    return this
  }
  u16(value: number): this {
    this.#at = this.done.writeUInt16LE(value, this.#at)
    return this
  }
  u32(value: number): this {
    this.#at = this.done.writeUInt32LE(value, this.#at)
    return this
  }
  u64(value: number): this {
    this.#at = this.done.writeBigUInt64LE(BigInt(value), this.#at)
    return this
  }
}
