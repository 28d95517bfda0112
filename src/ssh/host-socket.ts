// A socket to a host, read into one buffer that all hosts share: a read costs no memory, and a flood comes in few large pieces.
import { connect, type Socket } from 'node:net'

/** The most that one read takes of a host. */
export const readBytes = 128 * 1024
// Reading is synchronous, so the buffer is only one host's at a time, and only until its reader returns.
const shared = Buffer.allocUnsafeSlow(readBytes)

/**
 * Reads an accepted socket into the buffer too, `most` bytes at once, where Node has no option for it: its fields for `onread` are filled in. False where they are not found; nothing is
 * changed then. `read` is given lent bytes and answers false to read no more until `resume`.
 */
export function readShared(socket: Socket, most: number, read: (bytes: Buffer) => boolean): boolean {
  const fields = Object.getOwnPropertySymbols(socket)
  const buffer = fields.find((field) => field.description === 'kBuffer')
  const callback = fields.find((field) => field.description === 'kBufferCb')
  const inside = socket as unknown as Record<symbol, unknown> & { _handle?: { useUserBuffer?: (buffer: Buffer) => void } | null }
  if (!buffer || !callback || inside[buffer] !== null || !inside._handle?.useUserBuffer) return false
  const own = shared.subarray(0, most)
  inside[buffer] = own
  inside[callback] = (length: number) => read(own.subarray(0, length))
  inside._handle.useUserBuffer(own)
  return true
}

/** Whether the bytes are lent: gone when the reader has returned. */
export const isLent = (bytes: Uint8Array): boolean => bytes.buffer === shared.buffer

export class HostSocket {
  /** Connecting; nothing is read before `start`. Its readable side is this class's. */
  readonly socket: Socket
  #reader: (bytes: Buffer) => void = () => undefined
  #isHeld = true
  #putBack: Buffer = Buffer.alloc(0)

  constructor(target: { host: string; port: number }) {
    this.socket = connect({ ...target, noDelay: true, onread: { buffer: shared, callback: (length) => this.#read(length) } })
    this.socket.pause()
  }

  /** From now on `reader` is given what comes, lent (`isLent`). What was put back comes first, at once. */
  start(reader: (bytes: Buffer) => void): void {
    this.#reader = reader
    this.#isHeld = false
    const early = this.#putBack
    this.#putBack = Buffer.alloc(0)
    if (early.length > 0) reader(early)
    if (!this.#isHeld) this.socket.resume()
  }

  /** Reads no more until `goOn`. */
  hold(): void {
    this.#isHeld = true
  }

  goOn(): void {
    this.#isHeld = false
    this.socket.resume()
  }

  /** Ends a reader; these bytes (not lent) are the first of the next. */
  stop(putBack: Buffer): void {
    this.hold()
    this.socket.pause()
    this.#putBack = putBack
  }

  /** False makes Node stop reading. */
  #read(length: number): boolean {
    if (!this.#isHeld) this.#reader(shared.subarray(0, length))
    // One read may be under way when it is held from outside.
    else this.#putBack = Buffer.concat([this.#putBack, shared.subarray(0, length)])
    return !this.#isHeld
  }
}
