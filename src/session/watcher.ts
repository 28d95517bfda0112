// One who watches a session: first the screen, then the tail; who is late or slow gets a screen again. A watcher never holds the host.
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from './clock.ts'
import { Credit } from './credit.ts'
import type { Size } from './event.ts'
import type { WatchControls, WatchNear } from './near.ts'
import type { ScreenSource } from './screens.ts'

/** What comes faster for long is shown as screens: nobody reads it, and a hundred watchers would cost the owner. */
const liveBytesPerSecond = 128 * 1024
const burstBytes = 128 * 1024
/** Output kept while a screen is being made; more than this, and another screen is due. */
const mostKeptBytes = 256 * 1024
/** A program that writes byte by byte would cost hundreds of times that. */
const mostKeptPieces = 1000
const mostKeptInFloodBytes = 16 * 1024
const screenEveryMs = 500

export type WatcherParts = {
  session: string
  near: WatchNear
  clock: Clock
  screens: ScreenSource
  /** How much output the journal has accepted. */
  accepted: () => number
  gone: () => void
}

/** `drawing`: a screen is awaited; `following`: output is passed on; `resting`: another screen is due when the watcher has acknowledged and half a second is over; `hidden`. */
type State = 'drawing' | 'following' | 'resting' | 'hidden' | 'over'

export class Watcher implements WatchControls {
  readonly #parts: WatcherParts
  #state: State = 'resting'
  #credit = new Credit()
  /** The offset of a SCREEN that was not acknowledged. */
  #unseen: number | undefined
  #kept: { offset: number; bytes: Uint8Array }[] = []
  #keptBytes = 0
  #hasOverflowed = false
  /** Output came faster than is passed on: until it calms, screens alone, so that many watchers of a flood copy nothing of it. */
  #isFlooded = false
  #drawing: AbortController | undefined
  #drawnAt = -Infinity
  /** Said once: that the screen takes its time, since it began or is seen again; that there is none, until there is one. */
  readonly #said = new Set<'catching_up' | 'not_drawn'>()
  #timer: { cancel(): void } | undefined
  #level = 0
  #levelAt: number

  constructor(parts: WatcherParts) {
    this.#parts = parts
    this.#levelAt = parts.clock.nowMs()
    this.#draw()
  }

  /** Accepted output, after the owner has it. */
  output(offset: number, bytes: Uint8Array): void {
    if (this.#state === 'drawing') return this.#keep(offset, bytes)
    if (this.#state === 'following') this.#send(offset, bytes)
  }

  size(size: Size): void {
    if (this.#state !== 'over') this.#parts.near.size(size)
  }

  /** Throws `Failure('ack_beyond_output')`. */
  acknowledged(offset: number): void {
    this.#credit.acknowledged(offset)
    if (this.#unseen !== undefined && offset >= this.#unseen) this.#unseen = undefined
    if (this.#state === 'resting') this.#draw()
  }

  hidden(hidden: boolean): void {
    if (this.#state === 'over' || hidden === (this.#state === 'hidden')) return
    this.#stopDrawing()
    this.#state = hidden ? 'hidden' : 'resting'
    if (hidden) return
    this.#said.clear()
    this.#draw()
  }

  gone(): void {
    if (this.#state === 'over') return
    this.#close()
    this.#parts.gone()
  }

  ended(end: SessionEnd): void {
    if (this.#state === 'over') return
    this.#close()
    this.#parts.near.ended(end)
  }

  #close(): void {
    this.#stopDrawing()
    this.#state = 'over'
  }

  #stopDrawing(): void {
    this.#drawing?.abort()
    this.#drawing = undefined
    this.#timer?.cancel()
    this.#timer = undefined
    this.#kept = []
    this.#keptBytes = 0
  }

  #send(offset: number, bytes: Uint8Array): void {
    const { clock, near } = this.#parts
    const now = clock.nowMs()
    this.#level = Math.max(0, this.#level - ((now - this.#levelAt) * liveBytesPerSecond) / 1000) + bytes.length
    this.#levelAt = now
    this.#credit.produced(offset + bytes.length)
    if (this.#level > burstBytes || this.#credit.isSpent) {
      this.#isFlooded = this.#level > burstBytes
      this.#state = 'resting'
      return this.#draw()
    }
    this.#credit.shown(offset + bytes.length)
    near.output(offset, bytes)
  }

  #keep(offset: number, bytes: Uint8Array): void {
    this.#keptBytes += bytes.length
    if (this.#keptBytes > (this.#isFlooded ? mostKeptInFloodBytes : mostKeptBytes) || this.#kept.length >= mostKeptPieces) {
      this.#hasOverflowed = true
      this.#kept = []
    } else if (!this.#hasOverflowed) this.#kept.push({ offset, bytes: bytes.slice() })
  }

  /** Asks for a screen when one may be sent; else it is tried again by time, or by the acknowledgement. */
  #draw(): void {
    if (this.#state !== 'resting' || this.#unseen !== undefined) return
    const { clock } = this.#parts
    const wait = this.#drawnAt + screenEveryMs - clock.nowMs()
    if (wait > 0) {
      this.#timer ??= clock.after(wait, () => {
        this.#timer = undefined
        this.#draw()
      })
      return
    }
    this.#state = 'drawing'
    // Hidden and seen again, a page may ask no more often than it is answered.
    this.#drawnAt = clock.nowMs()
    this.#hasOverflowed = false
    this.#kept = []
    this.#keptBytes = 0
    const drawing = new AbortController()
    this.#drawing = drawing
    void this.#fetch(drawing.signal)
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { accepted, clock, near, screens, session } = this.#parts
    const from = accepted()
    try {
      const late = () => this.#tell('info', 'Catching up with the session.', 'catching_up')
      const screen = await screens.screen(session, from, signal, late)
      if (signal.aborted) return
      this.#drawnAt = clock.nowMs()
      this.#unseen = screen.offset
      this.#credit = new Credit(screen.offset)
      this.#said.delete('not_drawn')
      near.screen(screen)
      this.#resume(screen.offset)
    } catch {
      if (signal.aborted) return
      // No screen now, perhaps later: the worker may be on its way back.
      this.#drawnAt = clock.nowMs()
      this.#state = 'resting'
      this.#tell('warning', 'The screen cannot be drawn at present.', 'not_drawn')
      this.#draw()
    }
  }

  #tell(level: 'info' | 'warning', text: string, code: 'catching_up' | 'not_drawn'): void {
    if (this.#said.has(code)) return
    this.#said.add(code)
    this.#parts.near.notice(level, text, { code })
  }

  #resume(offset: number): void {
    const kept = this.#kept
    this.#kept = []
    this.#keptBytes = 0
    this.#drawing = undefined
    if (this.#hasOverflowed) {
      this.#state = 'resting'
      return this.#draw()
    }
    this.#state = 'following'
    if (this.#isFlooded) {
      this.#isFlooded = false
      this.#level = burstBytes
      this.#levelAt = this.#parts.clock.nowMs()
    }
    for (const piece of kept) {
      const skip = Math.max(0, offset - piece.offset)
      if (skip < piece.bytes.length) this.output(piece.offset + skip, piece.bytes.subarray(skip))
    }
  }
}
