// What came on one channel and nobody has taken yet: the window is enforced and opens again only by what was handed over, so both together never exceed it (RFC 4254 section 5.2).
import { isLent, readBytes } from './host-socket.ts'

/** Handed over at once, and in one turn of the event loop: what comes on other connections is served in between. */
export const pieceBytes = 64 * 1024
const channelTurnBytes = readBytes
// Pieces smaller than that are put together: each that is handed over becomes a packet elsewhere.
const smallBytes = 8 * 1024
const joinedBytes = 32 * 1024
// A peer that sends single bytes must not make us hold an object for each.
const maxPieces = 1024
const maxEvents = 64

type Piece = { bytes: Buffer; isStderr: boolean }
export type Receiver =
  | {
      /** The bytes are lent: gone when it returns. */
      data: (bytes: Buffer, isStderr: boolean) => void
      gather?: never
    }
  | {
      data?: never
      /** Up to `most` bytes (64 KiB) of both streams, in the order in which they came, written into `makeRoom(length)`, and that handed over: the receiver's own. */
      gather: { most?: number; makeRoom: (length: number) => Uint8Array; data: (bytes: Uint8Array) => void }
    }

export class Incoming {
  readonly #windowBytes: number
  readonly #maxPacketBytes: number
  #window: number
  #taken = 0
  /** The last pieces are lent during the turn in which they came. */
  #held: (Piece | (() => void))[] = []
  #heldBytes = 0
  #events = 0
  #hasEnded = false

  constructor(windowBytes: number, maxPacketBytes: number) {
    this.#windowBytes = this.#window = windowBytes
    this.#maxPacketBytes = maxPacketBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }
  get isEmpty(): boolean {
    return this.#held.length === 0
  }
  /** Why the bytes break the protocol, or undefined. `isWanted` false: counted and dropped. */
  take(bytes: Buffer, isStderr: boolean, isWanted: boolean): string | undefined {
    if (this.#hasEnded) return 'data after the end of data'
    if (bytes.length > this.#maxPacketBytes) return 'a packet larger than agreed'
    if (bytes.length > this.#window) return 'data beyond the window'
    this.#window -= bytes.length
    if (bytes.length === 0 || !isWanted) return undefined
    this.#held.push({ bytes, isStderr })
    this.#heldBytes += bytes.length
    return undefined
  }

  /** Happens once everything before it is handed over. False when too much is to happen. */
  after(event: () => void): boolean {
    if (this.#events >= maxEvents) return false
    this.#events += 1
    this.#held.push(event)
    return true
  }

  /** False when it had ended before. */
  ended(): boolean {
    const isFirst = !this.#hasEnded
    this.#hasEnded = true
    return isFirst
  }

  /** Hands over what one turn may. `isPaused` is asked before each piece; events that nothing is before happen all the same. */
  deliver(receiver: Receiver, isPaused: () => boolean): void {
    let budget = channelTurnBytes
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (typeof first === 'function') {
        this.#held.shift()
        this.#events -= 1
        first()
      } else {
        if (budget <= 0 || isPaused()) return
        const { isStderr } = first
        const { gather } = receiver
        if (gather) {
          const bytes = this.#gathered(gather.makeRoom, Math.min(gather.most ?? pieceBytes, budget))
          budget -= this.#counted(bytes.length)
          gather.data(bytes)
        } else {
          const bytes = this.#next(first, budget)
          budget -= this.#counted(bytes.length)
          receiver.data(bytes, isStderr)
        }
      }
    }
  }

  /** What the window may be opened by: nothing until it is worth a message. The caller sends it. */
  grant(): number {
    if (this.#taken < this.#windowBytes / 4 || this.#hasEnded) return 0
    const amount = this.#taken
    this.#taken = 0
    this.#window += amount
    return amount
  }

  /** Bytes that were handed over come back, and are the next to be handed over. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#held.unshift({ bytes, isStderr: false })
    this.#heldBytes += bytes.length
    this.#taken -= bytes.length
  }

  /** What was not handed over in the turn in which it came is copied out of the buffer that was lent. */
  own(): void {
    const from = this.#held.findIndex((each) => typeof each !== 'function' && isLent(each.bytes))
    if (from !== -1) this.#held.push(...joined(this.#held.splice(from)))
    if (this.#held.length > maxPieces) this.#held = byStream(this.#held)
  }

  drop(): void {
    this.#held = []
    this.#heldBytes = 0
    this.#events = 0
  }

  #counted(bytes: number): number {
    this.#heldBytes -= bytes
    this.#taken += bytes
    return bytes
  }

  /** A view of the first piece, or a few small ones together. */
  #next(first: Piece, budget: number): Buffer {
    const length = Math.min(first.bytes.length, budget, pieceBytes)
    if (length < first.bytes.length) {
      this.#held[0] = { bytes: first.bytes.subarray(length), isStderr: first.isStderr }
      return first.bytes.subarray(0, length)
    }
    let count = 1
    let sum = length
    if (length < smallBytes)
      for (; count < this.#held.length; count++) {
        const piece = this.#held[count]
        if (piece === undefined || typeof piece === 'function' || piece.isStderr !== first.isStderr) break
        if (sum + piece.bytes.length > Math.min(joinedBytes, budget)) break
        sum += piece.bytes.length
      }
    const taken = this.#held.splice(0, count)
    return count === 1 ? first.bytes : Buffer.concat(taken.map(bytesOf), sum)
  }

  #gathered(makeRoom: (length: number) => Uint8Array, most: number): Uint8Array {
    let length = 0
    for (const piece of this.#held) {
      if (typeof piece === 'function' || length >= most) break
      length += piece.bytes.length
    }
    length = Math.min(length, most)
    const room = makeRoom(length)
    let at = 0
    let whole = 0
    while (at < length) {
      const piece = this.#held[whole]
      if (piece === undefined || typeof piece === 'function') break
      const part = Math.min(piece.bytes.length, length - at)
      room.set(part < piece.bytes.length ? piece.bytes.subarray(0, part) : piece.bytes, at)
      at += part
      if (part < piece.bytes.length) this.#held[whole] = { bytes: piece.bytes.subarray(part), isStderr: piece.isStderr }
      else whole += 1
    }
    this.#held.splice(0, whole)
    return room
  }
}

const bytesOf = (each: Piece | (() => void)): Buffer => (typeof each === 'function' ? Buffer.alloc(0) : each.bytes)

/** Neighbours of one stream become one piece, and a copy. */
function joined(held: (Piece | (() => void))[]): (Piece | (() => void))[] {
  const all: (Piece | (() => void))[] = []
  let run: Piece[] = []
  const close = () => {
    const [first] = run
    if (first) all.push({ bytes: Buffer.concat(run.map(bytesOf)), isStderr: first.isStderr })
    run = []
  }
  for (const each of held) {
    if (typeof each === 'function' || (run[0] && run[0].isStderr !== each.isStderr)) close()
    if (typeof each === 'function') all.push(each)
    else run.push(each)
  }
  close()
  return all
}

/** Between two events, one piece of each stream: how they alternated is given up. */
function byStream(held: (Piece | (() => void))[]): (Piece | (() => void))[] {
  const all: (Piece | (() => void))[] = []
  let run: Piece[] = []
  const close = () => {
    all.push(...joined(run.toSorted((one, other) => Number(one.isStderr) - Number(other.isStderr))))
    run = []
  }
  for (const each of held) {
    if (typeof each !== 'function') run.push(each)
    else {
      close()
      all.push(each)
    }
  }
  close()
  return all
}
