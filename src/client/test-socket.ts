// For tests: a socket whose other side is a script, and a clock that is turned by hand.
import type { TerminalFrame } from '#wire/terminal.ts'
import { decodeFrame } from '#wire/terminal.ts'
import type { SocketLike } from './terminal-connection.ts'

export class ScriptedSocket implements SocketLike {
  binaryType = ''
  readonly url: string
  /** Every frame of the client but PING, in order. */
  readonly sent: TerminalFrame[] = []
  closedWith: number | undefined
  #listeners = new Map<string, (event: never) => void>()

  constructor(url = '') {
    this.url = url
  }
  addEventListener(type: string, listener: (event: never) => void) {
    this.#listeners.set(type, listener)
  }
  fire(type: string, event: unknown = {}) {
    this.#listeners.get(type)?.(event as never)
  }
  say(frame: Uint8Array<ArrayBuffer>) {
    this.fire('message', { data: frame.slice().buffer })
  }
  /** The line is cut. */
  cut(code = 1006) {
    this.fire('close', { code, reason: '' })
  }
  send(data: Uint8Array) {
    const decoded = decodeFrame(data)
    if (!decoded.ok) throw new Error(decoded.why)
    if (decoded.frame.kind !== 'ping') this.sent.push(decoded.frame)
  }
  close(code?: number) {
    this.closedWith = code
    this.fire('close', { code: code ?? 1005, reason: '' })
  }
  kinds() {
    return this.sent.map((frame) => frame.kind)
  }
}

export class HandTimers {
  now = 0
  #timers = new Set<{ at: number; call: () => void }>()
  nowMs = () => this.now
  after = (delayMs: number, call: () => void) => {
    const timer = { at: this.now + delayMs, call }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
  /** Lets time go by, timer after timer. */
  pass(ms: number) {
    const until = this.now + ms
    for (let turns = 0; turns < 10_000; turns++) {
      const next = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers.delete(next)
      this.now = Math.max(this.now, next.at)
      next.call()
    }
    this.now = until
  }
  get waiting() {
    return this.#timers.size
  }
}
