// Going on from a host that one has signed in to: TCP connections that it makes for us, RFC 4254 section 7.2, as `ssh -J` does. No shell, no agent, nothing else.
import { Failure, isFailure } from '#domain/failure.ts'
import { ChannelLine } from './channel-line.ts'
import { Channels, OpenRefusal } from './channels.ts'
import type { ClientTransport } from './client-transport.ts'

/** At once over one connection. */
export const maxTunnels = 16
const openWithinMs = 10_000

export class Tunnels {
  readonly #transport: ClientTransport
  readonly #channels: Channels
  readonly #lost: (cause: Failure | undefined) => Failure

  /** The transport has signed in and carries nothing else. `lost` makes what the lines' readers are told when the connection ends. */
  constructor(transport: ClientTransport, lost: (cause: Failure | undefined) => Failure) {
    this.#transport = transport
    this.#channels = new Channels(transport, { maxChannels: maxTunnels, isBulk: false })
    this.#lost = lost
  }

  /**
   * A line to a port of a host that the host between finds by itself. Throws `Failure`: `channel_refused` (its rules forbid going on), `host_refused`, `host_unreachable`, `host_timeout`
   * (nothing within 10 s), `rate_limited` at 16, what ended the connection, or the signal's reason. The caller destroys the line.
   */
  async open(target: { address: string; port: number }, signal: AbortSignal): Promise<ChannelLine> {
    if (this.#transport.isClosed) throw this.#lost(undefined)
    // Where it comes from is for the other side's log; we have no address there.
    const way = { host: target.address, port: target.port, originHost: '127.0.0.1', originPort: 0 }
    try {
      return new ChannelLine(await this.#channels.open({ type: 'direct-tcpip', ...way }, signal, { withinMs: openWithinMs }), this.#lost)
    } catch (cause) {
      throw isFailure(cause) ? this.#told(cause) : cause
    }
  }

  #told(cause: Failure): Failure {
    if (cause.code === 'channel_refused') return refused(Number(cause.detail?.['reason']), String(cause.detail?.['said'] ?? ''))
    if (cause.code === 'rate_limited') return new Failure('rate_limited', 'Too many connections through one host at once.')
    if (this.#transport.isClosed) return this.#lost(cause)
    if (cause.code === 'host_timeout')
      return new Failure('host_timeout', 'No connection was made within 10 seconds. Check the address and what stands between.')
    return cause
  }
}

/** OpenSSH gives the words of `strerror`, which tell the two common cases apart. */
function refused(reason: number, said: string): Failure {
  if (reason === OpenRefusal.prohibited)
    return new Failure('channel_refused', `The host does not let this account go on from it${said ? ` (${said})` : ''}. Its sshd needs AllowTcpForwarding.`)
  if (reason !== OpenRefusal.connectFailed) return new Failure('channel_refused', `The host refuses to connect further${said ? `: ${said}` : ''}.`)
  if (/refused/i.test(said)) return new Failure('host_refused', 'The connection is refused: nothing listens on this port. Check the port, and that sshd runs.')
  if (/timed? ?out/i.test(said)) return new Failure('host_timeout', 'There is no answer. Check the address and what stands between.')
  return new Failure('host_unreachable', `There is no way on${said ? `: ${said}` : ''}.`)
}
