// Which connection to a host belongs to which terminal: what is done beside it for the same person and account may go over it, where the host was signed in to with what only they know.
import type { HostConnection } from './host-connection.ts'

/** As long as they are open: as many as there are sessions. */
export class TerminalConnections {
  readonly #bySession = new Map<string, HostConnection>()

  /** Forgotten when it ends. */
  add(session: string, connection: HostConnection): void {
    this.#bySession.set(session, connection)
    const forget = () => this.#bySession.delete(session)
    if (connection.gone.aborted) forget()
    else connection.gone.addEventListener('abort', forget, { once: true })
  }

  of(session: string): HostConnection | undefined {
    return this.#bySession.get(session)
  }
}
