import type { SessionEnd } from '#domain/session.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import type { Size } from './event.ts'
import type { Screen } from './screens.ts'

/** What a notice is about, so that a page can say it in its own language. */
export type NoticeAbout =
  | { code: 'bytes_passed' | 'not_redrawn'; bytes: number }
  | { code: 'catching_up' | 'not_drawn' | 'recorded' | 'recording_notice' | 'grant_prolonged' }
  | { code: 'idle_soon' | 'duration_soon'; seconds: number }
  /** `at`: ms since the epoch. */
  | { code: 'grant_ends_soon'; seconds: number; at: number }
  | { code: 'host_key_accepted'; host: string; fingerprint: string }
  | { code: 'command_denied'; rule: string }

/** Somebody who sees a session: its owner or a watcher. The session calls these; they never throw. */
export interface View {
  /** Accepted output; `offset` is the absolute offset of its first byte. The view frames and sends it without keeping it. */
  output(offset: number, bytes: Uint8Array): void
  /** The terminal is reset and redrawn; output goes on at `screen.offset`. */
  screen(screen: Screen): void
  notice(level: 'info' | 'warning' | 'error', text: string, about?: NoticeAbout): void
  /** The last call. */
  ended(end: SessionEnd): void
}

/** The person's side of a session: a browser's WebSocket now, a native ssh client later. */
export interface Near extends View {
  /** Input up to this absolute offset has been given to the host. */
  taken(inputOffset: number): void
  stats(stats: { rttHostMs?: number; queuedBytes: number }): void
  /** How `sz` or `rz` in the terminal stands; again whenever it changes, and to who comes back. */
  transfer(state: TransferState): void
  /** Who watches now, whenever it changes. */
  watchers(names: string[]): void
  /** Another connection of the same operator owns the session from here on. The last call. */
  takenOver(): void
}

/** A watcher's side: it sees, and never types. */
export interface WatchNear extends View {
  /** The session's size from here on. */
  size(size: Size): void
}

/** Where an attached terminal stands: what WELCOME says. */
export type Place = {
  /** The next OUTPUT begins here, unless a SCREEN comes first. */
  outputOffset: number
  /** Input bytes that were received from the owner's terminals so far. */
  inputOffset: number
  /** How far any owner's terminal has parsed. */
  parsedOffset: number
}

/** What the Near may do to its session; given to it when the session attaches it. Without effect once another Near has taken over. */
export interface NearControls {
  /** `inputOffset` is the absolute offset of the first byte; bytes already taken are skipped. Returns false while the host takes no more: stop reading the person until `onRoom`. */
  input(inputOffset: number, bytes: Uint8Array): boolean
  onRoom: (() => void) | undefined
  resize(size: Size): void
  /** Absolute output offset that the terminal has parsed. Throws `Failure('ack_beyond_output')`. */
  acknowledged(outputOffset: number): void
  /** Nobody looks at the terminal, or somebody does again: see *Owner, away, back* in `docs/protocol/terminal.md`. */
  hidden(hidden: boolean): void
  /** The connection is gone: the session waits for its owner as long as its grace. */
  gone(): void
  /** The person closed the terminal, or broke the protocol: the session ends as `owner_gone`. */
  left(): void
}

/** What a watcher may do. */
export interface WatchControls {
  /** As `NearControls.acknowledged`; after a SCREEN the first is its offset. */
  acknowledged(outputOffset: number): void
  hidden(hidden: boolean): void
  gone(): void
}
