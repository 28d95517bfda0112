// One session channel with a PTY and a shell: what a terminal in the browser is.
import { Failure } from '#domain/failure.ts'
import type { Channel } from './channel.ts'
import { Channels } from './channels.ts'
import { ptyValue, readExitSignal, readExitStatus, windowValue } from './channel-wire.ts'
import type { ClientTransport } from './client-transport.ts'

/** What a host may have sent that nobody has taken yet: it bounds our memory while a person's terminal stands still. */
export const windowBytes = 512 * 1024
/** RFC 4254 section 6.10 names, and what is made of a host's own. */
const signalName = /^[A-Z0-9]{1,16}$/
// RFC 4254 section 8: no modes, TTY_OP_END.
const noModes = Buffer.of(0)

export type ShellExit = { exitStatus?: number; signal?: string }
export type ShellListener = {
  /** At most 64 KiB at once and 128 KiB per turn of the event loop, the host's stderr among it. The bytes are the receiver's. */
  output: (bytes: Uint8Array) => void
  /** Where they are written: makes this many bytes. */
  makeRoom?: (length: number) => Uint8Array
  room: () => void
  /** Everything has been handed over. `exit` is undefined when the connection broke before the channel was closed. */
  closed: (exit: ShellExit | undefined, cause: Failure | undefined) => void
}

export class ShellChannel {
  readonly #transport: ClientTransport
  readonly #channel: Channel
  #exit: ShellExit | undefined

  private constructor(transport: ClientTransport, channel: Channel) {
    this.#transport = transport
    this.#channel = channel
  }

  /** Opens the channel, asks for the PTY and the shell. Throws `Failure('channel_refused')` and what `ClientTransport.host` throws. The channel begins paused. */
  static async open(transport: ClientTransport, options: { term: string; cols: number; rows: number }, signal: AbortSignal): Promise<ShellChannel> {
    const refused = (what: string) => new Failure('channel_refused', `The host accepted the sign-in and refuses ${what} for this account.`)
    const opening = new Channels(transport, { maxChannels: 1 }).open({ type: 'session' }, signal, { windowBytes }).catch((cause: unknown) => {
      if (!(cause instanceof Failure && cause.code === 'channel_refused')) throw cause
      throw new Failure('channel_refused', 'The host accepted the sign-in and refuses a terminal: its rules for this account allow none.')
    })
    const channel = await transport.host(signal, opening)
    const ask = (type: string, value?: Buffer) => transport.host(signal, channel.request(type, value))
    const { term, cols, rows } = options
    if (!(await ask('pty-req', ptyValue({ term, cols, rows, widthPixels: 0, heightPixels: 0, modes: noModes })))) throw refused('a terminal')
    if (!(await ask('shell'))) throw refused('a shell')
    return new ShellChannel(transport, channel)
  }

  /** Who receives; before the first `resume`. */
  listen(listener: ShellListener): void {
    this.#transport.takesTyping()
    this.#channel.listen({
      gather: { makeRoom: listener.makeRoom ?? ((length) => new Uint8Array(length)), data: (bytes) => listener.output(bytes) },
      room: () => listener.room(),
      request: (type, value, reply) => {
        if (type === 'exit-status') this.#exit = { exitStatus: readExitStatus(value) }
        else if (type === 'exit-signal') this.#exit = { signal: nameSignal(readExitSignal(value).signal) }
        // OpenSSH's keepalive comes here too; any answer will do.
        else reply?.(false)
      },
      closed: (cause, isBroken) => {
        if (isBroken) listener.closed(this.#exit, cause ?? new Failure('host_protocol_error', 'The connection was closed.'))
        else listener.closed(this.#exit ?? {}, undefined)
      },
    })
  }

  /** Bytes that wait for the host. False when the host takes no more for now: `room` follows. */
  write(bytes: Uint8Array): boolean {
    if (this.#channel.isOver) return true
    this.#transport.typed()
    return this.#channel.write(bytes)
  }

  resize(size: { cols: number; rows: number }): void {
    void this.#channel.request('window-change', windowValue({ ...size, widthPixels: 0, heightPixels: 0 }), false)
  }

  pause(): void {
    this.#channel.pause()
  }

  resume(): void {
    this.#channel.resume()
  }

  /** Stops at once; what was not handed over is dropped and `closed` is not called. */
  close(): void {
    this.#channel.destroy()
    this.#transport.close()
  }
}

function nameSignal(signal: string): string {
  return signalName.test(signal) ? signal : 'UNKNOWN'
}
