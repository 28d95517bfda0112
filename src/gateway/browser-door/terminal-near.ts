// A browser's WebSocket as somebody who sees a session: frames what the session says, keeps nothing but what the socket still holds.
import type { WebSocket } from 'ws'
import type { SessionEnd } from '#domain/session.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import type { Size } from '#session/event.ts'
import type { Near, NoticeAbout, WatchNear } from '#session/near.ts'
import type { Screen } from '#session/screens.ts'
import { encodeBytes, encodeJson, encodeOffset, encodeScreen, encodeSize, type JsonKind, maxFrameBytes } from '#wire/terminal.ts'

const maxPayload = maxFrameBytes - 1
/** The window bounds output to 768 KiB and a turn, what passed to 1 MiB, a screen to 2; a socket that holds this much is of no use to anyone, and is cut. */
const maxBufferedBytes = 4 * 1024 * 1024

/** What fits a frame though JSON write each character in six bytes: a client ends at a larger one. */
const mostNames = 100
const mostNameChars = 100

export type NearListener = {
  /** The session's own end; ENDED is sent by whoever owns the socket, once. */
  ended: (end: SessionEnd) => void
  takenOver: () => void
}

export class TerminalNear implements Near, WatchNear {
  /** The client's round trip, by WebSocket pings; undefined until measured. */
  rttClientMs: number | undefined
  readonly #socket: WebSocket
  readonly #listener: NearListener

  constructor(socket: WebSocket, listener: NearListener) {
    this.#socket = socket
    this.#listener = listener
  }

  output(_offset: number, bytes: Uint8Array): void {
    // As it is, so that what was made in its frame is not copied.
    if (bytes.length <= maxPayload) return this.#send(encodeBytes('output', bytes))
    for (let at = 0; at < bytes.length; at += maxPayload) this.#send(encodeBytes('output', bytes.subarray(at, at + maxPayload)))
  }

  screen(screen: Screen): void {
    this.#send(encodeScreen(screen))
  }

  size(size: Size): void {
    this.#send(encodeSize('size', size.cols, size.rows))
  }

  taken(inputOffset: number): void {
    this.#send(encodeOffset('taken', inputOffset))
  }

  notice(level: 'info' | 'warning' | 'error', text: string, about?: NoticeAbout): void {
    this.say('notice', { level, text: text.slice(0, 2000), ...(about ? { about } : {}) })
  }

  stats(stats: { rttHostMs?: number; queuedBytes: number }): void {
    const { rttClientMs } = this
    this.say('stats', { ...(rttClientMs === undefined ? {} : { rttClientMs }), ...stats, queuedBytes: stats.queuedBytes + this.#socket.bufferedAmount })
  }

  watchers(names: string[]): void {
    this.say('watchers', { names: names.slice(0, mostNames).map((name) => name.slice(0, mostNameChars)) })
  }

  transfer(state: TransferState): void {
    this.say('transfer', state)
  }

  takenOver(): void {
    this.#listener.takenOver()
  }

  ended(end: SessionEnd): void {
    this.#listener.ended(end)
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
