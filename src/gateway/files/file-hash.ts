// SHA-256 of one file as its bytes pass, from the first on, with what is needed to compare parts of it later.
import { createHash, type Hash, randomInt } from 'node:crypto'

/** Up to here a file is read back whole, where the host cannot say its digest. */
export const wholeReadBytes = 256 * 1024 * 1024
export const sampleBytes = 1024 * 1024
const randomSamples = 64
/** A reader that breaks off has not got the last that was handed over: how far one can go back, and how much is read again for it. */
const markEveryBytes = 4 * 1024 * 1024
const maxMarks = 8

type Mark = { offset: number; hash: Hash }

export class FileHash {
  readonly bytes: number
  #offset: number
  #hash: Hash
  #marks: Mark[] = []
  /** Of blocks of `sampleBytes`, by their number: chosen before any has passed. Empty for what is small enough to be read back whole, and for what was gone on with. */
  readonly #samples = new Map<number, Hash>()
  readonly #sampled: number[] = []
  #sha256: string | undefined

  /** `from`: where another stands to go on from. */
  constructor(bytes: number, from?: Mark) {
    this.bytes = bytes
    this.#offset = from?.offset ?? 0
    this.#hash = from?.hash.copy() ?? createHash('sha256')
    if (bytes <= wholeReadBytes || from) return
    const blocks = Math.ceil(bytes / sampleBytes)
    const chosen = new Set([0, blocks - 1, ...Array.from({ length: randomSamples }, () => randomInt(blocks))])
    for (const block of chosen) this.#samples.set(block, createHash('sha256'))
    this.#sampled.push(...[...chosen].sort((one, other) => one - other))
  }

  /** How far it is. */
  get offset(): number {
    return this.#offset
  }
  /** The blocks to be compared, ascending. */
  get sampled(): readonly number[] {
    return this.#sampled
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    if (this.#samples.size > 0) this.#sample(bytes)
    const before = this.#offset
    this.#offset += bytes.length
    if (Math.floor(before / markEveryBytes) === Math.floor(this.#offset / markEveryBytes)) return
    this.#marks.push(this.mark())
    if (this.#marks.length > maxMarks) this.#marks.shift()
  }

  mark(): Mark {
    return { offset: this.#offset, hash: this.#hash.copy() }
  }
  /** Where it stood, at `offset` or as little before it as is known. */
  markBefore(offset: number): Mark | undefined {
    return [...this.#marks, this.mark()].findLast((mark) => mark.offset <= offset)
  }

  /** Hex; nothing is added after it. */
  sha256(): string {
    this.#sha256 ??= this.#hash.copy().digest('hex')
    return this.#sha256
  }
  /** Of one of the blocks in `sampled`. */
  sampleOf(block: number): string | undefined {
    return this.#samples.get(block)?.copy().digest('hex')
  }

  #sample(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const block = Math.floor((this.#offset + at) / sampleBytes)
      const until = Math.min(bytes.length, (block + 1) * sampleBytes - this.#offset)
      this.#samples.get(block)?.update(bytes.subarray(at, until))
      at = until
    }
  }
}

/** What was begun and not ended, to be gone on with: of one session, the newest 16. */
export class HashShelf {
  readonly #hashes = new Map<string, FileHash>()

  put(key: string, hash: FileHash): void {
    this.#hashes.delete(key)
    this.#hashes.set(key, hash)
    const [oldest] = this.#hashes.keys()
    if (this.#hashes.size > 16 && oldest !== undefined) this.#hashes.delete(oldest)
  }
  get(key: string): FileHash | undefined {
    return this.#hashes.get(key)
  }
  drop(key: string): void {
    this.#hashes.delete(key)
  }
}
