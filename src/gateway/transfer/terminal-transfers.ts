// The terminals of this gateway in which `sz` and `rz` may run: where the HTTP side of a transfer finds its terminal.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TransferAct } from '#domain/terminal-transfer.ts'

/** One terminal. */
export interface TransferTerminal {
  /** Of its owner's page; what is about a transfer that is over is too late and means nothing. */
  act(act: TransferAct): void
  /**
   * Answers a request for `…/zmodem/{transferId}/{what}`: `next`, `zip`, or the index of a file. Whoever asks has been judged to be the terminal's present owner, and a change to carry
   * the header that changes need. Every request is answered, also one for a transfer that is not (any more): 404 `transfer_not_found`. `secure`: the person came by TLS.
   */
  serve(request: IncomingMessage, response: ServerResponse, transferId: string, what: string, secure: boolean): void
}

/** As many as there are terminals of browsers. */
export class TerminalTransfers {
  readonly #bySession = new Map<string, TransferTerminal>()

  add(session: string, terminal: TransferTerminal): void {
    this.#bySession.set(session, terminal)
  }
  remove(session: string): void {
    this.#bySession.delete(session)
  }
  of(session: string): TransferTerminal | undefined {
    return this.#bySession.get(session)
  }
}
