// A client's stream of packets that stands still behind one of them until that is decided: what follows may hang on it, and must reach the host after it.
import type { ObserverLines } from '#session/passage-ends.ts'
import type { SftpPackets } from './sftp-packets.ts'

export class StandingInput {
  readonly #packets: SftpPackets
  readonly #lines: ObserverLines
  /** What came behind the packet: the rest of its piece, and the one that was being read. */
  #early: Buffer[] = []
  #isHeld = false
  #ask: (() => void) | undefined
  #decide: (() => void) | undefined

  constructor(packets: SftpPackets, lines: ObserverLines) {
    this.#packets = packets
    this.#lines = lines
  }

  get heldBytes(): number {
    return this.#packets.heldBytes + this.#early.reduce((sum, { length }) => sum + length, 0)
  }

  input(bytes: Uint8Array): void {
    if (this.#isHeld) return void this.#early.push(Buffer.from(bytes))
    const taken = this.#packets.push(bytes)
    if (taken < bytes.length) this.#early.push(Buffer.from(bytes.subarray(taken)))
    const ask = this.#ask
    this.#ask = undefined
    if (!ask) return
    this.#lines.holdNear(true)
    ask()
  }

  /** The packet that is being judged waits; its fate says that it stops. `ask` is called once everything before it has gone on. */
  hold(ask: () => void): void {
    this.#isHeld = true
    this.#ask = ask
  }
  /** It can be decided, as soon as what the host is saying has been read. */
  decided(decide: () => void): void {
    this.#decide = decide
  }

  goOn(): void {
    for (let decide = this.#decide; decide; decide = this.#decide) {
      this.#decide = undefined
      this.#isHeld = false
      decide()
      const early = Buffer.concat(this.#early)
      this.#early = []
      if (early.length > 0) this.input(early)
      if (!this.#isHeld) this.#lines.holdNear(false)
    }
  }
}
