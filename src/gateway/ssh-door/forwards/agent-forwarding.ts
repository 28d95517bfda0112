// The operator's agent, lent to a host for as long as a session lasts that may: `ssh -A`. Every use is told.
import type { ActSink } from '#session/passage-ends.ts'
import type { Clock } from '#session/clock.ts'
import type { Channel } from '#ssh/channel.ts'
import { type Channels, OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import { WireFault } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import { AgentProxy } from './agent-proxy.ts'

/** At once, over one connection: OpenSSH opens one for each program that asks. */
const mostOpen = 16
const openWithinMs = 10_000
/** Questions and answers are small; so many bytes may be under way. */
const windowBytes = 64 * 1024

/** `host`: the connection over which the agent may be asked; no other host has it. */
export type AgentLoan = { host: HostConnection; acts: Pick<ActSink, 'add' | 'isFull'> }

export class AgentForwarding {
  readonly #client: Channels
  readonly #clock: Clock
  readonly #signal: AbortSignal
  /** Sessions that asked for it and may. */
  readonly #loans = new Set<AgentLoan>()
  readonly #uses = new Map<() => void, HostConnection>()

  constructor(client: Channels, clock: Clock, signal: AbortSignal) {
    this.#client = client
    this.#clock = clock
    this.#signal = signal
  }

  /** From now on the host may ask, until what this returns is called: with the last of a host's loans every open use of it ends. */
  lend(loan: AgentLoan): () => void {
    this.#loans.add(loan)
    return () => {
      this.#loans.delete(loan)
      if (this.#loanTo(loan.host)) return
      for (const [close, host] of [...this.#uses]) if (host === loan.host) close()
    }
  }

  /** The host opens a channel to the agent. */
  hostOpened(request: OpenRequest, from: HostConnection): void {
    const loan = this.#loanTo(from)
    if (!loan || loan.acts.isFull || this.#uses.size >= mostOpen) return request.refuse(OpenRefusal.prohibited, 'no agent is forwarded')
    this.#client.open({ type: 'auth-agent@openssh.com' }, this.#signal, { windowBytes, withinMs: openWithinMs }).then(
      (agent) => this.#use(agent, request.accept({ windowBytes }), from),
      () => request.refuse(OpenRefusal.connectFailed, 'the client lends no agent'),
    )
  }

  #use(agent: Channel, host: Channel, from: HostConnection): void {
    const close = () => {
      this.#uses.delete(close)
      agent.destroy()
      host.destroy()
    }
    this.#uses.set(close, from)
    if (!this.#loanTo(from)) return close()
    const proxy = new AgentProxy(
      {
        // Who does not take what it is sent is not asked, or answered, any more.
        toAgent: (frame) => {
          if (!agent.write(frame)) host.pause()
        },
        toHost: (frame) => {
          if (!host.write(frame)) agent.pause()
        },
        used: (act) => {
          const acts = this.#loanTo(from)?.acts
          acts?.add({ act: 'agent', at: this.#clock.wallMs(), ...act })
          // A host that asks without end while control hears nothing of it.
          if (acts?.isFull) close()
        },
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
    host.listen({ data: (bytes) => careful(() => proxy.host(bytes)), eof: close, room: () => agent.resume(), closed: close })
    agent.listen({ data: (bytes) => careful(() => proxy.agent(bytes)), eof: close, room: () => host.resume(), closed: close })
    host.resume()
    agent.resume()
  }

  /** The newest session of this host answers for what is done. */
  #loanTo(host: HostConnection): AgentLoan | undefined {
    return [...this.#loans].findLast((loan) => loan.host === host)
  }
}
