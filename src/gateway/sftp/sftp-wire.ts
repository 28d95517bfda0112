// SFTP version 3 (draft-ietf-secsh-filexfer-02) and OpenSSH's extensions to it (PROTOCOL, section 4): numbers, and readers that fail instead of guessing.

export const Sftp = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** Section 6.3. Opened without `write` a file is read, whatever else is said. */
export const OpenFlag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const
export const StatusCode = { ok: 0, eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const
const statusNames = ['OK', 'end of file', 'no such file', 'permission denied', 'failure', 'bad message', 'no connection', 'connection lost', 'not supported']

export const attrHasSize = 1
const maxHandleBytes = 256
const maxPathChars = 4096
const maxSaidChars = 300

/** What is left of a packet behind its type. `fail` throws. */
export class SftpReader {
  readonly #bytes: Buffer
  readonly #fail: (why: string) => never
  #at: number
  constructor(packet: Buffer, at: number, fail: (why: string) => never) {
    this.#bytes = packet
    this.#at = at
    this.#fail = fail
  }
  uint32(): number {
    if (this.#at + 4 > this.#bytes.length) return this.#fail('a packet that is cut short')
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }
  /** Beyond 2^53 not exact: offsets that large are not followed. */
  uint64(): number {
    return this.uint32() * 2 ** 32 + this.uint32()
  }
  string(): Buffer {
    const length = this.uint32()
    if (length > this.#bytes.length - this.#at) return this.#fail('a string longer than its packet')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }
  /** As it stands on the wire, for the ledger; bytes that are no UTF-8 are replaced. */
  path(): string {
    return pathText(this.string())
  }
  /** A handle as a key. */
  handle(): string {
    const handle = this.string()
    return handle.length > maxHandleBytes ? this.#fail('a handle of more than 256 bytes') : handle.toString('latin1')
  }
}

/** A path as it is told. */
export const pathText = (path: Buffer): string => path.toString('utf8').slice(0, maxPathChars).toWellFormed()

/** What a status says, in words. */
export function statusWords(code: number, said: string): string {
  const text = said.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim()
  return (text || (statusNames[code] ?? `status ${code}`)).slice(0, maxSaidChars).toWellFormed()
}

export function statusPacket(id: number, code: number, text: string): Buffer {
  const message = Buffer.from(text)
  const packet = Buffer.alloc(4 + 1 + 4 + 4 + 4 + message.length + 4)
  packet.writeUInt32BE(packet.length - 4, 0)
  packet.writeUInt8(Sftp.status, 4)
  packet.writeUInt32BE(id, 5)
  packet.writeUInt32BE(code, 9)
  packet.writeUInt32BE(message.length, 13)
  message.copy(packet, 17)
  return packet
}
