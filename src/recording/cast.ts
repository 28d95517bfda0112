// Session events as lines of asciicast v3. Lines are given out with the place in the session where they end.
import type { SessionEvent, SessionOpening } from '#session/event.ts'
import { cutPieces, type Piece } from './utf8-pieces.ts'

/**
 * One or (for `b` and its `o`) two lines that must not be parted. `shown`, when it is there, is UTF-8 (a view, until the next line) that follows `text` as `escapeJson` writes it, with
 * `afterShown` behind it. `toOffset` counts the output bytes written up to and with this line.
 */
export type CastLine = { text: string; shown?: Uint8Array; atMs: number; toOffset: number }
export const afterShown = '"]\n'

/** The line whole, where speed does not count. */
export const lineText = ({ text, shown }: CastLine): string =>
  shown === undefined ? text : `${text}${JSON.stringify(Buffer.from(shown).toString('utf8')).slice(1, -1)}${afterShown}`

export function castHeader(opening: SessionOpening): string {
  return `${JSON.stringify({
    version: 3,
    term: { cols: opening.size.cols, rows: opening.size.rows, type: opening.term },
    timestamp: Math.floor(opening.startedAt / 1000),
    title: opening.title,
    env: { TERM: opening.term, ...(opening.shell === undefined ? {} : { SHELL: opening.shell }) },
  })}\n`
}

/** Milliseconds as seconds with three decimals, without the errors of floating point. */
export const castSeconds = (ms: number): string => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`

/** Where a writer goes on: the time of the last line and the output bytes written. */
export type CastPlace = { atMs: number; offset: number }

export class CastWriter {
  #lastMs: number
  #offset: number
  #held: Buffer = Buffer.alloc(0)

  /** Going on from a place gives the same lines as never having stopped: the rounding error carried is that of `atMs`. */
  constructor(from: CastPlace = { atMs: 0, offset: 0 }) {
    this.#lastMs = Math.round(from.atMs)
    this.#offset = from.offset
  }

  /** Bytes of a character that is not complete. */
  get heldBytes(): number {
    return this.#held.length
  }

  /** Events must come in order; `offset` of an output is that of its first byte and follows on what was written. */
  *write(event: SessionEvent): Generator<CastLine> {
    const { atMs } = event
    switch (event.kind) {
      case 'output': {
        const fresh = Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.length)
        const { pieces, rest } = cutPieces(this.#held.length === 0 ? fresh : Buffer.concat([this.#held, fresh]))
        // A copy: the bytes are a view of the reader's buffer, which is used again.
        this.#held = Buffer.from(rest)
        for (const piece of pieces) yield this.#output(atMs, piece)
        return
      }
      case 'resize':
        yield this.#line(atMs, 'r', `${event.size.cols}x${event.size.rows}`)
        return
      case 'marker':
        yield this.#line(atMs, 'm', event.label)
        return
      case 'typing':
        // For whoever reads commands; a recording shows nothing of it.
        return
      case 'end': {
        yield* this.giveUpHeld(atMs)
        const { exitStatus, message, reason } = event.end
        yield exitStatus === undefined ? this.#line(atMs, 'm', message === '' ? reason : message) : this.#line(atMs, 'x', String(exitStatus))
        return
      }
      default:
        event satisfies never
    }
  }

  /** Writes held bytes as bytes that are not UTF-8: the character did not become whole in time. */
  *giveUpHeld(atMs: number): Generator<CastLine> {
    if (this.#held.length === 0) return
    const bytes = this.#held
    this.#held = Buffer.alloc(0)
    yield this.#output(atMs, { bytes, isBroken: true })
  }

  #output(atMs: number, piece: Piece): CastLine {
    this.#offset += piece.bytes.length
    const interval = this.#interval(atMs)
    const toOffset = this.#offset
    if (!piece.isBroken) return { text: `[${interval}, "o", "`, shown: piece.bytes, atMs, toOffset }
    const shown = JSON.stringify(piece.bytes.toString('utf8'))
    return { text: `[${interval}, "b", "${piece.bytes.toString('base64')}"]\n[0.000, "o", ${shown}]\n`, atMs, toOffset }
  }

  #line(atMs: number, code: string, data: string): CastLine {
    return { text: `[${this.#interval(atMs)}, "${code}", ${JSON.stringify(data)}]\n`, atMs, toOffset: this.#offset }
  }

  #interval(atMs: number): string {
    const now = Math.max(Math.round(atMs), this.#lastMs)
    const interval = castSeconds(now - this.#lastMs)
    this.#lastMs = now
    return interval
  }
}
