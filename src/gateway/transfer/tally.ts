// How one `sz` or `rz` stands, counted as bytes move and told to its owner: at most five times a second, whole each time.
import { randomBytes } from 'node:crypto'
import type { Failure } from '#domain/failure.ts'
import { askSeconds, type TransferFile, type TransferState } from '#domain/terminal-transfer.ts'
import type { Clock } from '#session/clock.ts'

/** A state is one frame, whatever the names: of more files those around the present one. */
const mostTold = 60
/** Of a text about one file. */
const mostText = 120
const tellEveryMs = 200
/** A card counts down by itself; whoever sits down again hears how long there is. */
const countEveryMs = 5000
/** Of the newest rate in what is shown: it settles within two seconds and does not jump. */
const weight = 0.2

export type TallyFile = { -readonly [Key in keyof Omit<TransferFile, 'index'>]: TransferFile[Key] }
export type Final = Exclude<TransferState['state'], 'asked' | 'running'>
export type TellOwner = (state: TransferState, isOver: boolean) => void

export class TransferTally {
  /** Nobody can guess it: it stands in the address of the bytes. */
  readonly id = randomBytes(12).toString('hex')
  readonly way: TransferState['way']
  readonly files: TallyFile[] = []
  /** The file that is moved or waits to be. */
  present = 0
  /** Files in all, as far as is known. */
  count = 0
  /** Of all files, as far as is known. */
  bytes: number | undefined
  #state: TransferState['state'] = 'asked'
  #moved = 0
  #movedAtTell = 0
  #bytesPerSecond = 0
  #failure: { code?: Failure['code']; text?: string; rule?: string } = {}
  #toldMs = -Infinity
  #timer: { cancel(): void } | undefined
  readonly #askedUntilMs: number
  readonly #clock: Clock
  readonly #tell: TellOwner

  constructor(way: TransferState['way'], clock: Clock, tell: TellOwner) {
    this.way = way
    this.#clock = clock
    this.#tell = tell
    this.#askedUntilMs = clock.nowMs() + askSeconds * 1000
  }

  get state(): TransferState['state'] {
    return this.#state
  }
  get isOver(): boolean {
    return this.#state !== 'asked' && this.#state !== 'running'
  }
  get moved(): number {
    return this.#moved
  }

  /** The answer to the card. */
  begin(): void {
    this.#state = 'running'
    this.#toldMs = this.#clock.nowMs()
    this.#say()
  }

  /** Bytes of a file went on. */
  add(file: TallyFile, bytes: number): void {
    file.moved += bytes
    this.#moved += bytes
    this.changed()
  }

  /** Something is to be told; soon. */
  changed(): void {
    if (this.isOver || this.#timer) return
    const wait = this.#toldMs + tellEveryMs - this.#clock.nowMs()
    if (wait <= 0) this.#say()
    else this.#arm(wait)
  }

  /** The last word; what comes after is not told. `rule`: the grant that refuses. */
  over(state: Final, failure?: { code?: Failure['code']; text?: string; rule?: string }): void {
    if (this.isOver) return
    this.#state = state
    if (failure) this.#failure = failure
    for (const file of this.files) if (isOpen(file)) file.state = state === 'done' ? 'skipped' : 'failed'
    this.#say()
    this.#timer?.cancel()
  }

  #arm(wait: number): void {
    this.#timer = this.#clock.after(wait, () => {
      this.#timer = undefined
      if (!this.isOver) this.#say()
    })
  }

  #say(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#measure()
    this.#tell(this.#snapshot(), this.isOver)
    if (this.#state === 'asked') this.#arm(countEveryMs)
  }

  #measure(): void {
    const now = this.#clock.nowMs()
    const seconds = (now - this.#toldMs) / 1000
    const fresh = this.#moved - this.#movedAtTell
    if (Number.isFinite(seconds) && seconds > 0) {
      const rate = fresh / seconds
      this.#bytesPerSecond = this.#movedAtTell === 0 ? rate : this.#bytesPerSecond * (1 - weight) + rate * weight
    }
    this.#toldMs = now
    this.#movedAtTell = this.#moved
  }

  #snapshot(): TransferState {
    const { code, text, rule } = this.#failure
    const from = Math.max(0, Math.min(this.present - mostTold / 2, this.files.length - mostTold))
    return {
      id: this.id,
      way: this.way,
      state: this.#state,
      ...(this.#state === 'asked' ? { secondsLeft: Math.max(0, Math.ceil((this.#askedUntilMs - this.#clock.nowMs()) / 1000)) } : {}),
      files: this.files.slice(from, from + mostTold).map((file, index) => told(file, from + index)),
      count: Math.max(this.count, this.files.length),
      moved: this.#moved,
      ...(this.bytes === undefined ? {} : { bytes: this.bytes }),
      bytesPerSecond: Math.round(this.#bytesPerSecond),
      ...(code === undefined ? {} : { failure: code }),
      ...(text === undefined ? {} : { text: text.slice(0, 500) }),
      ...(rule === undefined ? {} : { rule: rule.slice(0, 200) }),
    }
  }
}

const isOpen = ({ state }: TallyFile) => state === 'waiting' || state === 'offered' || state === 'running'
const told = (file: TallyFile, index: number): TransferFile => ({ index, ...file, ...(file.text === undefined ? {} : { text: file.text.slice(0, mostText) }) })
