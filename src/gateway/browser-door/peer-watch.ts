// Whether a WebSocket's peer is still there, and whether we read it. A peer that neither answers nor says anything for 10 s is gone: a laptop's lid was shut, a NAT forgot.
import type { WebSocket } from 'ws'

const pingEveryMs = 10_000
/** The slowest line that is waited for: behind a SCREEN of 2 MiB a ping may need two minutes there. */
const slowestBytesPerSecond = 16 * 1024

export class PeerWatch {
  readonly #socket: WebSocket
  readonly #timer: NodeJS.Timeout
  #askedAt: number | undefined
  #paused = false
  #hasSpoken = false
  /** Until when a ping may wait its turn behind what was sent before it. */
  #patientUntil = 0

  /** `everyMs`: for tests. */
  constructor(socket: WebSocket, onRtt: (rttMs: number) => void, everyMs = pingEveryMs) {
    this.#socket = socket
    this.#timer = setInterval(() => this.#ping(), everyMs)
    socket.on('message', () => (this.#hasSpoken = true))
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
    if (this.#askedAt !== undefined) {
      if (!this.#isThere()) this.#socket.terminate()
      return
    }
    this.#askedAt = performance.now()
    this.#hasSpoken = false
    this.#patientUntil = this.#askedAt + (this.#socket.bufferedAmount / slowestBytesPerSecond) * 1000
    this.#socket.ping()
  }

  #isThere(): boolean {
    const isThere = this.#hasSpoken || performance.now() < this.#patientUntil
    this.#hasSpoken = false
    return isThere
  }
}
