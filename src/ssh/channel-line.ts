// A channel as a line: what an SSH connection inside of another runs over. Towards the host behind a host, and from a client that comes through us to a host.
import { EventEmitter } from 'node:events'
import type { Failure } from '#domain/failure.ts'
import type { Channel } from './channel.ts'
import type { HostLine, LineSocket } from './host-line.ts'
import { readBytes } from './host-socket.ts'

/** Its reading half begins held. Closing it closes the channel, not the connection that carries it. */
export class ChannelLine extends EventEmitter implements HostLine, LineSocket {
  readonly #channel: Channel
  #reader: (bytes: Buffer) => void = () => undefined
  #isEnding = false
  #isDestroyed = false
  #hasToldEnd = false

  /** `lost` makes what its reader is told when the connection that carries it ends. */
  constructor(channel: Channel, lost: (cause: Failure | undefined) => Error) {
    super()
    this.#channel = channel
    channel.listen({
      // No view of what was lent: the reader's connection keeps what it decrypts.
      gather: { most: readBytes, makeRoom: (length) => Buffer.allocUnsafeSlow(length), data: (bytes) => this.#reader(bytes as Buffer) },
      eof: () => this.#tellEnd(),
      room: () => {
        this.emit('drain')
        if (this.#isEnding) this.destroy()
      },
      closed: (cause, isBroken) => {
        if (!isBroken) this.#tellEnd()
        else if (this.listenerCount('error') > 0) this.emit('error', lost(cause))
        this.destroy()
      },
    })
  }

  get socket(): LineSocket {
    return this
  }
  get writable(): boolean {
    return !this.#isEnding && !this.#isDestroyed && !this.#channel.isOver
  }
  get writableLength(): number {
    return this.#channel.waitingBytes
  }
  get destroyed(): boolean {
    return this.#isDestroyed
  }
  setNoDelay(): void {
    // The connection that carries it has set it.
  }

  write(bytes: Buffer): boolean {
    return this.#channel.write(bytes)
  }

  start(reader: (bytes: Buffer) => void): void {
    this.#reader = reader
    this.#channel.resume()
  }

  hold(): void {
    this.#channel.pause()
  }

  goOn(): void {
    this.#channel.resume()
  }

  stop(putBack: Buffer): void {
    this.#channel.pause()
    this.#channel.putBack(putBack)
  }

  destroySoon(): void {
    this.#isEnding = true
    if (this.#channel.waitingBytes === 0) this.destroy()
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#channel.destroy()
    this.emit('close')
  }

  #tellEnd(): void {
    if (this.#hasToldEnd || this.#isDestroyed) return
    this.#hasToldEnd = true
    this.emit('end')
  }
}
