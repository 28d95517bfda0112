import { Failure } from '#domain/failure.ts'
import type { Size } from '#session/event.ts'
import type { Far, FarExit, FarListener } from '#session/far.ts'
import { envValue, type ExitSignal, type PtyRequest, ptyValue, readExitSignal, readExitStatus, windowValue } from '#ssh/channel-wire.ts'
import type { Channel } from '#ssh/channel.ts'
import { wireString } from '#ssh/wire-reader.ts'
import { outputRoom } from '#wire/terminal.ts'
import type { HostConnection } from './host-connection.ts'

/** `command`: of an exec, bytes as the client sent them; a shell without. `env`: passed on, for the host to take or not. `prepare` is given the channel before anything runs on it. */
export type TerminalRequest = {
  pty: PtyRequest
  command?: Buffer | undefined
  env?: readonly { name: string; value: Buffer }[] | undefined
  prepare?: (channel: Channel) => void
}

/** What a host may have sent that nobody has taken yet: it bounds our memory while a person's terminal stands still. */
const windowBytes = 512 * 1024
/** RFC 4254 section 6.10 names, and what is made of a host's own. */
const signalName = /^[A-Z0-9]{1,16}$/

/** A program with a PTY on a host as the session sees it. Begins paused. */
export class HostTerminal implements Far {
  on: FarListener = { output: () => {}, room: () => {}, closed: () => {} }
  /** As the host said it, once it has; not cleaned. */
  exitSignal: ExitSignal | undefined
  /** Said with the next sizes. */
  pixels = { widthPixels: 0, heightPixels: 0 }
  readonly #connection: HostConnection
  readonly #channel: Channel
  readonly #over: () => void
  #exit: FarExit | undefined
  #isOver = false

  private constructor(connection: HostConnection, channel: Channel, over: () => void) {
    this.#connection = connection
    this.#channel = channel
    this.#over = over
    connection.takesTyping()
    channel.listen({
      gather: { makeRoom: outputRoom, data: (bytes) => this.on.output(bytes) },
      room: () => this.on.room(),
      request: (type, value, reply) => {
        if (type === 'exit-status') this.#exit = { exitStatus: readExitStatus(value) }
        else if (type === 'exit-signal') this.#exited(readExitSignal(value))
        // OpenSSH's keepalive comes here too; any answer will do.
        else reply?.(false)
      },
      closed: (cause, isBroken) => this.#closed(cause, isBroken),
    })
  }

  /**
   * Asks for the PTY and the program. `over` is called once, when the terminal needs its connection no more, also when it does not open. Throws `Failure('channel_refused')` and what
   * `HostConnection.session` throws.
   */
  static async open(
    connection: HostConnection,
    { pty, command, env = [], prepare }: TerminalRequest,
    signal: AbortSignal,
    over: () => void,
  ): Promise<HostTerminal> {
    let channel: Channel | undefined
    try {
      channel = await connection.session(signal, windowBytes)
      for (const { name, value } of env) void channel.request('env', envValue(name, value), false)
      prepare?.(channel)
      await connection.require(channel, 'a terminal', 'pty-req', ptyValue(pty), signal)
      if (command) await connection.require(channel, 'the command', 'exec', wireString(command), signal)
      else await connection.require(channel, 'a shell', 'shell', undefined, signal)
      return new HostTerminal(connection, channel, over)
    } catch (cause) {
      channel?.destroy()
      over()
      throw cause
    }
  }

  get rttMs(): number | undefined {
    return this.#connection.rttMs
  }

  write(bytes: Uint8Array): boolean {
    if (this.#channel.isOver) return true
    this.#connection.typed()
    return this.#channel.write(bytes)
  }

  resize(size: Size): void {
    void this.#channel.request('window-change', windowValue({ ...size, ...this.pixels }), false)
  }

  /** Nothing more comes from the person: EOF, when what waits is sent. */
  end(): void {
    this.#channel.end()
  }

  /** RFC 4254 section 6.9; the name as the client gave it. */
  signal(value: Uint8Array): void {
    void this.#channel.request('signal', value, false)
  }

  /** RFC 4335. False: the host does not do it. */
  async sendBreak(value: Uint8Array): Promise<boolean> {
    return await this.#channel.request('break', value).catch(() => false)
  }

  pause(): void {
    this.#channel.pause()
  }

  resume(): void {
    this.#channel.resume()
  }

  close(): void {
    this.#channel.destroy()
    this.#leave()
  }

  #exited(exit: ExitSignal): void {
    this.exitSignal = exit
    this.#exit = { signal: signalName.test(exit.signal) ? exit.signal : 'UNKNOWN' }
  }

  #closed(cause: Failure | undefined, isBroken: boolean): void {
    this.#leave()
    if (isBroken) this.on.closed(this.#exit, cause ?? new Failure('host_protocol_error', 'The connection was closed.'))
    else this.on.closed(this.#exit ?? {}, undefined)
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over()
  }
}
