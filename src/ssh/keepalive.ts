import { Failure } from '#domain/failure.ts'
import type { ClientTransport } from './client-transport.ts'

const everyMs = 15_000
const maxUnanswered = 3

/** Asks the host every 15 s for a sign of life (`keepalive@openssh.com`; any answer counts), measures how long it takes, and closes the connection after three without one. */
export class Keepalive {
  rttMs: number | undefined
  readonly #transport: ClientTransport
  readonly #sentAt: number[] = []
  readonly #timer: NodeJS.Timeout

  constructor(transport: ClientTransport, intervalMs = everyMs) {
    this.#transport = transport
    // RFC 4254 section 4: replies come in the order of the requests.
    const answered = () => {
      const sentAt = this.#sentAt.shift()
      if (sentAt === undefined) return transport.cut('an answer to a request that was not sent')
      this.rttMs = performance.now() - sentAt
    }
    transport.handlers.REQUEST_SUCCESS = answered
    transport.handlers.REQUEST_FAILURE = answered
    this.#timer = setInterval(() => this.#ask(), intervalMs)
    this.#ask()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #ask(): void {
    if (this.#transport.isClosed) return this.stop()
    if (this.#sentAt.length >= maxUnanswered) {
      this.stop()
      this.#transport.close(new Failure('host_timeout', 'The host stopped answering.'))
      return
    }
    this.#sentAt.push(performance.now())
    this.#transport.engine.ping()
  }
}
