// Whether a WebSocket's peer is still there, and whether we read it. A peer that answers two pings late is gone: a laptop's lid was shut, a NAT forgot.
import type { WebSocket } from 'ws'

const pingEveryMs = 10_000

export class PeerWatch {
  readonly #socket: WebSocket
  readonly #timer: NodeJS.Timeout
  #askedAt: number | undefined
  #paused = false

  constructor(socket: WebSocket, onRtt: (rttMs: number) => void) {
    this.#socket = socket
    this.#timer = setInterval(() => this.#ping(), pingEveryMs)
    socket.on('pong', () => {
      if (this.#askedAt !== undefined) onRtt(Math.round((performance.now() - this.#askedAt) * 10) / 10)
      this.#askedAt = undefined
    })
    // The first round trip is known as soon as the terminal shows.
    setImmediate(() => this.#ping())
  }

  /** Reads no more from the peer. Its pongs are not seen either, so it is not asked. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#askedAt = undefined
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #ping(): void {
    if (this.#paused || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#askedAt !== undefined) return this.#socket.terminate()
    this.#askedAt = performance.now()
    this.#socket.ping()
  }
}
