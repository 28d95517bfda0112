// A recording in the page's memory while it is played: what was shown, when, at which size, and the screens from which seeking begins.
import { mostCols, mostRows, parseEvent, parseHeader } from './cast-line.ts'

export type Screen = { offset: number; atMs: number; cols: number; rows: number; text: string }
export type Marker = { atMs: number; label: string }
/** Output, or a resize where `text` is undefined. `offset`: output bytes before it. */
export type Frame = { atMs: number; offset: number; text: string | undefined; cols: number; rows: number }

/** Characters and events that are held; a longer recording is played as far, and says so. A tab of a browser should stay below half a gigabyte. */
const mostText = 160 * 1024 * 1024
const mostFrames = 2_000_000
const mostMarkers = 2000
const mostScreens = 4000
const mostScreensText = 64 * 1024 * 1024

const encoder = new TextEncoder()
// oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
const isAscii = (text: string) => /^[\u0000-\u007f]*$/.test(text)
const bytesOf = (text: string): number => (isAscii(text) ? text.length : encoder.encode(text).length)

export class Recording {
  cols = 80
  rows = 24
  readonly frames: Frame[] = []
  readonly markers: Marker[] = []
  readonly screens: Screen[] = []
  durationMs = 0
  /** Lines that are no lines of a recording. */
  broken = 0
  /** More came than is held. */
  isCut = false
  #hasHeader = false
  #text = 0
  #screensText = 0
  #offset = 0
  /** The true length of the next output, whose text has replacement characters. */
  #trueBytes: number | undefined

  /** The first line is the header. Throws nothing: what is broken is counted. */
  addLine(line: string): void {
    if (line.trim() === '') return
    if (!this.#hasHeader) return this.#addHeader(line)
    const event = parseEvent(line)
    if (!event) {
      this.broken += 1
      return
    }
    this.durationMs += event.afterMs
    const trueBytes = this.#trueBytes
    this.#trueBytes = event.kind === 'bytes' ? event.bytes : undefined
    if (event.kind === 'marker' && this.markers.length < mostMarkers) this.markers.push({ atMs: this.durationMs, label: event.label })
    if (event.kind !== 'output' && event.kind !== 'resize') return
    if (this.#text >= mostText || this.frames.length >= mostFrames) {
      this.isCut = true
      this.durationMs -= event.afterMs
      return
    }
    const text = event.kind === 'output' ? event.text : undefined
    const [cols, rows] = event.kind === 'resize' ? [event.cols, event.rows] : [0, 0]
    this.frames.push({ atMs: this.durationMs, offset: this.#offset, text, cols, rows })
    if (text === undefined) return
    this.#text += text.length
    this.#offset += trueBytes ?? bytesOf(text)
  }

  /** A line of the screens beside the recording; what is none is left out. */
  addScreen(line: string): void {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return
    }
    if (typeof value !== 'object' || value === null || this.screens.length >= mostScreens) return
    const { offset, atMs, cols, rows, text } = value as Record<string, unknown>
    if (![offset, atMs, cols, rows].every((number) => typeof number === 'number' && Number.isFinite(number) && number >= 0) || typeof text !== 'string') return
    if ((this.#screensText += text.length) > mostScreensText) return
    this.screens.push({ offset: Number(offset), atMs: Number(atMs), cols: clamp(cols, mostCols), rows: clamp(rows, mostRows), text })
  }

  get isReady(): boolean {
    return this.#hasHeader
  }

  /** How many frames are shown at this time. */
  framesUntil(atMs: number): number {
    let [low, high] = [0, this.frames.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.frames[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The latest screen at or before the time, whose place in the output is there already. */
  screenBefore(atMs: number): Screen | undefined {
    let best: Screen | undefined
    for (const screen of this.screens) if (screen.atMs <= atMs && screen.offset <= this.#offset && screen.atMs >= (best?.atMs ?? 0)) best = screen
    return best
  }

  /** The first frame that holds output beyond the offset, and how many of its bytes come before it. */
  frameAt(offset: number): { frame: number; skipBytes: number } {
    let [low, high] = [0, this.frames.length]
    // The last frame that begins at or before the offset; of those that begin at the same place the first, since resizes are among them.
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.frames[middle]?.offset ?? Infinity) < offset) low = middle + 1
      else high = middle
    }
    const before = this.frames[low - 1]
    const ends = this.frames[low]?.offset ?? this.#offset
    if (before?.text !== undefined && ends > offset) return { frame: low - 1, skipBytes: offset - before.offset }
    return { frame: low, skipBytes: 0 }
  }

  #addHeader(line: string): void {
    const header = parseHeader(line)
    if (!header) {
      this.broken += 1
      return
    }
    this.cols = header.cols
    this.rows = header.rows
    this.#hasHeader = true
  }
}

const clamp = (value: unknown, most: number): number => Math.max(1, Math.min(most, Math.floor(Number(value))))

/** The text after its first `bytes` bytes of UTF-8; characters that are cut are left out. */
export function afterBytes(text: string, bytes: number): string {
  if (bytes === 0) return text
  if (isAscii(text)) return text.slice(bytes)
  return new TextDecoder().decode(encoder.encode(text).subarray(bytes)).replace(/^\uFFFD+/, '')
}
