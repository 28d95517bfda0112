// One recording being replayed in one place of the page: fetched, drawn, driven by the browser's pictures. For React it is a store of snapshots.
import type { ITheme } from '@xterm/xterm'
import { keepChoices, keptChoices } from './kept-choices.ts'
import { loadRecording } from './load-recording.ts'
import { PlayTerminal } from './play-terminal.ts'
import { Playback, type PlayState } from './playback.ts'
import { Recording } from './recording.ts'

/** `version` rises with what has come of the recording. */
export type Snapshot = PlayState & { status: 'loading' | 'ready' | 'failed'; isComplete: boolean; error: unknown; version: number }
/** Told to React at most so often while playing. */
const tellEveryMs = 60

export class Replay {
  readonly recording = new Recording()
  readonly #terminal: PlayTerminal
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  #playback: Playback | undefined
  #snapshot: Snapshot
  #from: number
  #toldAt = 0
  #picture = 0
  #seenAt = 0

  constructor(place: HTMLElement, session: string, options: { label: string; theme: ITheme; fromMs: number }) {
    this.#terminal = new PlayTerminal(place, options.label, options.theme)
    this.#from = options.fromMs
    const { speed, idleSeconds } = keptChoices()
    const still = { timeMs: options.fromMs, durationMs: 0, isPlaying: false, isSeeking: false, hasEnded: false }
    this.#snapshot = { ...still, speed, idleSeconds, status: 'loading', isComplete: false, error: undefined, version: 0 }
    void this.#load(session)
    this.#picture = requestAnimationFrame((at) => this.#draw(at))
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  snapshot = (): Snapshot => this.#snapshot

  toggle(): void {
    if (this.#playback?.state.isPlaying === true) this.#playback.pause()
    else this.#playback?.play()
  }
  async seek(toMs: number): Promise<void> {
    // Not there yet: begun with when it is.
    if (!this.#playback) this.#from = toMs
    await this.#playback?.seek(toMs)
  }
  async step(by: 1 | -1): Promise<void> {
    await this.#playback?.step(by)
  }
  choose(choices: Partial<Pick<PlayState, 'speed' | 'idleSeconds'>>): void {
    const { speed, idleSeconds } = { ...this.#snapshot, ...choices }
    keepChoices({ speed, idleSeconds })
    this.#playback?.setSpeed(speed)
    this.#playback?.setIdle(idleSeconds)
    this.#tell({ speed, idleSeconds })
  }
  text(): string {
    return this.#terminal.text()
  }
  set theme(theme: ITheme) {
    this.#terminal.theme = theme
  }
  dispose(): void {
    this.#stop.abort(new DOMException('The player was closed.', 'AbortError'))
    cancelAnimationFrame(this.#picture)
    this.#playback?.dispose()
    this.#terminal.dispose()
    this.#listeners.clear()
  }

  async #load(session: string): Promise<void> {
    try {
      await loadRecording(this.recording, session, this.#stop.signal, () => this.#grown(false))
      this.#grown(true)
      if (!this.recording.isReady) this.#tell({ status: 'failed', error: undefined })
    } catch (error) {
      // What has come can be played; what is missing is said.
      if (!this.#stop.signal.aborted) this.#tell({ isComplete: true, error, ...(this.recording.frames.length === 0 ? { status: 'failed' as const } : {}) })
    }
  }

  #grown(isComplete: boolean): void {
    if (this.#stop.signal.aborted) return
    const { recording } = this
    this.#playback?.grown()
    // A moment in the middle is waited for until it is there.
    if (!this.#playback && recording.isReady && (isComplete || recording.durationMs >= this.#from)) {
      const { speed, idleSeconds } = this.#snapshot
      const playback = new Playback(recording, this.#terminal, { speed, idleSeconds }, () => this.#moved())
      this.#playback = playback
      this.#tell({ status: 'ready' })
      if (this.#from > 0) void playback.seek(this.#from).then(() => playback.play())
      else playback.play()
    }
    this.#tell({ isComplete, version: this.#snapshot.version + 1, durationMs: recording.durationMs })
  }

  /** Twenty times a second is enough for a clock; a change of anything else is told at once. */
  #moved(): void {
    const state = this.#playback?.state
    if (!state) return
    const { isPlaying, isSeeking, hasEnded, durationMs } = this.#snapshot
    const isNews =
      state.isPlaying !== isPlaying || state.isSeeking !== isSeeking || state.hasEnded !== hasEnded || state.durationMs !== durationMs || !state.isPlaying
    if (isNews || performance.now() - this.#toldAt >= tellEveryMs) this.#tell(state)
  }

  #draw(at: number): void {
    this.#playback?.tick(at - this.#seenAt, this.#snapshot.isComplete)
    this.#seenAt = at
    this.#picture = requestAnimationFrame((next) => this.#draw(next))
  }

  #tell(change: Partial<Snapshot>): void {
    this.#toldAt = performance.now()
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const call of this.#listeners) call()
  }
}
