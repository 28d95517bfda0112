// What the terminal, its owner and the process do to a transfer that is under way, and what it may do to them.
import type { FileRule } from '#domain/file-rule.ts'
import type { Verified } from '#domain/session-act.ts'
import type { Failure } from '#domain/failure.ts'
import type { Clock } from '#session/clock.ts'
import type { Chronicle } from './file-story.ts'
import type { TransferTally } from './tally.ts'

/** The host's terminal while it belongs to a transfer. */
export interface HostSide {
  /** False: the host takes no more until `Transfer.hostRoom`. */
  write(bytes: Uint8Array): boolean
  /** The host stands still. Apart from what the session wants, which does not count while bytes are the transfer's. */
  pause(): void
  resume(): void
  /** The transfer is over: `rest` and what follows are the terminal's. The last call. */
  release(rest: Uint8Array): void
}

export type TransferParts = {
  tally: TransferTally
  host: HostSide
  rules: readonly FileRule[]
  clock: Clock
  chronicle: Chronicle
  /** Whether the host has the same: by its own digest where the folder is known. Bounded in time, never rejects. */
  verify(file: { way: 'sz' | 'rz'; name: string; bytes: number; sha256: string }): Promise<{ verified: Verified; path?: string }>
}

export interface Transfer {
  readonly tally: TransferTally
  /** From the host. */
  input(bytes: Uint8Array): void
  hostRoom(): void
  /** Ends it at once as far as people are concerned; the host has its prompt back within a second. `code`: when it is a fault and not a wish. Idempotent. */
  cancel(text: string, code?: Failure['code']): void
  /** As `cancel`, by what rights say; `rule`: the grant that says it. */
  refuse(failure: Failure, rule: string | undefined): void
  /** The host's terminal is gone, or the session over: nobody is to be written to any more. */
  hostGone(): void
  /** Another begins: the last word about this one is said now. */
  finish(): void
}
