// Going on from a host that one has signed in to: TCP connections that it makes for us, RFC 4254 section 7.2, as `ssh -J` does. No shell, no agent, nothing else.
import { Failure } from '#domain/failure.ts'
import { type ClientTransport, printable } from './client-transport.ts'
import { Tunnel, tunnelPacketBytes, tunnelWindowBytes } from './tunnel.ts'

/** At once over one connection. */
export const maxTunnels = 16
const openWithinMs = 10_000
/** RFC 4254 section 5.1: the reasons for which a channel is not opened. */
const prohibited = 1
const connectFailed = 2

type Opening = { tunnel: Tunnel; settle: (failure: Failure | undefined) => void }

export class Tunnels {
  readonly #transport: ClientTransport
  readonly #open = new Map<number, Tunnel>()
  readonly #opening = new Map<number, Opening>()
  readonly #lost: (cause: Failure | undefined) => Failure
  #lastId = -1

  /** The transport has signed in and carries nothing else. `lost` makes what the lines' readers are told when the connection ends. */
  constructor(transport: ClientTransport, lost: (cause: Failure | undefined) => Failure) {
    this.#transport = transport
    this.#lost = lost
    this.#handle()
    transport.onTurn = () => {
      for (const tunnel of [...this.#open.values()]) tunnel.turn()
    }
    transport.onRoom = () => {
      for (const tunnel of [...this.#open.values()]) tunnel.pump()
    }
    transport.onClosed = (cause) => this.#broken(cause)
  }

  /**
   * A line to a port of a host that the host between finds by itself. Throws `Failure`: `channel_refused` (its rules forbid going on), `host_refused`, `host_unreachable`, `host_timeout`
   * (nothing within 10 s), `rate_limited` at 16, what ended the connection, or the signal's reason. The caller destroys the line.
   */
  open(target: { address: string; port: number }, signal: AbortSignal): Promise<Tunnel> {
    const { engine } = this.#transport
    if (this.#transport.isClosed) return Promise.reject(this.#lost(undefined))
    if (signal.aborted) return Promise.reject(reasonOf(signal))
    if (this.#open.size + this.#opening.size >= maxTunnels) return Promise.reject(new Failure('rate_limited', 'Too many connections through one host at once.'))
    const id = (this.#lastId += 1)
    const tunnel = new Tunnel(id, this.#transport, () => this.#open.delete(id))
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      // The channel may still be confirmed: its number stays taken, and it is closed then.
      const giveUp = (cause: Error) => {
        leave()
        tunnel.destroy()
        reject(cause)
      }
      const onAbort = () => giveUp(reasonOf(signal))
      const timer = setTimeout(
        () => giveUp(new Failure('host_timeout', 'No connection was made within 10 seconds. Check the address and what stands between.')),
        openWithinMs,
      )
      signal.addEventListener('abort', onAbort, { once: true })
      this.#opening.set(id, {
        tunnel,
        settle: (failure) => {
          leave()
          if (failure) reject(failure)
          else resolve(tunnel)
        },
      })
      // Where it comes from is for the other side's log; we have no address there.
      engine.directTcpip(id, tunnelWindowBytes, tunnelPacketBytes, { srcIP: '127.0.0.1', srcPort: 0, dstIP: target.address, dstPort: target.port })
    })
  }

  #handle(): void {
    const transport = this.#transport
    const { handlers } = transport
    const fault = (why: string | undefined) => {
      if (why !== undefined) transport.cut(why)
    }
    const on = (recipient: number, act: (tunnel: Tunnel) => string | undefined | void) => {
      const tunnel = this.#open.get(recipient)
      fault(tunnel ? (act(tunnel) ?? undefined) : 'a message for a channel that is not open')
    }
    const asked = (recipient: number): Opening | undefined => {
      const opening = this.#opening.get(recipient)
      if (!opening) transport.cut('an answer for a channel that was not asked for')
      return opening
    }
    handlers.CHANNEL_OPEN_CONFIRMATION = (_engine, info) => {
      const opening = asked(info.recipient)
      if (!opening) return
      if (!opening.tunnel.confirmed(info)) return transport.cut('packets that small carry nothing')
      this.#opening.delete(info.recipient)
      this.#open.set(info.recipient, opening.tunnel)
      opening.settle(undefined)
    }
    handlers.CHANNEL_OPEN_FAILURE = (_engine, recipient, reason, text) => {
      const opening = asked(recipient)
      this.#opening.delete(recipient)
      opening?.settle(refused(reason, text))
    }
    handlers.CHANNEL_DATA = (_engine, recipient, bytes) => on(recipient, (tunnel) => tunnel.data(bytes))
    handlers.CHANNEL_EXTENDED_DATA = () => transport.cut('extended data in a tunnel')
    handlers.CHANNEL_WINDOW_ADJUST = (_engine, recipient, amount) => on(recipient, (tunnel) => tunnel.windowAdjusted(amount))
    handlers.CHANNEL_SUCCESS = handlers.CHANNEL_FAILURE = () => transport.cut('an answer to nothing')
    handlers.CHANNEL_REQUEST = (engine, recipient, _type, wantsReply) =>
      on(recipient, (tunnel) => {
        if (wantsReply) engine.channelFailure(tunnel.farId)
      })
    handlers.CHANNEL_EOF = (_engine, recipient) => on(recipient, (tunnel) => tunnel.ended())
    handlers.CHANNEL_CLOSE = (_engine, recipient) => on(recipient, (tunnel) => tunnel.over())
  }

  #broken(cause: Failure | undefined): void {
    const failure = this.#lost(cause)
    for (const opening of this.#opening.values()) opening.settle(failure)
    this.#opening.clear()
    for (const tunnel of [...this.#open.values()]) tunnel.over(failure)
  }
}

/** OpenSSH gives the words of `strerror`, which tell the two common cases apart. */
function refused(reason: number, text: string): Failure {
  const said = printable(text, 200)
  if (reason === prohibited)
    return new Failure('channel_refused', `The host does not let this account go on from it${said ? ` (${said})` : ''}. Its sshd needs AllowTcpForwarding.`)
  if (reason !== connectFailed) return new Failure('channel_refused', `The host refuses to connect further${said ? `: ${said}` : ''}.`)
  if (/refused/i.test(said)) return new Failure('host_refused', 'The connection is refused: nothing listens on this port. Check the port, and that sshd runs.')
  if (/timed? ?out/i.test(said)) return new Failure('host_timeout', 'There is no answer. Check the address and what stands between.')
  return new Failure('host_unreachable', `There is no way on${said ? `: ${said}` : ''}.`)
}

const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('the dial was given up'))
