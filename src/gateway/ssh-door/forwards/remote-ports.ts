// Ports on which a host listens for one client (`ssh -R`): each belongs to the session in which it was asked for, and is closed with it. RFC 4254 section 7.1.
import type { Channels } from '#ssh/channels.ts'
import { forwardValue } from '#ssh/channel-wire.ts'
import { WireReader } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../../far/host-connection.ts'

/** Of a session's forwards, as ports know it. */
export type PortScope = { readonly signal: AbortSignal; readonly isOver: boolean; readonly host: Pick<HostConnection, 'channels'> }
/** `asked`: the name by which the client asked for it, and knows it again. */
export type Listening<Scope extends PortScope> = { asked: string; scope: Scope; /** Aborted when the port is. */ closed: AbortController }

/** Ports that one client has hosts listen on. */
const mostPorts = 16
/** A host that does not answer must not hold up what the client hears of its other requests. */
const answerWithinMs = 10_000
/** Only the host's own programs reach it, whatever its configuration gives away. */
export const bindHost = 'localhost'

export class RemotePorts<Scope extends PortScope> {
  readonly #open = new Map<number, Listening<Scope>>()
  #asking = 0

  /** As many are open or asked for as may be. */
  get isFull(): boolean {
    return this.#open.size + this.#asking >= mostPorts
  }

  /** By the port on which the host says that somebody came. */
  at(port: number): Listening<Scope> | undefined {
    return this.#open.get(port)
  }

  /** The port on which the host listens now: what was asked for, or of its choice when that is 0. Undefined when it does not. Throws `WireFault` when it names none. */
  async listen(scope: Scope, asked: { host: string; port: number }): Promise<number | undefined> {
    this.#asking += 1
    try {
      const port = await askHost(scope, asked.port)
      if (port === undefined) return undefined
      if (scope.isOver || this.#open.has(port)) {
        if (scope.isOver) stop(scope, port)
        return undefined
      }
      const closed = new AbortController()
      const listening = { asked: asked.host, scope, closed }
      this.#open.set(port, listening)
      scope.signal.addEventListener('abort', () => void (this.#open.get(port) === listening && this.close(port)), { once: true, signal: closed.signal })
      return port
    } finally {
      this.#asking -= 1
    }
  }

  /** False when it is none. What the host says to it changes nothing: nobody who comes there gets through. */
  close(port: number): boolean {
    const listening = this.#open.get(port)
    if (!listening) return false
    this.#open.delete(port)
    listening.closed.abort()
    stop(listening.scope, port)
    return true
  }
}

async function askHost({ host, signal }: PortScope, port: number): Promise<number | undefined> {
  const { channels } = host
  const over = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
  return await new Promise<number | undefined>((resolve, reject) => {
    over.addEventListener('abort', () => resolve(undefined), { once: true })
    channels
      .globalRequest('tcpip-forward', forwardValue({ host: bindHost, port }))
      .then((value) => {
        const given = value && (port === 0 ? portIn(value) : port)
        // An answer that nobody waits for any more.
        if (given !== undefined && over.aborted) cancel(channels, given)
        resolve(given)
      })
      .catch(reject)
  })
}

function portIn(value: Buffer): number | undefined {
  const port = new WireReader(value).uint32()
  return port >= 1 && port <= 65_535 ? port : undefined
}

const stop = ({ host }: PortScope, port: number): void => cancel(host.channels, port)
function cancel(channels: Channels, port: number): void {
  void channels.globalRequest('cancel-tcpip-forward', forwardValue({ host: bindHost, port }))
}
