// What a host's SFTP server says, cut into packets (draft-ietf-secsh-filexfer-02 section 3), each in memory of its own.
import { PacketRooms } from './packet-rooms.ts'

/** OpenSSH's SFTP_MAX_MSG_LENGTH; the draft wants 34,000. A host that announces more is not served. */
export const maxPacketBytes = 256 * 1024
const minPacketBytes = 5

export class AnswerStream {
  readonly #take: (packet: Buffer) => void
  readonly #fail: (why: string) => never
  readonly #rooms: PacketRooms
  readonly #length = Buffer.alloc(4)
  #lengthBytes = 0
  #packet: Buffer | undefined
  #filled = 0

  /** `take`: a packet from its type on, the receiver's own, which may give it back to the rooms. `fail` throws; nothing is pushed after it. */
  constructor(take: (packet: Buffer) => void, fail: (why: string) => never, rooms = new PacketRooms()) {
    this.#take = take
    this.#fail = fail
    this.#rooms = rooms
  }

  /** The bytes are lent: they are copied. */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (!this.#packet) {
        const part = Math.min(4 - this.#lengthBytes, bytes.length - at)
        bytes.copy(this.#length, this.#lengthBytes, at, at + part)
        this.#lengthBytes += part
        at += part
        if (this.#lengthBytes < 4) return
        this.#begin(this.#length.readUInt32BE(0))
      }
      const packet = this.#packet
      if (!packet) return
      const part = Math.min(packet.length - this.#filled, bytes.length - at)
      bytes.copy(packet, this.#filled, at, at + part)
      this.#filled += part
      at += part
      if (this.#filled < packet.length) return
      this.#packet = undefined
      this.#take(packet)
    }
  }

  #begin(length: number): void {
    if (length < minPacketBytes || length > maxPacketBytes) this.#fail(`a packet of ${length} bytes`)
    this.#lengthBytes = 0
    this.#filled = 0
    this.#packet = this.#rooms.take(length)
  }
}
