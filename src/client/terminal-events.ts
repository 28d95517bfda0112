// What a terminal's stream is given and what it tells.
import type { TransferState } from '#domain/terminal-transfer.ts'
import type { Ended, Notice, Prompt, Stats, Welcome } from '#wire/terminal.ts'
import type { ConnectionPace, SocketLike } from './terminal-connection.ts'
import type { TerminalTimers } from './terminal-timers.ts'

export type StreamScreen = { offset: number; cols: number; rows: number; text: Uint8Array }
export type StreamPace = ConnectionPace & { leastLifetimeMs: number }

export interface TerminalEvents {
  /** With every connection; the key in it replaces the one before. */
  welcome(welcome: Welcome): void
  /** `end` is the absolute offset behind the last byte: hand it to `parsed` once the terminal has shown them. */
  output(bytes: Uint8Array, end: number): void
  /** The terminal is to be reset and redrawn; hand its offset to `parsed` then. Output goes on behind it. */
  screen(screen: StreamScreen): void
  prompt(prompt: Prompt): void
  notice(notice: Notice): void
  stats(stats: Stats): void
  size(cols: number, rows: number): void
  /** How `sz` or `rz` in the terminal stands. */
  transfer(state: TransferState): void
  /** Who watches now. */
  watchers(names: string[]): void
  /** Round trip to the gateway in ms; undefined when it does not answer. */
  latency(ms: number | undefined): void
  /** The connection is gone, the session is not; `nextInMs` is 0 while an attempt is being made. */
  reconnecting(attempt: { attempt: number; nextInMs: number }): void
  /** After `welcome`, when the connection had been gone. */
  resumed(): void
  /** Something on the way ends each connection after this time. Once. */
  proxySuspected(seen: { afterSeconds: number }): void
  /** Another connection of the same operator types now; `closed` follows. */
  takenOver(): void
  /** The session is over; nothing follows but `closed`. */
  ended(ended: Ended): void
  /** Nothing is tried any more. `clean` when ENDED came before. The last event. */
  closed(close: { code: number; reason: string; clean: boolean }): void
}

export type TerminalStart =
  | {
      ticket: string
      /** The live session that the ticket is for (attach, watch). */
      session?: string
      /** A new ticket after a cut, for a session without a key: one that is watched. Rejects with a `Failure`. */
      renew?: () => Promise<string>
    }
  | { resume: { session: string; key: string; outputOffset: number } }

export type TerminalStreamOptions = TerminalStart & {
  /** `wss://host/terminal`; the session's own address is below it. */
  url: string
  cols: number
  rows: number
  term?: string
  makeSocket: (url: string, subprotocol: string) => SocketLike
  timers?: TerminalTimers
  pace?: Partial<StreamPace>
  random?: () => number
  events: Partial<TerminalEvents>
}
