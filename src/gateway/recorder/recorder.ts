// The gateway's recorder: accepts events into the journal, brings blocks to control, and what a former process left behind.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DenyRule } from '#domain/command-rule.ts'
import { Failure } from '#domain/failure.ts'
import type { Clock } from '#session/clock.ts'
import type { SessionOpening } from '#session/event.ts'
import type { Tap, TapSource } from '#session/tap.ts'
import { Journal, journalLimits, type JournalLimits } from '#recording/journal.ts'
import type { Place } from '#recording/journal-record.ts'
import type { BlockHeader } from '#wire/link.ts'
import type { SealedReport } from './block-sender.ts'
import { BlockStream, type Log } from './block-stream.ts'
import { recoverRun, type RecoveryAsks } from './recovery.ts'

export type RecorderOptions = {
  /** This process's alone while it lives. */
  spoolFolder: string
  spoolBytes: number
  /**
   * Resolves when control has put the block on its shelf. Rejects with control's `Failure`, or with anything while the link is down:
   * then it is called again with the same block. It may wait for the link itself.
   */
  sendBlock: (header: BlockHeader, frame: Uint8Array) => Promise<void>
  /** The same for the report that a recording is whole. */
  sendReport: (report: SealedReport) => Promise<void>
  /** A shell has said that it runs what a rule of this name denies. */
  denied?: (session: string, rule: string) => void
  clock: Clock
  log: Log
  limits?: Partial<JournalLimits>
}

/** What else follows the journal of this process. */
export type JournalFollower = { opened(number: number, opening: SessionOpening): void; advanced(place: Place): void; finished(number: number): void }

export class Recorder implements TapSource {
  readonly #options: RecorderOptions
  readonly #journal: Journal
  readonly #stream: BlockStream
  readonly #closing = new AbortController()
  /** Runs of former processes, with their bytes. */
  readonly #former: Map<string, number>
  readonly #openings = new Map<number, SessionOpening>()
  #idle: (() => void)[] = []
  #isBroken = false
  #follower: JournalFollower | undefined

  /** Throws when the spool cannot be written. */
  constructor(options: RecorderOptions) {
    this.#options = options
    const { spoolFolder, clock, log } = options
    mkdirSync(spoolFolder, { recursive: true, mode: 0o700 })
    this.#former = formerRuns(spoolFolder)
    this.#journal = new Journal({
      folder: join(spoolFolder, `run-${Math.trunc(clock.wallMs())}-${randomBytes(4).toString('hex')}`),
      limits: { ...journalLimits(options.spoolBytes), ...options.limits },
      clock,
      otherBytes: () => this.#formerBytes(),
      listener: {
        opened: (number, opening) => {
          this.#openings.set(number, opening)
          this.#stream.opened(number)
          this.#follower?.opened(number, opening)
        },
        advanced: (place) => {
          this.#stream.advanced(place)
          this.#follower?.advanced(place)
        },
        abandoned: (number, place, atMs, cause) => {
          const startedAt = this.#openings.get(number)?.startedAt ?? clock.wallMs()
          const message = cause === '' ? 'The recording was ended before the session.' : cause
          this.#stream.abandoned(number, place, atMs, { reason: 'recording_failed', message, at: Math.round(startedAt + atMs) })
        },
      },
    })
    this.#stream = new BlockStream({
      folder: this.#journal.folder,
      send: { block: options.sendBlock, sealed: options.sendReport },
      clock,
      log,
      events: {
        taken: (block) => this.#journal.acknowledged(block.number, block.header.toOffset, block.isAll, block.place, block.fromSegment),
        finished: (number) => this.#finished(number),
        reaches: (isReached) => {
          this.#journal.isDraining = isReached
        },
        denied: (number, rule) => {
          const session = this.#openings.get(number)?.session
          if (session !== undefined) options.denied?.(session, rule)
        },
        refused: (number, cause) => {
          log.error({ session: this.#openings.get(number)?.session, err: cause }, 'the shelf refuses a recording')
          this.#journal.fail(number, new Failure('recording_failed', 'The recording cannot be kept: control refuses it.', { cause }))
          this.#finished(number)
        },
        broken: (cause) => {
          this.#isBroken = true
          this.#journal.failAll(new Failure('recording_failed', 'The recording cannot be made.', { cause }))
        },
      },
    })
  }

  /** Throws `Failure('recording_failed' | 'disk_full')`. */
  open(opening: SessionOpening): Tap {
    if (this.#isBroken) throw new Failure('recording_failed', 'Recordings cannot be made by this gateway at present.')
    return this.#journal.open(opening)
  }

  /** Rules about commands that deny. */
  deny(rules: readonly DenyRule[]): void {
    this.#stream.deny(rules)
  }

  /** The journal of this process, to read from. */
  get journal(): Pick<Journal, 'folder' | 'place' | 'checkpoints'> {
    return this.#journal
  }

  /** Call before the first `open`. */
  follow(follower: JournalFollower): void {
    this.#follower = follower
  }

  /** Bytes in the spool, those of former runs with them. */
  spoolBytes(): number {
    return this.#journal.bytes + this.#formerBytes()
  }

  /** Sessions whose recording is not sealed on the shelf. */
  get unfinished(): number {
    return this.#journal.unfinished
  }

  /** Brings what former processes left to the shelf; resolves when all is there or the recorder is closed. Call once, when the link is first up or before. */
  async recover(shelfState: RecoveryAsks['shelfState'], ended: RecoveryAsks['ended']): Promise<void> {
    const { clock, log, sendBlock, sendReport } = this.#options
    for (const folder of [...this.#former.keys()]) {
      if (this.#closing.signal.aborted) return
      try {
        const means = { send: { block: sendBlock, sealed: sendReport }, clock, log, asks: { shelfState, ended }, signal: this.#closing.signal }
        await recoverRun(folder, means)
        if (!this.#closing.signal.aborted) this.#former.delete(folder)
      } catch (cause) {
        // One run that cannot be read must not keep the others from the shelf; it stays for the next start.
        log.error({ err: cause, folder }, 'a former run cannot be recovered')
      }
    }
  }

  /** Resolves when every recording is sealed on the shelf, or the signal is aborted. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.unfinished > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  /** Stops. What is not on the shelf stays in the spool for the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#journal.close()
    await this.#stream.close()
    if (this.unfinished === 0) rmSync(this.#journal.folder, { recursive: true, force: true })
  }

  #finished(number: number): void {
    this.#openings.delete(number)
    this.#journal.finished(number)
    this.#follower?.finished(number)
    if (this.unfinished > 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  #formerBytes(): number {
    let sum = 0
    for (const bytes of this.#former.values()) sum += bytes
    return sum
  }
}

function formerRuns(spoolFolder: string): Map<string, number> {
  const runs = readdirSync(spoolFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^run-\d+-[0-9a-f]{8}$/.test(entry.name))
  return new Map(
    runs.map((entry) => {
      const folder = join(spoolFolder, entry.name)
      return [folder, readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)]
    }),
  )
}
