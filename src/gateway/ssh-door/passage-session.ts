// From an admission to a live session without a terminal: a channel of the door is joined to a channel of the host. What is read of it on the way depends on its kind.
import { Failure } from '#domain/failure.ts'
import type { FileRule } from '#domain/file-rule.ts'
import type { GrantAction } from '#domain/grant.ts'
import { keptOf, type SessionKind } from '#domain/session-kind.ts'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import { Passage } from '#session/passage.ts'
import type { PassageExit, PassageFar, PassageFarEvents, PassageNear, PassageNearEvents } from '#session/passage-ends.ts'
import type { SessionLimits } from '#session/limits.ts'
import type { SessionReport } from '#session/session.ts'
import type { Tap, TapSource } from '#session/tap.ts'
import type { Channel, ChannelListener } from '#ssh/channel.ts'
import { envValue, exitSignalValue, readExitSignal, readExitStatus, readText } from '#ssh/channel-wire.ts'
import { wireString, wireUint32 } from '#ssh/wire-reader.ts'
import type { Log } from '../admission.ts'
import { failedOpening } from '../failed-opening.ts'
import type { Acts } from '../acts.ts'
import { observerOf } from './files/observer-of.ts'

/** What is asked of the host. */
export type PassageStart = { type: 'exec'; command: Uint8Array } | { type: 'subsystem'; name: string } | { type: 'shell' }

export type PassageRequest = {
  session: string
  /** `login@host`, for the recording. */
  title: string
  kind: SessionKind
  may: readonly GrantAction[]
  /** Of `sftp`, `scp` and `rsync`: what every file is judged by, besides `may`. */
  files: readonly FileRule[]
  outputBytes: number
  digests: boolean
  limits: SessionLimits
  start: PassageStart
  /** Of the client, those that may pass. */
  env: readonly { name: string; value: Uint8Array }[]
  /** The client's channel, whose request has been answered with yes; this listens to it from now on. */
  near: Channel
  /** EOF came before anybody listened here. */
  hasNearEnded?: boolean
  /** Opens a session channel of the host. Throws `Failure`. */
  openFar(signal: AbortSignal): Promise<Channel>
  acts: Acts
  tapSource: TapSource
  liveSessions: LiveSessions
  clock: Clock
  log: Log
  /** Once, whether it opened or not, after its acts were handed over. */
  onEnded: (report: SessionReport) => void
}

/** Opens it and lets bytes flow. What goes wrong before is written to the client's stderr, reported as the session's end, and not thrown. */
export async function openPassage(request: PassageRequest): Promise<Passage> {
  const { session, kind, near, clock, liveSessions, acts, log } = request
  let tap: Tap | undefined
  let observe: ReturnType<typeof observerOf>
  let failure: unknown
  const startedMs = clock.nowMs()
  try {
    const command = request.start.type === 'exec' ? request.start.command : undefined
    observe = observerOf({ kind, command, may: request.may, files: request.files, digests: request.digests, clock }, (act) => acts.add(act))
    // Before the host is touched: what cannot be recorded does not run.
    if (keptOf[kind] !== 'acts')
      tap = request.tapSource.open({ session, startedAt: clock.wallMs(), size: { cols: 80, rows: 24 }, term: 'dumb', title: request.title })
  } catch (cause) {
    failure = cause
  }
  const passage = new Passage({
    id: session,
    kind,
    near: nearOf(near),
    ...(tap ? { tap } : {}),
    // A shell without a terminal is recorded as one with it is: whole.
    ...(keptOf[kind] === 'acts' ? {} : { kept: { outputBytes: kind === 'shell' ? Infinity : request.outputBytes, digests: request.digests } }),
    ...(observe ? { observe } : {}),
    acts,
    clock,
    startedMs,
    limits: request.limits,
    onEnded: (report) => {
      acts.flush()
      request.onEnded(report)
    },
  })
  // How what ran ended.
  near.hasLastWords = true
  near.listen(nearListener(passage.nearEvents))
  if (request.hasNearEnded) passage.nearEvents.end()
  if (near.isOver) passage.nearEvents.closed()
  try {
    if (failure) throw failure
    if (!liveSessions.add(passage)) throw new Failure('too_many_sessions', 'This gateway holds as many sessions as it can. Try again later.')
    const far = await request.openFar(passage.signal)
    await start(far, request)
    far.listen(farListener(passage.farEvents))
    passage.begin(farOf(far))
    log.info({ session, kind }, 'session opened')
  } catch (cause) {
    // Nothing when it has ended already, and the dial only stopped for that.
    passage.abandon(failedOpening(cause))
    log.warn({ session, kind, reason: passage.end?.reason, failure: passage.end?.failure }, 'session did not open')
  }
  return passage
}

async function start(far: Channel, { start: what, env }: PassageRequest): Promise<void> {
  try {
    // Not waited for: the host's own list decides, as it does for every client.
    for (const { name, value } of env) void far.request('env', envValue(name, value), false)
    const value = what.type === 'exec' ? wireString(Buffer.from(what.command)) : what.type === 'subsystem' ? wireString(what.name) : Buffer.alloc(0)
    if (!(await far.request(what.type, value)))
      throw new Failure('channel_refused', `The host accepted the sign-in and refuses ${namesOf[what.type]} for this account.`)
  } catch (cause) {
    far.destroy()
    throw cause
  }
}
const namesOf = { exec: 'this command', subsystem: 'file transfer', shell: 'a shell' } as const

/** The side of the client, over its channel. */
function nearOf(channel: Channel): PassageNear {
  return {
    write: (bytes, isStderr) => channel.write(bytes, isStderr),
    pause: () => channel.pause(),
    resume: () => channel.resume(),
    end: () => channel.end(),
    exit: (exit) =>
      void ('exitStatus' in exit
        ? channel.request('exit-status', wireUint32(exit.exitStatus), false)
        : channel.request('exit-signal', exitSignalValue({ signal: exit.signal, isCoreDumped: exit.isCoreDumped, text: exit.said }), false)),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  }
}

function nearListener(events: PassageNearEvents): ChannelListener {
  return {
    data: (bytes) => events.data(bytes),
    eof: () => events.end(),
    room: () => events.room(),
    request: (type, value, reply) => {
      if (type === 'signal') events.signal(readText(value))
      // RFC 4254 section 6.5: what runs is asked for once; sizes are those of terminals.
      reply?.(type === 'signal')
    },
    hungUp: () => events.hungUp(),
    closed: () => events.closed(),
  }
}

/** The side of the host, over its channel. */
function farOf(channel: Channel): PassageFar {
  return {
    write: (bytes) => channel.write(bytes),
    pause: () => channel.pause(),
    resume: () => channel.resume(),
    end: () => channel.end(),
    signal: (name) => void channel.request('signal', wireString(name), false),
    destroy: () => channel.destroy(),
  }
}

function farListener(events: PassageFarEvents): ChannelListener {
  return {
    data: (bytes, isStderr) => events.data(bytes, isStderr),
    eof: () => events.end(),
    room: () => events.room(),
    request: (type, value, reply) => {
      const exit = exitOf(type, value)
      if (exit) events.exit(exit)
      reply?.(false)
    },
    closed: (cause, isBroken) => events.closed(isBroken, cause),
  }
}

function exitOf(type: string, value: Buffer): PassageExit | undefined {
  if (type === 'exit-status') return { exitStatus: readExitStatus(value) }
  if (type !== 'exit-signal') return undefined
  const { signal, isCoreDumped, text } = readExitSignal(value)
  return { signal, isCoreDumped, said: text }
}
