import { Failure } from '#domain/failure.ts'
import type { ClientTransport } from './client-transport.ts'
import { askGlobally } from './global-requests.ts'

const everyMs = 15_000
const maxUnanswered = 3

/** Asks the host every 15 s for a sign of life (`keepalive@openssh.com`; any answer counts), measures how long it takes, and closes the connection after three without one. */
export class Keepalive {
  rttMs: number | undefined
  readonly #transport: ClientTransport
  #unanswered = 0
  readonly #timer: NodeJS.Timeout

  constructor(transport: ClientTransport, intervalMs = everyMs) {
    this.#transport = transport
    this.#timer = setInterval(() => this.#ask(), intervalMs)
    this.#ask()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #ask(): void {
    if (this.#transport.isClosed) return this.stop()
    if (this.#unanswered >= maxUnanswered) {
      this.stop()
      this.#transport.close(new Failure('host_timeout', 'The host stopped answering.'))
      return
    }
    const sentAt = performance.now()
    this.#unanswered += 1
    askGlobally(this.#transport, 'keepalive@openssh.com', Buffer.alloc(0), () => {
      this.#unanswered -= 1
      this.rttMs = performance.now() - sentAt
    })
  }
}
