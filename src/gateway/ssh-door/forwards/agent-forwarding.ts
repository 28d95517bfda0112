// The operator's agent, lent to a host for as long as a session lasts that may: `ssh -A`. Every use is told.
import type { ActSink } from '#session/passage-ends.ts'
import type { Clock } from '#session/clock.ts'
import { type Channels, OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import { WireFault } from '#ssh/wire-reader.ts'
import { AgentProxy } from './agent-proxy.ts'

/** At once, over one connection: OpenSSH opens one for each program that asks. */
const mostOpen = 16
const openWithinMs = 10_000

export type AgentLoan = { acts: Pick<ActSink, 'add'> }

export class AgentForwarding {
  readonly #client: Channels
  readonly #clock: Clock
  readonly #signal: AbortSignal
  /** Sessions that asked for it and may; the newest answers for what is done. */
  readonly #loans = new Set<AgentLoan>()
  readonly #open = new Set<() => void>()

  constructor(client: Channels, clock: Clock, signal: AbortSignal) {
    this.#client = client
    this.#clock = clock
    this.#signal = signal
  }

  /** From now on the host may ask, until what this returns is called: with the last of them every open use ends. */
  lend(loan: AgentLoan): () => void {
    this.#loans.add(loan)
    return () => {
      this.#loans.delete(loan)
      if (this.#loans.size === 0) for (const close of [...this.#open]) close()
    }
  }

  /** The host opens a channel to the agent. */
  hostOpened(request: OpenRequest): void {
    const loan = [...this.#loans].at(-1)
    if (!loan || this.#open.size >= mostOpen) return request.refuse(OpenRefusal.prohibited, 'no agent is forwarded')
    this.#client.open({ type: 'auth-agent@openssh.com' }, this.#signal, { withinMs: openWithinMs }).then(
      (agent) => {
        const host = request.accept()
        const close = () => {
          this.#open.delete(close)
          agent.destroy()
          host.destroy()
        }
        this.#open.add(close)
        if (!this.#loans.has(loan)) return close()
        const proxy = new AgentProxy(
          {
            toAgent: (frame) => void agent.write(frame),
            toHost: (frame) => void host.write(frame),
            used: (act) => loan.acts.add({ act: 'agent', at: this.#clock.wallMs(), ...act }),
          },
          () => this.#clock.nowMs(),
        )
        const careful = (read: () => void) => {
          try {
            read()
          } catch (cause) {
            if (!(cause instanceof WireFault)) throw cause
            close()
          }
        }
        host.listen({ data: (bytes) => careful(() => proxy.host(bytes)), eof: close, closed: close })
        agent.listen({ data: (bytes) => careful(() => proxy.agent(bytes)), eof: close, closed: close })
        host.resume()
        agent.resume()
        return undefined
      },
      () => request.refuse(OpenRefusal.connectFailed, 'the client lends no agent'),
    )
  }
}
