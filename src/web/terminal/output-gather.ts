// A flood in few large pieces. xterm draws after every piece that it has parsed, sixty times a second, and drawing costs several times what parsing does; nobody reads a flood.
// What comes slower than one, an echo or a program that redraws its screen, passes at once.

/** Output that comes faster than this for longer than `burstBytes` is a flood. */
const floodBytesPerMs = 1024
const burstBytes = 128 * 1024
/** A flood is drawn as seldom as this, when it is slow enough for it. */
const drawEveryMs = 50
/** When nothing came for so long the flood rests, and all of it is shown. */
const restMs = 10
/** The page answers no key while a piece is parsed: pieces are as large as what is parsed within two frames. */
const leastPieceBytes = 128 * 1024
const mostPieceBytes = 1024 * 1024
const quickMs = 16
const slowMs = 32

export type PassOutput = (bytes: Uint8Array, end: number, parsed: (offset: number) => void) => void

export class OutputGather {
  readonly #pass: PassOutput
  #held: Uint8Array[] = []
  #heldBytes = 0
  #heldEnd = 0
  #parsed: (offset: number) => void = () => {}
  /** The end of the piece that is being parsed. */
  #parsing: number | undefined
  #pieceBytes = 2 * leastPieceBytes
  #level = 0
  #cameAt = 0
  /** When the last piece was parsed. */
  #doneAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `pass` takes what is to be parsed, in order, and tells when it has been. */
  constructor(pass: PassOutput) {
    this.#pass = pass
  }

  /** `end` is the offset behind the bytes, which are kept until they are passed on: at most the window of the session. */
  add(bytes: Uint8Array, end: number, parsed: (offset: number) => void): void {
    const now = performance.now()
    this.#level = Math.min(2 * burstBytes, Math.max(0, this.#level - (now - this.#cameAt) * floodBytesPerMs) + bytes.length)
    this.#cameAt = now
    if (this.#held.length === 0 && this.#level < burstBytes) return this.#pass(bytes, end, parsed)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.#heldEnd = end
    this.#parsed = parsed
    this.#consider(now)
  }

  /** Passes on everything that is held: something else comes behind it. */
  flush(): void {
    while (this.#held.length > 0) this.#passPiece()
  }

  /** Nothing is passed on any more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = []
    this.#heldBytes = 0
  }

  #consider(now: number): void {
    if (this.#held.length === 0 || this.#parsing !== undefined) return
    // Behind a piece that was parsed wait messages that have come meanwhile: rest counts from there.
    const since = Math.max(this.#cameAt, this.#doneAt)
    if (this.#heldBytes >= this.#pieceBytes || now - this.#doneAt >= drawEveryMs || now - since >= restMs) return this.#passPiece()
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#consider(performance.now())
    }, restMs)
  }

  #passPiece(): void {
    let length = 0
    let count = 0
    while (count < this.#held.length && length < this.#pieceBytes) length += this.#held[count++]?.length ?? 0
    const piece = joined(this.#held.splice(0, count), length)
    this.#heldBytes -= length
    const end = this.#heldEnd - this.#heldBytes
    const parsed = this.#parsed
    const startedAt = performance.now()
    this.#parsing = end
    this.#pass(piece, end, (offset) => {
      parsed(offset)
      if (offset !== this.#parsing) return
      this.#parsing = undefined
      this.#doneAt = performance.now()
      this.#learn(length, this.#doneAt - startedAt)
      this.#consider(this.#doneAt)
    })
  }

  #learn(length: number, tookMs: number): void {
    if (tookMs > slowMs) this.#pieceBytes = Math.max(leastPieceBytes, this.#pieceBytes / 2)
    else if (tookMs < quickMs && length >= this.#pieceBytes) this.#pieceBytes = Math.min(mostPieceBytes, this.#pieceBytes * 2)
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces
  if (only && pieces.length === 1) return only
  const all = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
