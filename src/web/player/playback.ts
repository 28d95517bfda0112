// The clock of a replay, and the terminal that it drives. Times are those of the recording: skipping idle time moves the clock on, it does not rename moments.
import { afterBytes, type Recording } from './recording.ts'

/** What is drawn on; an xterm, or a test's. */
export interface Drawing {
  /** Resolves when it is drawn. */
  write(text: string): Promise<void>
  resize(cols: number, rows: number): void
}
export type PlayState = { timeMs: number; durationMs: number; isPlaying: boolean; isSeeking: boolean; hasEnded: boolean; speed: number; idleSeconds: number }

export const speeds = [0.5, 1, 1.5, 2, 4, 8] as const
/** 0: nothing is skipped. */
export const idleLimits = [0, 1, 2, 5, 10] as const
/** Seconds between two pictures that count: a page that was asleep goes on where it was. */
const longestTickMs = 250
/** Fed to the terminal at once; between two pieces a newer wish is heard. */
const pieceLength = 128 * 1024
/** Forward over less text than this no screen is needed. */
const nearFrames = 400
/** Terminal reset (RIS, ECMA-48 with xterm's meaning) in the stream of what is written, so that it keeps its place in it. */
const reset = '\u001Bc'

export class Playback {
  readonly #recording: Recording
  readonly #drawing: Drawing
  readonly #changed: () => void
  #state: PlayState
  /** Frames that are on the terminal. */
  #drawn = 0
  #isFeeding = false
  /** Rises with each seek: what an older one still wanted to draw is left. */
  #turn = 0
  #work: Promise<void> = Promise.resolve()

  constructor(recording: Recording, drawing: Drawing, options: { speed: number; idleSeconds: number }, changed: () => void) {
    this.#recording = recording
    this.#drawing = drawing
    this.#changed = changed
    this.#state = { timeMs: 0, durationMs: recording.durationMs, isPlaying: false, isSeeking: false, hasEnded: false, ...options }
    drawing.resize(recording.cols, recording.rows)
  }

  get state(): PlayState {
    return this.#state
  }

  play(): void {
    if (this.#state.hasEnded) void this.seek(0)
    this.#set({ isPlaying: true, hasEnded: false })
  }
  pause(): void {
    this.#set({ isPlaying: false })
  }
  setSpeed(speed: number): void {
    this.#set({ speed })
  }
  setIdle(idleSeconds: number): void {
    this.#set({ idleSeconds })
  }
  /** More of the recording has come. */
  grown(): void {
    if (this.#recording.durationMs !== this.#state.durationMs) this.#set({ durationMs: this.#recording.durationMs })
  }

  /** Moves the clock by what has passed; to be called for each picture. While the terminal is behind, the clock waits. */
  tick(passedMs: number, isComplete: boolean): void {
    const { isPlaying, speed, idleSeconds, timeMs } = this.#state
    if (!isPlaying || this.#isFeeding || this.#state.isSeeking) return
    const { frames, durationMs } = this.#recording
    let next = timeMs + Math.min(passedMs, longestTickMs) * speed
    const upcoming = frames[this.#drawn]?.atMs ?? durationMs
    const quietSince = frames[this.#drawn - 1]?.atMs ?? 0
    if (idleSeconds > 0 && upcoming > next && next - quietSince >= idleSeconds * 1000) next = upcoming
    if (next >= durationMs) {
      // The end of what is here; of a recording that is still on its way the rest is waited for.
      next = durationMs
      if (isComplete) this.#set({ isPlaying: false, hasEnded: true })
    }
    this.#set({ timeMs: next })
    const until = this.#recording.framesUntil(next)
    if (until > this.#drawn) void this.#run(() => this.#feed(until, this.#turn))
  }

  /** Resolves when the moment is on the terminal, or another one is wanted. */
  async seek(toMs: number): Promise<void> {
    const timeMs = Math.max(0, Math.min(toMs, this.#recording.durationMs))
    const turn = (this.#turn += 1)
    this.#set({ timeMs, isSeeking: true, hasEnded: false })
    await this.#run(() => this.#goTo(timeMs, turn))
    if (turn === this.#turn) this.#set({ isSeeking: false })
  }

  /** To the next or the previous output. */
  async step(by: 1 | -1): Promise<void> {
    const { frames } = this.#recording
    const at = this.#recording.framesUntil(this.#state.timeMs)
    const goal = by === 1 ? frames[at]?.atMs : frames[at - 2]?.atMs
    this.pause()
    await this.seek(goal ?? (by === 1 ? this.#recording.durationMs : 0))
  }

  dispose(): void {
    this.#turn += 1
    this.#state = { ...this.#state, isPlaying: false }
  }

  async #goTo(timeMs: number, turn: number): Promise<void> {
    if (turn !== this.#turn) return
    const until = this.#recording.framesUntil(timeMs)
    const screen = this.#recording.screenBefore(timeMs)
    const from = screen ? this.#recording.frameAt(screen.offset) : { frame: 0, skipBytes: 0 }
    // On from here when that is nearer than what a new beginning would draw.
    if (until >= this.#drawn && (until - this.#drawn <= nearFrames || from.frame <= this.#drawn)) return this.#feed(until, turn)
    await this.#drawing.write(reset)
    if (screen && from.frame <= until) {
      this.#drawing.resize(screen.cols, screen.rows)
      await this.#drawing.write(screen.text)
      this.#drawn = from.frame
      const first = this.#recording.frames[from.frame]
      if (from.skipBytes > 0 && first?.text !== undefined && from.frame < until) {
        await this.#drawing.write(afterBytes(first.text, from.skipBytes))
        this.#drawn += 1
      }
    } else {
      this.#drawing.resize(this.#recording.cols, this.#recording.rows)
      this.#drawn = 0
    }
    await this.#feed(until, turn)
  }

  async #feed(until: number, turn: number): Promise<void> {
    let text = ''
    const flush = async () => {
      const piece = text
      text = ''
      if (piece !== '') await this.#drawing.write(piece)
    }
    while (this.#drawn < until && turn === this.#turn) {
      const frame = this.#recording.frames[this.#drawn]
      if (!frame) break
      this.#drawn += 1
      if (frame.text === undefined) {
        await flush()
        this.#drawing.resize(frame.cols, frame.rows)
        continue
      }
      text += frame.text
      if (text.length >= pieceLength) await flush()
    }
    // Also when another moment is wanted: `#drawn` counts these frames as drawn.
    await flush()
  }

  /** One after the other: two that draw at once would mix. */
  #run(work: () => Promise<void>): Promise<void> {
    this.#isFeeding = true
    const done = this.#work.then(work).finally(() => {
      if (this.#work === done) this.#isFeeding = false
    })
    this.#work = done
    return done
  }

  #set(change: Partial<PlayState>): void {
    this.#state = { ...this.#state, ...change }
    this.#changed()
  }
}
