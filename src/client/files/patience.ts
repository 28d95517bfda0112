// How long a transfer waits for a lost line, a gateway that restarts, a network that changes: again and again, less and less often, until nothing has moved for too long.
import type { Failure } from '#domain/failure.ts'
import { mayPass } from './file-request.ts'

export type TransferPace = {
  /** Before the first, second … try; the last one goes on. */
  waitsMs: readonly number[]
  /** Without a byte that has arrived. */
  giveUpAfterMs: number
  /** One request; the line may be dead without a word. */
  requestMs: number
}
export const usualTransferPace: TransferPace = { waitsMs: [300, 1000, 2000, 4000, 8000, 15_000], giveUpAfterMs: 15 * 60_000, requestMs: 90_000 }

export class Patience {
  readonly #pace: TransferPace
  readonly #waiting: (nextInMs: number) => void
  #step = 0
  #movedAtMs = performance.now()
  #wake: (() => void) | undefined

  /** `waiting` is told each wait. */
  constructor(pace: TransferPace, waiting: (nextInMs: number) => void) {
    this.#pace = pace
    this.#waiting = waiting
  }

  /** Something has arrived. */
  moved(): void {
    this.#step = 0
    this.#movedAtMs = performance.now()
  }

  /** Resolves when it is time to try again; rejects with the failure when that would not help or has taken too long, with the signal's reason when it is aborted. */
  async wait(failure: Failure, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { waitsMs, giveUpAfterMs } = this.#pace
    if (!mayPass(failure) || performance.now() - this.#movedAtMs >= giveUpAfterMs) throw failure
    const waitMs = waitsMs[Math.min(this.#step++, waitsMs.length - 1)] ?? 0
    this.#waiting(waitMs)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', this.#wake, { once: true })
    })
    if (this.#wake) signal.removeEventListener('abort', this.#wake)
    this.#wake = undefined
    signal.throwIfAborted()
  }

  /** The network may be back: ends a wait. */
  hurry(): void {
    this.#wake?.()
  }
}
