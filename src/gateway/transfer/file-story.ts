// One file of a transfer, as the ledger and the recording hear of it: hashed while it streams, told once when it is over.
import { createHash } from 'node:crypto'
import type { FileVerdict } from '#domain/file-rule.ts'
import type { SessionAct, Verified } from '#domain/session-act.ts'
import type { Clock } from '#session/clock.ts'

type FileAct = Extract<SessionAct, { act: 'file' }>

/** Where it is told. `mark`: into the recording; answers the session's time, ms. */
export type Chronicle = {
  way: 'sz' | 'rz'
  clock: Clock
  mark(label: string): number
  add(act: SessionAct): void
}

export class FileStory {
  readonly #chronicle: Chronicle
  readonly #path: string
  readonly #begunMs: number
  readonly #hash = createHash('sha256')
  #isWhole = true
  #isTold = false
  #bytes = 0

  /** `path`: as the host or the browser said it, or better known by now. */
  constructor(chronicle: Chronicle, path: string) {
    this.#chronicle = chronicle
    this.#path = path.slice(0, 4096)
    this.#begunMs = chronicle.clock.nowMs()
  }

  get bytes(): number {
    return this.#bytes
  }

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    this.#hash.update(bytes)
  }

  /** The far end has the beginning already: there is no digest of all of it. */
  beginsAt(offset: number): void {
    this.#bytes = offset
    if (offset > 0) this.#isWhole = false
  }

  /** Once, when the last byte went through; hex. */
  sha256(): string | undefined {
    return this.#isWhole ? this.#hash.digest('hex') : undefined
  }

  /** The mark in the recording, of a file that came through. Answers the session's time at the file's beginning. */
  mark(sha256: string | undefined): number {
    const what = this.#chronicle.way === 'sz' ? 'Downloaded with sz' : 'Uploaded with rz'
    const digest = sha256 === undefined ? '' : `, SHA-256 ${sha256}`
    return this.#beganAt(this.#chronicle.mark(`${what}: “${this.#path.slice(0, 500)}”, ${this.#bytes} bytes${digest}`))
  }

  done({ atMs, ms, ...facts }: { atMs: number; ms: number; sha256?: string | undefined; verified: Verified; path?: string | undefined }): void {
    const { sha256, verified, path } = facts
    const differs = verified === 'differs'
    this.#tell({
      ...(path === undefined ? {} : { path: path.slice(0, 4096) }),
      ...(sha256 === undefined ? {} : { sha256 }),
      verified,
      atMs,
      ms,
      outcome: differs ? 'failed' : 'done',
      ...(differs ? { failure: 'The digest of the file on the host is another one.' } : {}),
    })
  }

  /** It broke off, or one side did not want it. */
  failed(text: string): void {
    if (this.#isTold) return
    const label = `${this.#chronicle.way} of “${this.#path.slice(0, 500)}” did not finish: ${this.#bytes} bytes. ${text}`
    this.#tell({ atMs: this.#beganAt(this.#chronicle.mark(label)), ms: this.tookMs, outcome: 'failed', failure: text.slice(0, 300) })
  }

  refused(text: string, verdict?: Exclude<FileVerdict, { permitted: true }>): void {
    const atMs = this.#beganAt(this.#chronicle.mark(`${this.#chronicle.way} of “${this.#path.slice(0, 500)}” was refused. ${text}`))
    const rule = verdict?.rule
    this.#tell({ atMs, ms: this.tookMs, outcome: 'refused', failure: text.slice(0, 300), ...(rule === undefined ? {} : { rule: rule.slice(0, 200) }) })
  }

  get tookMs(): number {
    return Math.max(0, Math.round(this.#chronicle.clock.nowMs() - this.#begunMs))
  }

  #beganAt(nowMs: number): number {
    return Math.max(0, nowMs - this.tookMs)
  }

  #tell(facts: Partial<FileAct> & Pick<FileAct, 'outcome'>): void {
    if (this.#isTold) return
    this.#isTold = true
    const { way, clock, add } = this.#chronicle
    add({ act: 'file', at: clock.wallMs(), way, deed: way === 'sz' ? 'download' : 'upload', path: this.#path, bytes: this.#bytes, ...facts })
  }
}
