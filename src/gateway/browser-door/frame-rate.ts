// Bounds how many frames a client makes us look at. An ACK that moves on by 8 KiB or more is free: a fast flood earns thousands of those each second.
import type { TerminalFrame } from '#wire/terminal.ts'

const framesPerSecond = 1000
/** A page that was frozen delivers what it held back in one go. */
const burst = 4000
const freeAckBytes = 8 * 1024

export class FrameRate {
  readonly #nowMs: () => number
  #left = burst
  #at: number
  #acknowledged = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#at = nowMs()
  }

  /** False when the client is past its rate. `ping` is one of the WebSocket layer. */
  admits(frame: TerminalFrame | { kind: 'websocket-ping' }): boolean {
    if (frame.kind === 'ack') {
      const moved = 'offset' in frame ? frame.offset - this.#acknowledged : 0
      this.#acknowledged = Math.max(this.#acknowledged, 'offset' in frame ? frame.offset : 0)
      if (moved >= freeAckBytes) return true
    }
    const now = this.#nowMs()
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * framesPerSecond)
    this.#at = now
    this.#left -= 1
    return this.#left >= 0
  }
}
