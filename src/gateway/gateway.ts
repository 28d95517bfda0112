// The process that bytes cross: one identity, one recorder, one link, one browser door, and the sessions between them.
import type { Logger } from 'pino'
import { isFailure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { cryptoInUse, cryptoReady, cryptoReason } from '#ssh/library.ts'
import { systemClock } from '#session/clock.ts'
import { LiveSessions } from '#session/live-sessions.ts'
import type { BeatSession, MustEnd, Report } from '#wire/link.ts'
import type { z } from 'zod'
import { BrowserDoor, type BrowserDoorOptions, type Tls } from './browser-door/browser-door.ts'
import { askLink } from './link/ask-link.ts'
import { loadIdentity } from './link/identity.ts'
import { Link } from './link/link.ts'
import { answerProbe } from './probe.ts'
import { Recorder } from './recorder/recorder.ts'

export type GatewayOptions = BrowserDoorOptions & {
  name: string
  version: string
  /** 0700, this gateway's alone. */
  identityFolder: string
  spoolFolder: string
  spoolBytes: number
  /** Hex, 32 bytes. */
  localSecret: string
  /** Own addresses that are never targets. */
  listeners: readonly { host: string; port: number }[]
}

export type Gateway = {
  /** The port that it listens on. */
  port: number
  /** Which code does the ciphers of SSH, and why. */
  crypto: string
  /** Resolves with the first WELCOME of control. */
  whenReady: Promise<void>
  replaceTls(tls: Tls): void
  /** Stop accepting, tell people, end sessions as `drained`, seal, report, leave; at most 9 s, so that the supervisor need not kill. Idempotent. */
  drain(): Promise<void>
}

const drainWithinMs = 9000
const drainText = 'Sallyport is restarting. Connect again in a moment.'

/** Takes the port first; `onListening` runs before anything of a stranger is read. Throws when the port, the identity or the spool cannot be used. */
export async function startGateway(options: GatewayOptions, log: Logger, onListening?: () => void): Promise<Gateway> {
  const startedAt = Date.now()
  const door = await BrowserDoor.listen(options, onListening)
  await cryptoReady
  const identity = await loadIdentity(options.identityFolder)
  const clock = systemClock
  const liveSessions = new LiveSessions()
  /** Reported ends that control has not taken: named in beats, so that control does not miss them. */
  const unreported = new Set<SessionId>()

  const sessions = (): z.infer<typeof BeatSession>[] => [
    ...liveSessions.all().map(({ id, bytesIn, bytesOut, idleMs }) => ({ id: SessionId.parse(id), bytesIn, bytesOut, idleMs: Math.round(idleMs) })),
    ...[...unreported].filter((id) => !liveSessions.get(id)).map((id) => ({ id, bytesIn: 0, bytesOut: 0, idleMs: 0 })),
  ]
  const report = async (body: Report): Promise<void> => {
    if (body.report === 'ended') unreported.add(body.session)
    try {
      await link.report(body)
    } catch (error) {
      log.error({ err: error, session: body.session, report: body.report }, 'control refused a report')
      if (!isFailure(error)) throw error
    } finally {
      if (body.report === 'ended') unreported.delete(body.session)
    }
  }
  const mustEnd = ({ session, reason, by, text }: MustEnd) => liveSessions.get(session)?.terminate({ reason, by, text })

  const recorder = new Recorder({
    spoolFolder: options.spoolFolder,
    spoolBytes: options.spoolBytes,
    clock,
    log,
    sendBlock: (header, frame) => link.sendBlock(header, frame),
    sendReport: (sealed) => link.report(sealed),
  })
  const link: Link = new Link({
    socketPath: options.controlSocket,
    identity,
    name: options.name,
    version: options.version,
    startedAt,
    localSecret: new Secret(Buffer.from(options.localSecret, 'hex')),
    sessions,
    spoolBytes: () => recorder.spoolBytes(),
    mustEnd,
    // Nobody watches here yet.
    mustLeave: () => undefined,
    probe: (body, signal) => answerProbe(body, { link: askLink(link), listeners: options.listeners, signal }),
    log,
  })
  const whenReady = new Promise<void>((resolve) => (link.onUp = resolve))
  door.open({
    link,
    liveSessions,
    clock,
    log,
    apiToken: () => link.apiToken,
    report: (body) => void report(body).catch(() => undefined),
    opening: { link: askLink(link), tapSource: recorder, log, listeners: options.listeners },
  })

  // What a process before this one left: its sessions ended with it, and control is told so.
  const recovered = recorder.recover(
    (session) => link.ask({ ask: 'shelf-state', session }),
    (ended) => link.report(ended),
  )
  recovered.catch((error: unknown) => log.error({ err: error }, 'what a former process left could not be brought to the shelf'))

  let drained: Promise<void> | undefined
  const drain = async () => {
    door.stopAccepting()
    const late = AbortSignal.timeout(drainWithinMs)
    await Promise.race([settle(late), new Promise((resolve) => late.addEventListener('abort', resolve))])
    link.close()
    door.close()
    await recorder.close()
  }
  /** What is not delivered in time stays in the journal, and is delivered at the next start. */
  const settle = async (late: AbortSignal) => {
    await liveSessions.drain(drainText)
    // Without control nothing can be delivered, and waiting would only keep the others from starting.
    if (link.isUp) await recorder.idle(late)
    while (!late.aborted && link.isUp && link.unsettled > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    port: door.port,
    crypto: cryptoInUse === 'native' ? 'native' : `JavaScript (${cryptoReason ?? 'no addon'})`,
    whenReady,
    replaceTls: (tls) => door.replaceTls(tls),
    drain: () => (drained ??= drain()),
  }
}
