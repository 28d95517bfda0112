// How a transfer ends, whichever way it went: the terminal is free at once, what came is compared with the host's own digest, and the owner hears the last word when that is known.
import type { Failure } from '#domain/failure.ts'
import type { Verified } from '#domain/session-act.ts'
import type { FileStory } from './file-story.ts'
import type { Final, TallyFile } from './tally.ts'
import type { TransferParts } from './transfer.ts'

const tickMs = 100
/** A digest of a large file takes its time: the owner hears the last word then, and the ledger when it is known. */
const lastWordWithinMs = 5000

/** What both directions of the protocol have in common. */
export type Engine = { cancel(): void; tick(): void }
type Why = { text: string; code?: Failure['code'] }
type Pending = (answer: { verified: Verified; path?: string }) => void

export class Ending {
  /** The grant that the end is about. */
  rule: string | undefined
  readonly #parts: TransferParts
  readonly #engine: Engine
  readonly #pending = new Set<Pending>()
  #wish: Why | undefined
  #isReleased = false
  #word: { state: Final; failure: { code?: Failure['code']; text?: string; rule?: string } | undefined } | undefined
  #ticks: { cancel(): void } | undefined
  #late: { cancel(): void } | undefined

  constructor(parts: TransferParts, engine: Engine) {
    this.#parts = parts
    this.#engine = engine
  }

  /** Nothing of it goes on. */
  get isEnding(): boolean {
    return this.#wish !== undefined || this.#isReleased
  }

  /** The engine's time runs from here on. */
  watch(): void {
    this.#ticks = this.#parts.clock.after(tickMs, () => {
      this.#engine.tick()
      if (!this.#isReleased) this.watch()
    })
  }

  cancel(why: Why): void {
    if (this.isEnding) return
    this.#wish = why
    // Whoever read too slowly does not keep the host from its last words.
    this.#parts.host.resume()
    this.#engine.cancel()
    if (!this.#isReleased && !this.#ticks) this.watch()
  }

  /** The host has nothing more to say about it. A wish to end it says more than what the host made of it. */
  over(state: Final, rest: Uint8Array, why?: { code?: Failure['code']; text?: string; rule?: string }): void {
    if (this.#isReleased) return
    const wish = this.#wish
    const failure = wish ? { ...wish, ...(this.rule === undefined ? {} : { rule: this.rule }) } : why
    this.#word = { state: wish ? stateOf(wish) : state, failure }
    this.#release()
    this.#parts.host.release(rest)
    if (this.#pending.size === 0) this.finish()
    else this.#late = this.#parts.clock.after(lastWordWithinMs, () => this.finish())
  }

  gone(text: string): void {
    if (!this.#isReleased) {
      this.#word = { state: 'failed', failure: { text } }
      this.#release()
    }
    for (const settle of this.#pending) settle({ verified: 'protocol' })
    this.finish()
  }

  /** All of a file came through. */
  came(file: TallyFile, story: FileStory): void {
    const sha256 = story.sha256()
    const [ms, atMs] = [story.tookMs, story.mark(sha256)]
    Object.assign(file, { state: 'done', ...(sha256 === undefined ? {} : { sha256 }) })
    let isSettled = false
    const settle: Pending = ({ verified, path }) => {
      if (isSettled) return
      isSettled = true
      this.#pending.delete(settle)
      story.done({ atMs, ms, sha256, verified, path })
      file.verified = verified
      if (verified === 'differs') Object.assign(file, { state: 'failed', text: 'The digest of the file on the host is another one.' })
      this.#parts.tally.changed()
      if (this.#isReleased && this.#pending.size === 0) this.finish()
    }
    this.#pending.add(settle)
    this.#parts.tally.changed()
    if (sha256 === undefined) settle({ verified: 'protocol' })
    else void this.#parts.verify({ way: this.#parts.chronicle.way, name: file.name, bytes: story.bytes, sha256 }).then(settle)
  }

  finish(): void {
    this.#late?.cancel()
    if (!this.#word) return
    const { state, failure } = this.#word
    const differs = state === 'done' && this.#parts.tally.files.some(({ verified }) => verified === 'differs')
    if (differs) this.#parts.tally.over('failed', { code: 'file_digest_differs', text: 'The digest of a file on the host is another one.' })
    else this.#parts.tally.over(state, failure)
  }

  #release(): void {
    this.#isReleased = true
    this.#ticks?.cancel()
    this.#late?.cancel()
  }
}

/** What was never begun is refused, whatever the reason. */
const refusals: readonly Failure['code'][] = ['file_refused', 'file_too_large', 'file_name_unsafe', 'too_many_files', 'control_unreachable']
const stateOf = ({ code }: Why): Final => (code === undefined ? 'cancelled' : refusals.includes(code) ? 'refused' : 'failed')
