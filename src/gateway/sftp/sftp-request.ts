// Requests of SFTP version 3, as bytes whose id is written when they are sent.
import { type SetAttributes, attributesValue } from './attributes.ts'
import { Sftp } from './sftp-wire.ts'

/** Text is UTF-8. A name that is none goes back as the bytes in which it came. */
export type SftpPath = string | Uint8Array

type Field = { uint32: number } | { uint64: number } | { string: SftpPath } | { attributes: SetAttributes }

const idAt = 5
const headBytes = 9

export function requestOf(type: number, ...fields: Field[]): Buffer {
  const values = fields.map(valueOf)
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(type, 4)
  const packet = Buffer.concat([head, ...values])
  packet.writeUInt32BE(packet.length - 4, 0)
  return packet
}

export const setId = (packet: Buffer, id: number): void => void packet.writeUInt32BE(id, idAt)

/** What stands before the bytes of a WRITE (section 6.4), for packets that are filled in place. */
export const writeHeadBytes = (handle: Uint8Array): number => headBytes + 4 + handle.length + 8 + 4
export function fillWriteHead(packet: Buffer, handle: Uint8Array, offset: number, length: number): void {
  packet.writeUInt32BE(writeHeadBytes(handle) + length - 4, 0)
  packet.writeUInt8(Sftp.write, 4)
  let at = packet.writeUInt32BE(handle.length, headBytes)
  packet.set(handle, at)
  at = writeUint64(packet, offset, at + handle.length)
  packet.writeUInt32BE(length, at)
}

function valueOf(field: Field): Buffer {
  if ('attributes' in field) return attributesValue(field.attributes)
  if ('string' in field) {
    const bytes = typeof field.string === 'string' ? Buffer.from(field.string) : field.string
    const value = Buffer.alloc(4 + bytes.length)
    value.writeUInt32BE(bytes.length, 0)
    value.set(bytes, 4)
    return value
  }
  const value = Buffer.alloc('uint64' in field ? 8 : 4)
  if ('uint64' in field) writeUint64(value, field.uint64, 0)
  else value.writeUInt32BE(field.uint32, 0)
  return value
}

function writeUint64(bytes: Buffer, value: number, at: number): number {
  return bytes.writeUInt32BE(value % 2 ** 32, bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at))
}
