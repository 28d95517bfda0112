// One direction of an SFTP stream cut into packets (draft-ietf-secsh-filexfer-02 section 3). Only the head of a packet is held, until it is judged; the rest flows through as it came.

/** A length and a type: what every packet begins with. */
const leastBytes = 5
/** The longest packet that OpenSSH's server takes is 256 KiB; one of data has its head on top. */
export const maxPacketBytes = 256 * 1024 + 1024
/** What is read whole: two paths, attributes and a message find place in what every server must take (section 3). */
const maxHeadBytes = 34_000

/** `passes` false: its bytes go nowhere. `body` is lent what follows the head, piece by piece. `instead`: goes on in the place of the head. `stops`: nothing behind this packet is read now; it must have been read whole. */
export type PacketFate = { passes: boolean; body?: ((bytes: Uint8Array) => void) | undefined; instead?: Uint8Array; stops?: boolean }

export type PacketReaders = {
  /** How many bytes of a packet, its length among them, are needed to judge it, going by the ones that are there; at least five are. */
  needs(head: Buffer, packetBytes: number): number
  judge(head: Buffer): PacketFate
  pass(bytes: Uint8Array): void
  /** Something else is to be said as soon as a packet is over: then `between` is called before the next begins. */
  isSomethingWaiting(): boolean
  between(): void
  /** Throws. */
  malformed(why: string): never
}

export class SftpPackets {
  readonly #readers: PacketReaders
  #head: Buffer = Buffer.alloc(0)
  #filled = 0
  /** Of the packet's body still to come. */
  #left = 0
  #fate: PacketFate = { passes: true }

  constructor(readers: PacketReaders) {
    this.#readers = readers
  }

  /** Nothing of a packet has come that is not over. */
  get isBetween(): boolean {
    return this.#left === 0 && this.#filled === 0
  }
  /** Bytes kept back. */
  get heldBytes(): number {
    return this.#filled
  }

  /** How many of the bytes were read: all of them, unless a packet stopped it. */
  push(bytes: Uint8Array): number {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = 0
    // Where the run begins that passes and was not passed yet.
    let from = 0
    const flush = (to: number) => {
      if (to > from) this.#readers.pass(chunk.subarray(from, to))
    }
    while (at < chunk.length) {
      if (this.#left > 0) {
        const until = Math.min(at + this.#left, chunk.length)
        this.#fate.body?.(chunk.subarray(at, until))
        if (!this.#fate.passes) {
          flush(at)
          from = until
        }
        this.#left -= until - at
        at = until
      } else {
        const head = this.#filled === 0 ? this.#inPlace(chunk, at) : undefined
        if (head) at += head.length
        else {
          flush(at)
          at = from = this.#fill(chunk, at)
          if (at === chunk.length && !this.#isJudgeable()) return at
        }
        const whole = head ?? this.#head.subarray(0, this.#filled)
        this.#filled = 0
        this.#left = 4 + whole.readUInt32BE(0) - whole.length
        this.#fate = this.#readers.judge(whole)
        const isAsItCame = this.#fate.passes && !this.#fate.instead
        if (head && !isAsItCame) {
          flush(at - head.length)
          from = at
        }
        if (this.#fate.instead) this.#readers.pass(this.#fate.instead)
        else if (!head && this.#fate.passes) this.#readers.pass(whole)
      }
      if (this.#left === 0 && this.#readers.isSomethingWaiting()) {
        flush(at)
        from = at
        this.#readers.between()
      }
      if (this.#left === 0 && this.#fate.stops) {
        this.#fate = { passes: true }
        break
      }
    }
    flush(at)
    return at
  }

  /** The head where it stands, when all that is needed of it is in the chunk. */
  #inPlace(chunk: Buffer, at: number): Buffer | undefined {
    for (let need = leastBytes; at + need <= chunk.length;) {
      const head = chunk.subarray(at, at + need)
      const more = this.#needs(head)
      if (more <= need) return head
      need = more
    }
    return undefined
  }

  /** Keeps what belongs to the head. Returns where the chunk goes on. */
  #fill(chunk: Buffer, start: number): number {
    let at = start
    for (;;) {
      const need = this.#filled < leastBytes ? leastBytes : this.#needs(this.#head.subarray(0, this.#filled))
      if (this.#filled >= need && this.#filled >= leastBytes) return at
      if (this.#head.length < need) this.#head = Buffer.concat([this.#head.subarray(0, this.#filled)], need)
      const copied = chunk.copy(this.#head, this.#filled, at, at + need - this.#filled)
      this.#filled += copied
      at += copied
      if (at === chunk.length) return at
    }
  }

  #isJudgeable(): boolean {
    return this.#filled >= leastBytes && this.#needs(this.#head.subarray(0, this.#filled)) <= this.#filled
  }

  #needs(head: Buffer): number {
    const length = head.readUInt32BE(0)
    if (length < 1 || length > maxPacketBytes) return this.#readers.malformed(`a packet of ${length} bytes`)
    const need = this.#readers.needs(head, length + 4)
    if (need > length + 4) return this.#readers.malformed('a packet that is cut short')
    if (need > maxHeadBytes) return this.#readers.malformed(`a request of ${length} bytes`)
    return need
  }
}
