// An accepted connection as the line under SSH.
import type { Socket } from 'node:net'
import type { HostLine } from './host-line.ts'
import { readShared } from './host-socket.ts'

const pieceBytes = 64 * 1024

/** Reads pieces of at most 64 KiB, lent (`isLent`). The socket is owned by the line from now on. */
export class SocketLine implements HostLine {
  readonly socket: Socket
  #reader: ((bytes: Buffer) => void) | undefined
  #putBack: Buffer = Buffer.alloc(0)
  #isHeld = true

  constructor(socket: Socket) {
    this.socket = socket
    socket.pause()
    // Until the transport listens, an error without any listener would end the process.
    socket.on('error', () => undefined)
  }

  /** What was put back comes first, at once. */
  start(reader: (bytes: Buffer) => void): void {
    const isFirst = this.#reader === undefined
    this.#reader = reader
    // What came before anybody read lies in Node's own buffer.
    const first = isFirst ? (this.socket.read() as Buffer | null) : null
    const early = first ? Buffer.concat([this.#putBack, first]) : this.#putBack
    this.#putBack = Buffer.alloc(0)
    if (isFirst && !readShared(this.socket, pieceBytes, (bytes) => this.#read(bytes))) this.socket.on('data', (bytes: Buffer) => this.#reader?.(bytes))
    this.#isHeld = false
    if (early.length > 0) reader(early)
    if (!this.#isHeld) this.socket.resume()
  }

  hold(): void {
    this.#isHeld = true
    this.socket.pause()
  }

  goOn(): void {
    this.#isHeld = false
    this.socket.resume()
  }

  stop(putBack: Buffer): void {
    this.hold()
    this.#putBack = putBack
  }

  /** False makes Node stop reading. */
  #read(bytes: Buffer): boolean {
    this.#reader?.(bytes)
    return !this.#isHeld
  }
}
