// The person who types, over all the connections of their session: attached and seen, hidden, away, catching up. `docs/protocol/terminal.md`, "Owner, away, back".
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from './clock.ts'
import { Credit } from './credit.ts'
import type { Size } from './event.ts'
import type { OutputHistory } from './history.ts'
import type { Near } from './near.ts'
import { OutputWindow } from './output-window.ts'
import type { ScreenSource } from './screens.ts'

/** Up to here the exact bytes are given; beyond it a screen. The journal keeps as much. */
export const exactBytes = 1024 * 1024
const screenWithinMs = 10_000
/** Both sides are closed within a second of the end. */
const lastWordsWithinMs = 400
// A screen may come out behind what the journal still holds when the tail was cut meanwhile. Twice is chance, more is a fault.
const mostScreens = 3

export type OwnerParts = {
  session: string
  clock: Clock
  history: OutputHistory
  screens: ScreenSource
  graceMs: number
  size: () => Size
  /** `holds` or `isAway` may have changed. */
  changed: () => void
  /** Nobody came back in time. */
  abandoned: () => void
}

/**
 * `before` the first attachment; `catching-up` while what passed is fetched (the host is held); `following`; `behind` when hidden with a spent window;
 * `absent` without a connection.
 */
type State = 'before' | 'catching-up' | 'following' | 'behind' | 'absent'

export class Owner {
  readonly #parts: OwnerParts
  #near: Near | undefined
  #state: State = 'before'
  #credit: Credit
  readonly #window: OutputWindow
  #isHidden = false
  #produced = 0
  #accepted = 0
  #parsed = 0
  #catching: AbortController | undefined
  #grace: { cancel(): void } | undefined

  constructor(parts: OwnerParts) {
    this.#parts = parts
    this.#window = new OutputWindow(() => parts.clock.nowMs())
    this.#credit = new Credit(0, this.#window)
  }

  /** The host must stand still for the owner's sake. */
  get holds(): boolean {
    return this.#state === 'before' || this.#state === 'catching-up' || (this.#state === 'following' && this.#credit.isSpent)
  }
  /** Nobody reads what the host says: it goes to the journal alone. */
  get isAway(): boolean {
    return this.#state === 'absent' || this.#state === 'behind'
  }
  get isAttached(): boolean {
    return this.#near !== undefined
  }
  get queuedBytes(): number {
    return this.#state === 'following' ? this.#credit.outstanding : 0
  }
  get parsedTo(): number {
    return this.#parsed
  }

  /** The connection that asked for the session, before its terminal stands: it hears of the end, and nothing else. */
  expect(near: Near): void {
    this.#near = near
  }

  /** The newest connection owns the session; one before it is told. Its terminal has the output up to `from`. What it lacks follows after this turn. */
  attach(near: Near, from: number): void {
    this.#leave()
    if (this.#near !== near) this.#near?.takenOver()
    this.#near = near
    this.#isHidden = false
    this.#beginAt(from)
    if (from < this.#accepted) this.#catchUp(from)
    else this.#follow()
  }

  isOwnedBy(near: Near): boolean {
    return this.#near === near
  }

  /** The owner's connection is gone; the grace begins. */
  detach(): void {
    if (!this.#near) return
    this.#leave()
    this.#near = undefined
    this.#state = 'absent'
    this.#grace = this.#parts.clock.after(this.#parts.graceMs, () => this.#parts.abandoned())
    this.#parts.changed()
  }

  /** Throws `Failure('ack_beyond_output')`. */
  acknowledged(offset: number): void {
    this.#credit.acknowledged(offset)
    this.#parsed = Math.max(this.#parsed, this.#credit.parsedTo)
    this.#parts.changed()
  }

  hidden(hidden: boolean): void {
    if (this.#isHidden === hidden) return
    this.#isHidden = hidden
    this.#window.reset()
    if (hidden) this.#yield()
    else if (this.#state === 'behind') this.#catchUp(this.#credit.sentTo)
  }

  produced(offset: number): void {
    this.#produced = offset
    if (this.#state !== 'following') return
    this.#credit.produced(offset)
    this.#yield()
  }

  /** Shown only now: nothing is seen that the recording may lose. */
  accepted(offset: number, bytes: Uint8Array): void {
    this.#accepted = offset + bytes.length
    if (this.#state !== 'following') return
    this.#credit.shown(this.#accepted)
    this.#near?.output(offset, bytes)
  }

  /** What a connected owner is told, whatever the state of its terminal. */
  tell(act: (near: Near) => void): void {
    if (this.#near) act(this.#near)
  }

  ended(end: SessionEnd): void {
    const near = this.#near
    const from = this.#state === 'behind' || this.#state === 'catching-up' ? this.#credit.sentTo : this.#accepted
    this.#leave()
    this.#near = undefined
    this.#state = 'absent'
    if (near) void this.#lastWords(near, from, end)
  }

  /** What an owner who is behind lacks comes before the end, when it is not too much and comes at once; the recording has it in any case. */
  async #lastWords(near: Near, from: number, end: SessionEnd): Promise<void> {
    const to = this.#accepted
    if (from < to && to - from <= exactBytes) {
      const patience = new AbortController()
      const timer = this.#parts.clock.after(lastWordsWithinMs, () => patience.abort())
      try {
        const bytes = await this.#parts.history.read(this.#parts.session, from, to, patience.signal)
        if (bytes) near.output(from, bytes)
      } catch {
        // Late, or not to be read any more: the end is what must be told.
      } finally {
        timer.cancel()
      }
    }
    near.ended(end)
  }

  /** A hidden page acknowledges when it likes: past the window it is left alone. */
  #yield(): void {
    if (this.#state !== 'following' || !this.#isHidden || !this.#credit.isSpent) return
    this.#state = 'behind'
    this.#parts.changed()
  }

  #follow(): void {
    this.#state = 'following'
    this.#credit.produced(this.#produced)
    this.#yield()
    this.#parts.changed()
  }

  #catchUp(from: number): void {
    const near = this.#near
    if (!near) return
    const catching = new AbortController()
    this.#catching = catching
    this.#state = 'catching-up'
    this.#parts.changed()
    void this.#fetch(near, from, catching.signal).then(
      () => {
        if (catching.signal.aborted) return
        this.#catching = undefined
        this.#follow()
      },
      (error: unknown) => {
        // Superseded, detached or ended: who aborted it has set the state.
        if (!catching.signal.aborted) throw error
      },
    )
  }

  /** The host stands still meanwhile, so that this comes to an end; what was on its way is accepted within a turn. */
  async #fetch(near: Near, from: number, signal: AbortSignal): Promise<void> {
    // After WELCOME, which the caller of `attach` sends in this turn.
    await Promise.resolve()
    let at = from
    for (let screens = 0; ;) {
      signal.throwIfAborted()
      if (at >= this.#accepted) return
      const bytes = this.#accepted - at > exactBytes ? undefined : await this.#exactly(at, this.#accepted, signal)
      signal.throwIfAborted()
      if (bytes) {
        this.#credit.shown(at + bytes.length)
        near.output(at, bytes)
        at += bytes.length
        continue
      }
      at = await this.#redraw(near, this.#accepted - from, ++screens <= mostScreens, signal)
    }
  }

  /** A journal that cannot be read costs this person a screen, not everybody their session. */
  async #exactly(from: number, to: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return await this.#parts.history.read(this.#parts.session, from, to, signal)
    } catch {
      return undefined
    }
  }

  /** Returns the offset where output goes on. */
  async #redraw(near: Near, passed: number, mayAsk: boolean, signal: AbortSignal): Promise<number> {
    const { clock, screens, session, size } = this.#parts
    const patience = new AbortController()
    const timer = clock.after(screenWithinMs, () => patience.abort())
    try {
      if (!mayAsk) throw new Error('no screen is near enough to the tail')
      const late = () => near.notice('info', 'Catching up with what passed while you were away.', { code: 'catching_up' })
      const screen = await screens.screen(session, this.#accepted, AbortSignal.any([signal, patience.signal]), late)
      signal.throwIfAborted()
      this.#beginAt(screen.offset)
      near.screen(screen)
      near.notice('info', `${passed} bytes passed while you were away.`, { code: 'bytes_passed', bytes: passed })
      return screen.offset
    } catch {
      signal.throwIfAborted()
      // A terminal that cannot be redrawn must not keep its session: it goes on with an empty screen.
      const offset = this.#accepted
      this.#beginAt(offset)
      near.screen({ offset, ...size(), text: new Uint8Array(0) })
      near.notice('warning', `${passed} bytes passed while you were away, and the screen could not be redrawn. Press Ctrl-L.`, {
        code: 'not_redrawn',
        bytes: passed,
      })
      return offset
    } finally {
      timer.cancel()
    }
  }

  /** The terminal has everything up to here, and how prompt it is must be learned again. */
  #beginAt(offset: number): void {
    this.#window.reset()
    this.#credit = new Credit(offset, this.#window)
  }

  #leave(): void {
    this.#catching?.abort()
    this.#catching = undefined
    this.#grace?.cancel()
    this.#grace = undefined
  }
}
