// CHANNEL_DATA without memory of its own for each packet: it is made in one room that all connections share, encrypted there, and given to the socket, which mostly has sent it when the call
// returns. Memory outside of the heap that comes and goes with each packet costs more processor time in garbage collections than the encryption does.
import { randomFillSync } from 'node:crypto'
import type { Carrier } from './carrier.ts'
import { Message } from './connection-messages.ts'

const stderrType = 1
const headBytes = 5
const tagBytes = 16
// The largest packet that channels send, with its head, padding and tag.
const maxDataBytes = 32 * 1024
const roomBytes = maxDataBytes + 64
// Small ones come from Node's own pool.
const minDataBytes = 4096
let room = Buffer.allocUnsafeSlow(roomBytes)
/** A packet of a connection inside of another is on its way through that other one, which may send more before it has copied it. */
let isTaken = false

/** What packets are a multiple of, for the ciphers of the library that encrypt in place and append 16 bytes (RFC 5647, chacha20-poly1305@openssh.com). */
const blockOf: Record<string, number> = { AESGCMCipherBinding: 16, ChaChaPolyCipherBinding: 8 }

/** Sends data or, as its own stream, stderr. The caller has looked at the window and the room. */
export function sendData(carrier: Carrier, channel: number, bytes: Buffer, isStderr: boolean): void {
  const { engine } = carrier
  const cipher = engine._cipher
  const block = blockOf[cipher.constructor.name]
  const fits = bytes.length >= minDataBytes && bytes.length <= maxDataBytes && engine._kexinit === undefined
  // What waits in the socket goes first, so this packet would wait too, and needs memory of its own.
  if (block === undefined || !fits || isTaken || carrier.unsentBytes > 0)
    return isStderr ? engine.channelExtData(channel, bytes, stderrType) : engine.channelData(channel, bytes)
  const payload = (isStderr ? 13 : 9) + bytes.length
  let padding = block - ((1 + payload) % block)
  if (padding < 4) padding += block
  const length = 1 + payload + padding
  const packet = room.subarray(0, 4 + length + tagBytes)
  packet.writeUInt32BE(length, 0)
  packet[4] = padding
  packet[headBytes] = isStderr ? Message.extendedData : Message.data
  let at = packet.writeUInt32BE(channel, headBytes + 1)
  if (isStderr) at = packet.writeUInt32BE(stderrType, at)
  at = packet.writeUInt32BE(bytes.length, at)
  packet.set(bytes, at)
  randomFillSync(packet, headBytes + payload, padding)
  isTaken = true
  try {
    cipher.encrypt(packet)
  } finally {
    isTaken = false
  }
  // The socket keeps what it could not send: the room is its own from now on.
  if (carrier.unsentBytes > 0) room = Buffer.allocUnsafeSlow(roomBytes)
}
