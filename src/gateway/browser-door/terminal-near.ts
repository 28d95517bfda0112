// A browser's WebSocket as the person's side of a session: frames what the session says, keeps nothing but what the socket still holds.
import type { WebSocket } from 'ws'
import type { SessionEnd } from '#domain/session.ts'
import type { Near } from '#session/near.ts'
import { encodeBytes, encodeJson, encodeOffset, type JsonKind, maxFrameBytes } from '#wire/terminal.ts'

const maxPayload = maxFrameBytes - 1
/** The window bounds output to 256 KiB and a turn; a socket that holds this much is of no use to anyone, and is cut. */
const maxBufferedBytes = 4 * 1024 * 1024

export class TerminalNear implements Near {
  /** The client's round trip, by WebSocket pings; undefined until measured. */
  rttClientMs: number | undefined
  readonly #socket: WebSocket
  readonly #onEnded: (end: SessionEnd) => void

  /** `onEnded` is given the session's own end; ENDED is sent by whoever owns the socket, once. */
  constructor(socket: WebSocket, onEnded: (end: SessionEnd) => void) {
    this.#socket = socket
    this.#onEnded = onEnded
  }

  output(_offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += maxPayload) this.#send(encodeBytes('output', bytes.subarray(at, at + maxPayload)))
  }

  taken(inputOffset: number): void {
    this.#send(encodeOffset('taken', inputOffset))
  }

  notice(level: 'info' | 'warning' | 'error', text: string): void {
    this.say('notice', { level, text: text.slice(0, 2000) })
  }

  stats(stats: { rttHostMs?: number; queuedBytes: number }): void {
    const { rttClientMs } = this
    this.say('stats', { ...(rttClientMs === undefined ? {} : { rttClientMs }), ...stats, queuedBytes: stats.queuedBytes + this.#socket.bufferedAmount })
  }

  ended(end: SessionEnd): void {
    this.#onEnded(end)
  }

  say(kind: JsonKind, value: unknown): void {
    this.#send(encodeJson(kind, value))
  }

  #send(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > maxBufferedBytes) return this.#socket.terminate()
    this.#socket.send(frame)
  }
}
