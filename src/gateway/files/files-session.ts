// A session in which somebody handles files of one host over HTTP: no terminal, no connection of its own to the person. It lives as long as it is asked things.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { EndReason } from '#domain/end-reason.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { type FileDirection, type FileRule, judgeFile, judgeMove, refusalWords } from '#domain/file-rule.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from '#session/clock.ts'
import { Limits, type SessionLimits } from '#session/limits.ts'
import { type EndWish, type LiveSession, wordsOf } from '#session/live-sessions.ts'
import type { SessionReport } from '#session/session.ts'
import type { Acts } from '../acts.ts'
import { failedOpening } from '../failed-opening.ts'
import type { HostFiles } from './host-files.ts'
import { Transfer, TransferList } from './transfer.ts'

export type FilesSessionParts = {
  id: string
  /** SHA-256 of the cookie or token that redeemed the ticket: only who shows the same one is answered. */
  owner: Buffer
  way: 'web' | 'api'
  rules: readonly FileRule[]
  limits: SessionLimits
  acts: Acts
  clock: Clock
  /** Once, after all that it did was handed over. */
  onEnded: (report: SessionReport) => void
}
/** What it works on once the host let it in. `close` ends what was opened for it. */
export type FilesGround = { files: HostFiles; close: () => void }

type TransferFacts = { direction: FileDirection; path: string; bytes: number | undefined; from?: number }

/** Deeds that only change names and folders count as uploads. */
export type FileDeed = Extract<SessionAct, { act: 'file' }>['deed']

/** A page that is open asks oftener; one that was closed leaves no session behind. */
const unattendedMs = 120_000
/** Requests of one session at once: a page has a list, a handful of transfers and its polling. */
const mostUnderWay = 16
const mostTransfers = 32
/** What is broken off has so long to say so to the host, before the connection goes. */
const lastWordsMs = 800
const maxMessageChars = 2000
const maxWords = 300

export class FilesSession implements LiveSession {
  readonly id: string
  readonly way: 'web' | 'api'
  readonly rules: readonly FileRule[]
  readonly watchers = 0
  readonly isAway = false
  readonly whenEnded: Promise<void>
  /** Aborted when it ends, with a `Failure` that says why: whatever runs for it stops. */
  readonly signal: AbortSignal
  readonly transfers = new TransferList()
  readonly #parts: FilesSessionParts
  readonly #abort = new AbortController()
  readonly #limits: Limits
  readonly #underWay = new Set<Promise<void>>()
  #ground: FilesGround | undefined
  #end: SessionEnd | undefined
  #markEnded = () => {}
  #bytesIn = 0
  #bytesOut = 0
  #unattended: { cancel(): void } | undefined
  #roomWaiters: (() => void)[] = []

  constructor(parts: FilesSessionParts) {
    this.#parts = parts
    this.id = parts.id
    this.way = parts.way
    this.rules = parts.rules
    this.signal = this.#abort.signal
    this.whenEnded = new Promise((resolve) => (this.#markEnded = resolve))
    // Nobody listens who could be warned: a page shows the time by the list of sessions.
    this.#limits = new Limits(parts.limits, parts.clock, { warn: () => {}, reached: (reason, text) => this.#finishWith(reason, text) })
    parts.acts.onRoom = () => {
      const waiting = this.#roomWaiters
      this.#roomWaiters = []
      for (const goOn of waiting) goOn()
    }
  }

  get bytesIn(): number {
    return this.#bytesIn
  }
  get bytesOut(): number {
    return this.#bytesOut
  }
  get idleMs(): number {
    return this.#limits.idleForMs
  }
  get endsAt(): number | undefined {
    return this.#limits.endsAt
  }
  set endsAt(endsAt: number | undefined) {
    if (!this.#end) this.#limits.endsAt = endsAt
  }
  /** How it ended, once it has. */
  get end(): SessionEnd | undefined {
    return this.#end
  }
  /** The host's files. Throws `Failure('session_not_found')` before `begin` and after the end. */
  get files(): HostFiles {
    if (!this.#ground || this.#end) throw notFound()
    return this.#ground.files
  }

  /** `shown`: SHA-256 of what the request shows. */
  isOwnedBy(shown: Buffer): boolean {
    return timingSafeEqual(shown, this.#parts.owner)
  }

  /** The host has let it in. On a session that has ended the ground is given back at once. */
  begin(ground: FilesGround): void {
    if (this.#end) return ground.close()
    this.#ground = ground
    this.#watch()
  }

  /** It did not open. */
  abandon(cause: unknown): void {
    const { reason, message, failure } = failedOpening(cause)
    this.#finishWith(reason, message, failure)
  }

  /** What it stands on broke. */
  lost(cause: unknown): void {
    this.#finishWith(
      'host_lost',
      `The connection to the host was lost${cause instanceof Error ? `: ${cause.message}` : '.'}`,
      isFailure(cause) ? cause.code : undefined,
    )
  }

  terminate(wish: EndWish): void {
    this.#finishWith(wish.reason, wordsOf(wish))
  }

  /** Its owner needs it no more. */
  leave(): void {
    this.#finishWith('exited', 'The file panel was closed.')
  }

  /** No command is run here. */
  deny(): void {}

  /** A request is under way until the promise settles; at most 16. Throws `Failure('rate_limited')`. `isUse`: somebody does something, rather than a page looking again. */
  enter(underWay: Promise<void>, isUse: boolean): void {
    if (this.#underWay.size >= mostUnderWay)
      throw new Failure('rate_limited', `A session of files answers ${mostUnderWay} requests at once. Wait for one to end.`)
    if (isUse) this.#limits.touched('input')
    this.#unattended?.cancel()
    this.#underWay.add(underWay)
    const left = () => {
      this.#underWay.delete(underWay)
      if (this.#underWay.size === 0) this.#watch()
    }
    underWay.then(left, left)
  }

  /** Bytes of files that went one way: what counts as use. */
  carried(direction: FileDirection, bytes: number): void {
    if (direction === 'upload') this.#bytesIn += bytes
    else this.#bytesOut += bytes
    this.#limits.touched(direction === 'upload' ? 'input' : 'output')
  }

  /** Whoever may neither upload nor download has nothing to look for. Throws `Failure('file_refused')`. */
  judgeLook(): void {
    if (this.rules.every(({ actions }) => actions.length === 0)) throw new Failure('file_refused', 'Files are not part of your access to this host.')
  }

  /** `real`: what the host itself says the path is. Throws `Failure('file_refused')`, naming the grant, after it was written down. */
  judge(deed: FileDeed, real: string, bytes?: number, to?: string): void {
    const denied = this.#denied(deed === 'download' ? 'download' : 'upload', real, bytes, to)
    if (!denied) return
    const { verdict, direction } = denied
    const words = refusalWords(verdict, direction)
    const { rule, why, paths, maxBytes } = verdict
    this.act({
      at: this.#parts.clock.wallMs(),
      deed,
      path: real,
      ...(to === undefined ? {} : { to }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(rule === undefined ? {} : { rule }),
      outcome: 'refused',
      failure: words,
    })
    const detail = { why, ...(rule === undefined ? {} : { rule }), ...(paths === undefined ? {} : { paths }), ...(maxBytes === undefined ? {} : { maxBytes }) }
    throw new Failure('file_refused', words, { detail })
  }

  #denied(direction: FileDirection, path: string, bytes: number | undefined, to: string | undefined): ReturnType<typeof judgeMove> {
    const home = this.#ground?.files.home
    if (to !== undefined) return judgeMove(this.rules, { from: path, to }, home)
    const verdict = judgeFile(this.rules, { direction, path, bytes }, home)
    return verdict.permitted ? undefined : { direction, verdict }
  }

  /** A change of names, folders or rights: done, and written down whether it went well. */
  async change<Result>(facts: { deed: FileDeed; path: string; to?: string }, work: () => Promise<Result>): Promise<Result> {
    const { clock } = this.#parts
    const [at, startedMs] = [clock.wallMs(), clock.nowMs()]
    const tell = (how: { outcome: 'done' } | { outcome: 'failed'; failure: string }) =>
      this.act({ at, ...facts, ms: Math.max(0, Math.round(clock.nowMs() - startedMs)), ...how })
    try {
      const result = await work()
      tell({ outcome: 'done' })
      return result
    } catch (cause) {
      tell({ outcome: 'failed', failure: isFailure(cause) ? cause.message : 'It failed by a fault in Sallyport.' })
      throw cause
    }
  }

  act(act: Omit<Extract<SessionAct, { act: 'file' }>, 'act' | 'way'>): void {
    const { path, to, failure, rule } = act
    this.#parts.acts.add({
      ...act,
      act: 'file',
      way: this.way,
      path: path.slice(0, 4096),
      ...(to === undefined ? {} : { to: to.slice(0, 4096) }),
      ...(failure === undefined ? {} : { failure: failure.slice(0, maxWords) }),
      ...(rule === undefined ? {} : { rule: rule.slice(0, 200) }),
    })
  }

  /** Resolves when what it does can be told: who does more than that stands still. Rejects when it ends meanwhile. */
  async roomForActs(): Promise<void> {
    while (this.#parts.acts.isFull) {
      this.signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#roomWaiters.push(resolve)
        this.signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    this.signal.throwIfAborted()
  }

  /** Throws `Failure('too_many_files')` at 32 that are under way. */
  assertRoomForTransfer(): void {
    if (this.transfers.running >= mostTransfers)
      throw new Failure('too_many_files', `${mostTransfers} files are on their way in this session. Wait for one to arrive, or give one up.`)
  }

  /** One that is shown and counted. `untold`: it is made of others, which are written down themselves. */
  startTransfer(facts: TransferFacts, told: 'told' | 'untold' = 'told'): Transfer {
    this.assertRoomForTransfer()
    const transfer = this.transferOf(facts, told)
    this.transfers.add(transfer)
    return transfer
  }

  /** One that is only written down. */
  transferOf(facts: TransferFacts, told: 'told' | 'untold' = 'told'): Transfer {
    const id = `tr_${randomBytes(12).toString('hex')}`
    return new Transfer({ from: 0, ...facts, id }, this.#parts.clock, told === 'told' ? (act) => this.act(act) : () => {})
  }

  #watch(): void {
    this.#unattended?.cancel()
    if (this.#end || !this.#ground) return
    const seconds = unattendedMs / 1000
    this.#unattended = this.#parts.clock.after(unattendedMs, () => this.#finishWith('owner_gone', `Nobody asked for files for ${seconds} seconds.`))
  }

  /** The first reason wins. What runs is cut and written down as failed, then the end is told. */
  #finishWith(reason: EndReason, message: string, failure?: string): void {
    if (this.#end) return
    const { clock, acts } = this.#parts
    this.#end = { reason, message: message.slice(0, maxMessageChars), ...(failure === undefined ? {} : { failure }), at: clock.wallMs() }
    this.#limits.stop()
    this.#unattended?.cancel()
    const why = new Failure('session_not_found', message.slice(0, maxMessageChars))
    this.transfers.endAll(why)
    this.#abort.abort(why)
    const finish = () => {
      timer.cancel()
      this.#ground?.files.close()
      this.#ground?.close()
      acts.flush()
      this.#parts.onEnded({ id: this.id, end: this.#end as SessionEnd, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut })
      this.#markEnded()
    }
    const late = Promise.withResolvers<void>()
    const timer = clock.after(lastWordsMs, late.resolve)
    void Promise.race([Promise.allSettled(this.#underWay), late.promise]).then(finish)
  }
}

/** The same for a session that is not there and one that is somebody else's. */
export const notFound = () => new Failure('session_not_found', 'This session of files is not live any more, or is not yours. Open a new one.')
