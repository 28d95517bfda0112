// What a terminal's connection may do once its HELLO was answered: as the owner of a session, or as one who watches it.
import { Failure } from '#domain/failure.ts'
import type { TransferAct } from '#domain/terminal-transfer.ts'
import type { Size } from '#session/event.ts'
import type { NearControls, WatchControls } from '#session/near.ts'

export interface Seat {
  /** False: read no more until `onRoom`. Throws `Failure`. */
  input(bytes: Uint8Array): boolean
  resize(size: Size): void
  /** Throws `Failure('ack_beyond_output')`. */
  acknowledged(offset: number): void
  hidden(hidden: boolean): void
  /** About `sz` or `rz` in the terminal. Throws `Failure`. */
  transfer(act: TransferAct): void
  /** The connection is lost. */
  gone(): void
  /** It was closed on purpose, or broke the protocol. */
  left(): void
}

export class OwnerSeat implements Seat {
  readonly #controls: NearControls
  readonly #confirmed: () => void
  readonly #transfers: { act(act: TransferAct): void } | undefined
  #inputOffset: number

  /** `confirmed` is called with the first sign that WELCOME has arrived. `transfers`: undefined where the host's terminal is none of ours (it was opened by an ssh client). */
  constructor(controls: NearControls, inputOffset: number, confirmed: () => void, transfers?: { act(act: TransferAct): void }) {
    this.#controls = controls
    this.#inputOffset = inputOffset
    this.#confirmed = confirmed
    this.#transfers = transfers
  }
  input(bytes: Uint8Array): boolean {
    this.#confirmed()
    const offset = this.#inputOffset
    this.#inputOffset += bytes.length
    return this.#controls.input(offset, bytes)
  }
  resize(size: Size): void {
    this.#controls.resize(size)
  }
  acknowledged(offset: number): void {
    this.#confirmed()
    this.#controls.acknowledged(offset)
  }
  hidden(hidden: boolean): void {
    this.#controls.hidden(hidden)
  }
  transfer(act: TransferAct): void {
    this.#transfers?.act(act)
  }
  gone(): void {
    this.#controls.gone()
  }
  left(): void {
    this.#controls.left()
  }
}

export class WatcherSeat implements Seat {
  readonly #controls: WatchControls
  readonly #over: () => void
  #isOver = false

  /** `over` is called once. */
  constructor(controls: WatchControls, over: () => void) {
    this.#controls = controls
    this.#over = over
  }
  input(): boolean {
    throw new Failure('read_only', 'Watching is read-only: nothing was typed.')
  }
  /** A watcher sees the session's size, whatever its own. */
  resize(): void {}
  acknowledged(offset: number): void {
    this.#controls.acknowledged(offset)
  }
  hidden(hidden: boolean): void {
    this.#controls.hidden(hidden)
  }
  transfer(): void {
    throw new Failure('read_only', 'Watching is read-only: files are moved by whoever owns the terminal.')
  }
  gone(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#controls.gone()
    this.#over()
  }
  left(): void {
    this.gone()
  }
}
