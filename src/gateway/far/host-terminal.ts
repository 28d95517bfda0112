import type { Failure } from '#domain/failure.ts'
import type { Size } from '#session/event.ts'
import type { Far, FarExit, FarListener } from '#session/far.ts'
import type { ClientTransport } from '#ssh/client-transport.ts'
import { Keepalive } from '#ssh/keepalive.ts'
import type { ShellChannel } from '#ssh/shell-channel.ts'
import { outputRoom } from '#wire/terminal.ts'

/** A shell on a host as the session sees it. Begins paused; ends its connection when the channel ends. */
export class HostTerminal implements Far {
  on: FarListener = { output: () => {}, room: () => {}, closed: () => {} }
  readonly #transport: ClientTransport
  readonly #channel: ShellChannel
  readonly #keepalive: Keepalive

  constructor(transport: ClientTransport, channel: ShellChannel) {
    this.#transport = transport
    this.#channel = channel
    this.#keepalive = new Keepalive(transport)
    channel.listen({
      output: (bytes) => this.on.output(bytes),
      makeRoom: outputRoom,
      room: () => this.on.room(),
      closed: (exit, cause) => this.#closed(exit, cause),
    })
  }

  get rttMs(): number | undefined {
    return this.#keepalive.rttMs
  }

  write(bytes: Uint8Array): boolean {
    return this.#channel.write(bytes)
  }

  resize(size: Size): void {
    this.#channel.resize(size)
  }

  pause(): void {
    this.#channel.pause()
  }

  resume(): void {
    this.#channel.resume()
  }

  close(): void {
    this.#keepalive.stop()
    this.#channel.close()
  }

  #closed(exit: FarExit | undefined, cause: Failure | undefined): void {
    this.#keepalive.stop()
    this.#transport.close()
    this.on.closed(exit, cause)
  }
}
