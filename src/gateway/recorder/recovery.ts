// What a former run left in the spool is brought to the shelf, then deleted. Every step may be repeated: killed here, the next start does it again.
import { rm } from 'node:fs/promises'
import { isFailure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Report, ShelfState } from '#wire/link.ts'
import type { Clock } from '#session/clock.ts'
import type { ResumePoint } from '#recording/block-maker.ts'
import { scanRun, type LeftRun, type LeftSession } from '#recording/journal-scan.ts'
import type { Send } from './block-sender.ts'
import { BlockStream, type Log } from './block-stream.ts'
import { pause, pauseMs } from './retry.ts'

export type EndedReport = Extract<Report, { report: 'ended' }>
export type RecoveryAsks = {
  shelfState: (session: SessionId) => Promise<ShelfState>
  /** Resolves when control has taken the report. */
  ended: (report: EndedReport) => Promise<void>
}

type Means = { send: Send; clock: Clock; log: Log; asks: RecoveryAsks; signal: AbortSignal }

/** A block of the dead process may have been on its way while the shelf was asked: asked again, the shelf knows. */
const maxConflicts = 3

/** Control's answers for a session that it does not know as this gateway's. */
const notOurs: ReadonlySet<string> = new Set(['session_not_found', 'not_found', 'forbidden'])

/** A report that control refuses for good must not keep the recording from the shelf. */
const notTold: ReadonlySet<string> = new Set([...notOurs, 'conflict', 'bad_request'])

/** Resolves when everything of the run is on the shelf (or refused for good, which is logged) and its folder is deleted, or the signal is aborted. */
export async function recoverRun(folder: string, means: Means): Promise<void> {
  const run = await scanRun(folder)
  let left = run.sessions
  for (let tries = 0; left.length > 0 && !means.signal.aborted; tries++) {
    left = await bringToShelf(folder, run, left, means)
    if (tries < maxConflicts) continue
    for (const session of left) means.log.error({ session: session.opening.session }, 'the shelf refuses the rest of a recovered recording; it is given up')
    break
  }
  if (means.signal.aborted) return
  await rm(folder, { recursive: true, force: true })
}

/** Returns the sessions to try once more. */
async function bringToShelf(folder: string, run: LeftRun, sessions: LeftSession[], means: Means): Promise<LeftSession[]> {
  const resume = new Map<number, ResumePoint>()
  for (const session of sessions) {
    const point = await standing(session, means)
    if (means.signal.aborted) return []
    if (point !== undefined) resume.set(session.number, point)
  }
  const open = new Map(sessions.filter((session) => resume.has(session.number)).map((session) => [session.number, session]))
  if (open.size === 0) return []

  const again: LeftSession[] = []
  const done = Promise.withResolvers<void>()
  const isOver = (number: number) => {
    open.delete(number)
    if (open.size === 0) done.resolve()
  }
  const stream = new BlockStream({
    folder,
    send: means.send,
    clock: means.clock,
    log: means.log,
    resume,
    knownUpTo: Number.MAX_SAFE_INTEGER,
    events: {
      taken: () => undefined,
      reaches: () => undefined,
      finished: isOver,
      refused: (number, cause) => {
        const session = open.get(number)
        if (session !== undefined && isFailure(cause) && cause.code === 'conflict') again.push(session)
        else means.log.error({ session: session?.opening.session, err: cause }, 'the shelf refuses a recovered recording; it is given up')
        isOver(number)
      },
      broken: (cause) => done.reject(new Error('the blocks of a former run cannot be made', { cause })),
    },
  })
  const abort = () => done.resolve()
  means.signal.addEventListener('abort', abort, { once: true })
  try {
    const place = { segment: run.endSegment, at: 0 }
    stream.advanced(place)
    for (const session of open.values()) if (session.end === undefined) stream.abandoned(session.number, place, session.lastMs + 0.001, endOf(session))
    await done.promise
  } finally {
    means.signal.removeEventListener('abort', abort)
    await stream.close()
  }
  return again
}

/** Reports the end and asks where the shelf stands; undefined when there is nothing to bring. */
async function standing(session: LeftSession, means: Means): Promise<ResumePoint | undefined> {
  const id = SessionId.parse(session.opening.session)
  const state = await insist(means, notOurs, () => means.asks.shelfState(id))
  if (state === undefined || state.state === 'unknown') {
    means.log.warn({ session: id }, 'control does not know a session of a former run; its journal is dropped')
    return undefined
  }
  await insist(means, notTold, () => means.asks.ended({ report: 'ended', session: id, end: endOf(session), bytesIn: 0, bytesOut: session.offset }))
  if (state.state === 'sealed') return undefined
  return { nextIndex: state.nextIndex, head: state.head, atMs: state.atMs, offset: state.offset, castBytes: 0 }
}

const endOf = (session: LeftSession): SessionEnd =>
  session.end ?? {
    reason: 'gateway_lost',
    message: 'The gateway stopped while the session was running; the recording ends where the gateway stopped.',
    at: Math.round(session.opening.startedAt + session.lastMs),
  }

/** Tries until it works, the signal is aborted or control answers with one of the codes (then undefined). */
async function insist<Result>(means: Means, codes: ReadonlySet<string>, ask: () => Promise<Result>): Promise<Result | undefined> {
  for (let tries = 0; !means.signal.aborted; tries++) {
    try {
      return await ask()
    } catch (cause) {
      if (isFailure(cause) && codes.has(cause.code)) return undefined
      if (tries === 0) means.log.warn({ err: cause }, 'control cannot be asked about a former run; trying again')
      await pause(means.clock, pauseMs(tries), means.signal)
    }
  }
  return undefined
}
