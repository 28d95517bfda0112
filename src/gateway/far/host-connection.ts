// One signed-in connection to a host, and the channels over it. Of one person, one account and one way: never shared with anybody else.
import type { Admission } from '#domain/admission.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { Channel } from '#ssh/channel.ts'
import { Channels } from '#ssh/channels.ts'
import type { ClientTransport } from '#ssh/client-transport.ts'
import { Keepalive } from '#ssh/keepalive.ts'
import type { AskLink, Prompter } from '../admission.ts'
import { greet } from './greet.ts'
import { assertKnownHost } from './host-identity.ts'
import type { Listeners } from './reach.ts'
import { signIn } from './sign-in.ts'
import { openWay } from './way.ts'

export type ConnectionRequest = {
  admission: Admission
  link: AskLink
  prompter: Prompter
  listeners: Listeners
  signal: AbortSignal
  /** A host, on the way or at its end, showed a key that its policy accepts for this once: the person is to know. */
  accepted?: (host: string, key: HostKey) => void
}

export class HostConnection {
  /** The key that was judged. */
  readonly hostKey: HostKey
  readonly channels: Channels
  /** The connection has ended; once. */
  onClosed: (() => void) | undefined
  readonly #transport: ClientTransport
  readonly #keepalive: Keepalive

  private constructor(transport: ClientTransport, hostKey: HostKey) {
    this.#transport = transport
    this.hostKey = hostKey
    this.channels = new Channels(transport)
    this.#keepalive = new Keepalive(transport)
    this.channels.onClosed = () => {
      this.#keepalive.stop()
      this.onClosed?.()
    }
  }

  /**
   * Dials what the Admission permits, over the hosts on its way, and signs in; nothing of a person is said before the host is known. Throws `Failure`: those of `openWay`, `greet`,
   * `assertKnownHost` and `signIn`, or the signal's reason. The way ends with the connection at its end.
   */
  static async dial(request: ConnectionRequest): Promise<HostConnection> {
    const { admission, link, prompter, accepted, listeners } = request
    const { address, port, username } = admission.target
    const lease = admission.session
    const way = await openWay({
      via: admission.via ?? [],
      to: admission.asset.name,
      lease,
      link,
      prompter,
      listeners,
      signal: request.signal,
      ...(accepted ? { accepted } : {}),
    })
    try {
      const line = await way.line({ name: admission.asset.name, address, port, mayDialLoopback: admission.mayDialLoopback }, request.signal)
      line.socket.once('close', () => way.close())
      const { transport, offered } = await greet(line, {
        hostKeyTypes: admission.hostKeys.map((key) => key.type),
        legacyUntil: admission.legacyUntil,
        signal: request.signal,
      })
      // A host that leaves while a person or control is being asked ends the question too.
      const signal = AbortSignal.any([request.signal, transport.gone])
      try {
        const known = await assertKnownHost({
          offered,
          trusted: admission.hostKeys,
          lease,
          address,
          mayTrust: admission.mayTrustHostKey,
          link,
          prompter,
          signal,
        })
        if (known === 'accepted') accepted?.(admission.asset.name, offered)
        await signIn(transport, { username, address, auth: admission.auth, lease, link, prompter, signal })
        return new HostConnection(transport, offered)
      } catch (cause) {
        transport.close()
        throw cause
      }
    } catch (cause) {
      way.close()
      throw cause
    }
  }

  /** Aborted when it has ended; the reason is why. */
  get gone(): AbortSignal {
    return this.#transport.gone
  }
  get isClosed(): boolean {
    return this.#transport.isClosed
  }
  /** Round trip to the host in ms; undefined until measured. */
  get rttMs(): number | undefined {
    return this.#keepalive.rttMs
  }

  /** A terminal is opened on it: a person will type, and its flood gives way to others who do. */
  takesTyping(): void {
    this.#transport.takesTyping()
  }
  typed(): void {
    this.#transport.typed()
  }

  /** A session channel, paused. Throws `Failure('channel_refused')`, what ended the connection, or the signal's reason. `windowBytes`: what the host may have sent that nobody has taken yet. */
  async session(signal: AbortSignal, windowBytes?: number): Promise<Channel> {
    try {
      return await this.channels.open({ type: 'session' }, signal, windowBytes === undefined ? {} : { windowBytes })
    } catch (cause) {
      if (!isFailure(cause) || cause.code !== 'channel_refused') throw cause
      throw new Failure('channel_refused', 'The host accepted the sign-in and refuses a session: its rules for this account allow none, or no more at once.')
    }
  }

  /** Asks for something without which the channel is of no use. Throws `Failure('channel_refused')` naming `what`, what ended the connection, or the signal's reason. */
  async require(channel: Channel, what: string, type: string, value: Uint8Array | undefined, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    let onAbort = () => {}
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('it was given up'))
      signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      if (await Promise.race([channel.request(type, value), aborted])) return
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    if (this.#transport.isClosed && isFailure(this.#transport.gone.reason)) throw this.#transport.gone.reason
    throw new Failure('channel_refused', `The host accepted the sign-in and refuses ${what} for this account.`)
  }

  /** Ends it with all of its channels; idempotent. */
  close(): void {
    this.#transport.close()
  }
}
