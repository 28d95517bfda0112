// An accepted connection as the line under SSH.
import type { Socket } from 'node:net'
import type { HostLine } from './host-line.ts'

/** Reads pieces of at most 64 KiB, which are the reader's own. The socket is owned by the line from now on. */
export class SocketLine implements HostLine {
  readonly socket: Socket
  #reader: ((bytes: Buffer) => void) | undefined
  #putBack: Buffer = Buffer.alloc(0)

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
    const early = this.#putBack
    this.#putBack = Buffer.alloc(0)
    if (isFirst) this.socket.on('data', (bytes: Buffer) => this.#reader?.(bytes))
    if (early.length > 0) reader(early)
    this.socket.resume()
  }

  hold(): void {
    this.socket.pause()
  }

  goOn(): void {
    this.socket.resume()
  }

  stop(putBack: Buffer): void {
    this.hold()
    this.#putBack = putBack
  }
}
