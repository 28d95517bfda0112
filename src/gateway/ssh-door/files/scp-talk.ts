// The protocol of scp before it spoke SFTP (rcp's): a source says what comes and sends it, a sink answers each word with a zero byte or a line of complaint.
import { createHash, type Hash } from 'node:crypto'

export type ScpFile = { folders: readonly string[]; name: string; bytes: number; sha256: string | undefined }
export type ScpListener = {
  /** What the source said and may go on, in order; lent. A line goes only when it is whole. */
  pass(bytes: Uint8Array): void
  /** A file of this size is announced. True: it does not come, and the line went nowhere. */
  isTooLarge(file: ScpFile, size: number): boolean
  /** `failure`: the complaint, of the source or the sink. */
  file(file: ScpFile, failure: string | undefined): void
  folder(folders: readonly string[], failure: string | undefined): void
  /** The source says why something does not come at all. */
  complaint(text: string): void
  sourceFault(why: string): never
  sinkFault(why: string): never
}

const maxLineBytes = 8192
const maxFolders = 256
/** Answers that came before they were due: some sinks complain while data still comes. */
const maxEarly = 16
const newline = 0x0a
const controlLine = /^([CD])[0-7]{4,5} (\d{1,15}) ([^/\0]+)$/
const timesLine = /^T\d{1,20} \d{1,20} \d{1,20} \d{1,20}$/

type Word = { kind: 'start' | 'times' | 'out' } | { kind: 'file'; name: string; size: number } | { kind: 'folder'; name: string } | { kind: 'sent' }

type Under = { name: string; left: number; sent: number; hash: Hash | undefined; failure: string | undefined }

export class ScpTalk {
  readonly #listener: ScpListener
  readonly #digests: boolean
  /** What the sink must answer before the source goes on; it begins by answering to being there. */
  #awaited: Word | undefined = { kind: 'start' }
  #early: (string | undefined)[] = []
  #folders: string[] = []
  #line: Buffer[] = []
  #lineBytes = 0
  #answer: Buffer[] = []
  #answerBytes = 0
  #file: Under | undefined

  constructor(listener: ScpListener, digests: boolean) {
    this.#listener = listener
    this.#digests = digests
  }

  /** The source has said all it may before the next answer. */
  get isWaiting(): boolean {
    return this.#awaited !== undefined
  }
  /** A file that is under way, as far as it came. */
  get unfinished(): ScpFile | undefined {
    return this.#file && { folders: this.#folders, name: this.#file.name, bytes: this.#file.sent, sha256: undefined }
  }

  /** How many of the bytes belong to what the source may say now. */
  source(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length && !this.#awaited) at = this.#file && this.#file.left > 0 ? this.#data(this.#file, bytes, at) : this.#control(bytes, at)
    return at
  }

  sink(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#answerBytes === 0 && bytes[at] === 0) {
        this.#answered(undefined)
        at += 1
      } else {
        if (this.#answerBytes === 0 && bytes[at] !== 1 && bytes[at] !== 2) this.#listener.sinkFault('an answer of no known kind')
        const end = bytes.indexOf(newline, at)
        const until = end === -1 ? bytes.length : end + 1
        this.#answerBytes += until - at
        if (this.#answerBytes > maxLineBytes) this.#listener.sinkFault('an answer without end')
        this.#answer.push(Buffer.from(bytes.subarray(at, until)))
        at = until
        if (end !== -1) {
          const text = Buffer.concat(this.#answer).subarray(1, -1).toString('utf8')
          this.#answer = []
          this.#answerBytes = 0
          this.#answered(wordsOf(text))
        }
      }
    }
  }

  #data(file: Under, bytes: Uint8Array, at: number): number {
    const until = Math.min(bytes.length, at + file.left)
    file.hash?.update(bytes.subarray(at, until))
    this.#listener.pass(bytes.subarray(at, until))
    file.left -= until - at
    file.sent += until - at
    return until
  }

  #control(bytes: Uint8Array, at: number): number {
    // Behind the data: a zero byte, or why it is not what was promised.
    if (this.#file && this.#lineBytes === 0 && bytes[at] === 0) {
      this.#listener.pass(bytes.subarray(at, at + 1))
      this.#await({ kind: 'sent' })
      return at + 1
    }
    const end = bytes.indexOf(newline, at)
    const until = end === -1 ? bytes.length : end + 1
    this.#lineBytes += until - at
    if (this.#lineBytes > maxLineBytes) this.#listener.sourceFault('a line without end')
    this.#line.push(Buffer.from(bytes.subarray(at, until)))
    if (end === -1) return until
    const line = Buffer.concat(this.#line)
    this.#line = []
    this.#lineBytes = 0
    const announced = this.#file ? undefined : fileOf(line.subarray(0, -1).toString('utf8'))
    if (announced && this.#listener.isTooLarge({ folders: this.#folders, name: announced.name, bytes: 0, sha256: undefined }, announced.size)) return until
    this.#listener.pass(line)
    this.#said(line.subarray(0, -1))
    return until
  }

  #said(line: Buffer): void {
    const text = line.toString('utf8')
    if (line[0] === 1 || line[0] === 2) {
      if (!this.#file) return this.#listener.complaint(wordsOf(text.slice(1)))
      this.#file.failure = wordsOf(text.slice(1))
      return this.#await({ kind: 'sent' })
    }
    if (this.#file) return this.#listener.sourceFault('a file without its end')
    if (text === 'E') {
      if (this.#folders.length === 0) this.#listener.sourceFault('it leaves a folder that it is not in')
      return this.#await({ kind: 'out' })
    }
    if (timesLine.test(text)) return this.#await({ kind: 'times' })
    const [, kind, size, name] = controlLine.exec(text) ?? []
    if (name === undefined || name === '.' || name === '..') return this.#listener.sourceFault('a line of no known kind')
    if (kind === 'C') return this.#await({ kind: 'file', name, size: Number(size) })
    if (this.#folders.length >= maxFolders) this.#listener.sourceFault('folders without end')
    this.#await({ kind: 'folder', name })
  }

  #await(word: Word): void {
    this.#awaited = word
    if (this.#early.length > 0) this.#answered(this.#early.shift())
  }

  #answered(complaint: string | undefined): void {
    const word = this.#awaited
    if (!word) {
      if (this.#early.length >= maxEarly) this.#listener.sinkFault('answers to nothing')
      return void this.#early.push(complaint)
    }
    this.#awaited = undefined
    if (word.kind === 'file') {
      if (complaint === undefined)
        this.#file = { name: word.name, left: word.size, sent: 0, hash: this.#digests ? createHash('sha256') : undefined, failure: undefined }
      else this.#listener.file({ folders: this.#folders, name: word.name, bytes: 0, sha256: undefined }, complaint)
    } else if (word.kind === 'folder') {
      if (complaint === undefined) this.#folders = [...this.#folders, word.name]
      else this.#listener.folder([...this.#folders, word.name], complaint)
    } else if (word.kind === 'out') this.#folders = this.#folders.slice(0, -1)
    else if (word.kind === 'sent' && this.#file) {
      const { name, sent, hash, failure = complaint } = this.#file
      this.#file = undefined
      this.#listener.file({ folders: this.#folders, name, bytes: sent, sha256: failure === undefined ? hash?.digest('hex') : undefined }, failure)
    }
  }
}

function fileOf(line: string): { name: string; size: number } | undefined {
  const [, kind, size, name] = controlLine.exec(line) ?? []
  return kind === 'C' && name !== undefined && name !== '.' && name !== '..' ? { name, size: Number(size) } : undefined
}

const wordsOf = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim()
    .slice(0, 300)
    .toWellFormed() || 'no reason was said'
