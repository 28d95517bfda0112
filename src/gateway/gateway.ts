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
import { ResumeKeys } from './browser-door/resume-keys.ts'
import { Watches } from './browser-door/watches.ts'
import { TerminalConnections } from './far/terminal-connections.ts'
import { askLink } from './link/ask-link.ts'
import { loadIdentity } from './link/identity.ts'
import { Link } from './link/link.ts'
import { answerProbe } from './probe.ts'
import { Recorder } from './recorder/recorder.ts'
import { RelayListener } from './relay/relay-listener.ts'
import { Relays } from './relay/relays.ts'
import { RequestRelay } from './relay/request-relay.ts'
import { Screens } from './screens/screens.ts'
import { SshDoor } from './ssh-door/ssh-door.ts'
import { TerminalTransfers } from './transfer/terminal-transfers.ts'

export type GatewayOptions = BrowserDoorOptions & {
  name: string
  version: string
  /** Where the SSH door listens; undefined when it is shut. */
  ssh?: { host: string; port: number } | undefined
  /** 0700, this gateway's alone. */
  identityFolder: string
  spoolFolder: string
  /** 0700, of the gateways of this machine: each listens there for connections that another one took. */
  relayFolder: string
  spoolBytes: number
  /** Hex, 32 bytes. */
  localSecret: string
  /** Own addresses that are never targets. */
  listeners: readonly { host: string; port: number }[]
}

export type Gateway = {
  /** The port that it listens on. */
  port: number
  /** That of the SSH door; undefined when it is shut. */
  sshPort: number | undefined
  /** Which code does the ciphers of SSH, and why. */
  crypto: string
  /** Resolves when control has said WELCOME and the other gateways of the machine can reach this one. Rejects when it cannot listen for them. */
  whenReady: Promise<void>
  replaceTls(tls: Tls): void
  /** What it holds at this moment, by name; all zero when nobody is connected and everything is delivered. */
  counts(): { sessions: number; connections: number; unreported: number; unsettled: number; unfinishedRecordings: number; spoolBytes: number }
  /** Stop accepting, tell people, end sessions as `drained`, seal, report, leave; at most 9 s, so that the supervisor need not kill. Idempotent. */
  drain(): Promise<void>
}

const drainWithinMs = 9000
/** Of connections that this gateway only carries: then they are cut, and come again by another. */
const relaysEndWithinMs = 1000
const drainText = 'Sallyport is restarting. Connect again in a moment.'

/** Takes the port first; `onListening` runs before anything of a stranger is read. Throws when the port, the identity or the spool cannot be used. */
export async function startGateway(options: GatewayOptions, log: Logger, onListening?: () => void): Promise<Gateway> {
  const startedAt = Date.now()
  // Before the other door: with its port the process gives up what it was started with.
  const sshDoor = options.ssh && (await SshDoor.listen(options.ssh))
  const door = await BrowserDoor.listen(options, onListening)
  await cryptoReady
  const identity = await loadIdentity(options.identityFolder)
  const relays: Relays = new Relays({ folder: options.relayFolder, ownMark: () => relayListener.mark, log })
  const requestRelay = new RequestRelay(options.relayFolder, log)
  const clock = systemClock
  const liveSessions = new LiveSessions()
  const keys = new ResumeKeys(clock)
  const watches = new Watches()
  /** Reported ends that control has not taken: named in beats, so that control does not miss them. */
  const unreported = new Set<SessionId>()

  const sessions = (): z.infer<typeof BeatSession>[] => [
    ...liveSessions.all().map(({ id, bytesIn, bytesOut, idleMs, watchers, isAway, endsAt }) => ({
      id: SessionId.parse(id),
      bytesIn,
      bytesOut,
      idleMs: Math.round(idleMs),
      watchers,
      away: isAway,
      ...(endsAt === undefined ? {} : { endsAt }),
    })),
    ...[...unreported].filter((id) => !liveSessions.get(id)).map((id) => ({ id, bytesIn: 0, bytesOut: 0, idleMs: 0 })),
  ]
  const report = async (body: Report): Promise<void> => {
    if (body.report === 'ended') unreported.add(body.session)
    try {
      await link.report(body)
    } catch (error) {
      log.error({ err: error, ...(body.report === 'signed-out' ? {} : { session: body.session }), report: body.report }, 'control refused a report')
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
    denied: (session, rule) => liveSessions.get(session)?.deny(rule),
  })
  const screens = new Screens({
    journal: recorder.journal,
    clock,
    log,
    shelfBlock: async (session, atOffset) => {
      const block = await link.ask({ ask: 'recording-block', session: SessionId.parse(session), atOffset })
      return { ...block, frame: Buffer.from(block.frame, 'base64') }
    },
    keyframe: ({ session, offset, atMs, cols, rows, frame }) =>
      link.keyframe({ session: SessionId.parse(session), offset, atMs, cols, rows, frame: Buffer.from(frame).toString('base64') }),
  })
  recorder.follow(screens)
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
    mustLeave: (wish) => watches.mustLeave(wish),
    endsAt: ({ session, endsAt }) => {
      const held = liveSessions.get(session)
      if (held) held.endsAt = endsAt ?? undefined
    },
    probe: (body, signal) => answerProbe(body, { link: askLink(link), listeners: options.listeners, signal }),
    log,
  })
  const relayListener = new RelayListener(
    options.relayFolder,
    (arrived) => door.relayed(arrived),
    (request, response, source) => door.relayedRequest(request, response, source),
  )
  let denied = ''
  link.onSettings = ({ publicUrls, deny }) => {
    door.alsoKnownAs(publicUrls ?? [])
    const rules = JSON.stringify(deny ?? [])
    if (rules !== denied) recorder.deny(deny ?? [])
    denied = rules
  }
  const { promise: whenReady, resolve: ready, reject: notReady } = Promise.withResolvers<void>()
  link.onUp = () => {
    if (!link.gatewayId) return
    relayListener.listenAs(link.gatewayId).then(
      () => {
        door.admit()
        if (!sshDoor) return ready()
        return sshDoor.admit().then(ready, (error: unknown) => {
          // The link was cut again, or control is of another age: the browsers' door is open, and the next WELCOME tries again.
          log.error({ err: error }, 'the SSH door has no keys')
          ready()
        })
      },
      (error: unknown) => {
        log.error({ err: error }, 'other gateways of this machine cannot reach this one')
        notReady(error)
      },
    )
  }
  const opening = { link: askLink(link), tapSource: recorder, screens, history: screens, log, listeners: options.listeners }
  const reported = (body: Report) => report(body).catch(() => undefined)
  const terminals = { terminalConnections: new TerminalConnections(), terminalTransfers: new TerminalTransfers() }
  const behind = { link, relays, requestRelay, liveSessions, clock, log, apiToken: () => link.apiToken, report: reported, opening, keys, watches }
  door.open({ ...behind, ...terminals })
  sshDoor?.open({ link, liveSessions, clock, log, report: reported, opening })

  // What a process before this one left: its sessions ended with it, and control is told so.
  const recovered = recorder.recover(
    (session) => link.ask({ ask: 'shelf-state', session }),
    (ended) => link.report(ended),
  )
  recovered.catch((error: unknown) => log.error({ err: error }, 'what a former process left could not be brought to the shelf'))

  let drained: Promise<void> | undefined
  const drain = async () => {
    door.stopAccepting()
    sshDoor?.stopAccepting()
    relayListener.close()
    const late = AbortSignal.timeout(drainWithinMs)
    await Promise.race([settle(late), new Promise((resolve) => late.addEventListener('abort', resolve))])
    link.close()
    door.close()
    sshDoor?.close()
    keys.close()
    await screens.close()
    await recorder.close()
  }
  /** What is not delivered in time stays in the journal, and is delivered at the next start. */
  const settle = async (late: AbortSignal) => {
    // The gateways of those that are relayed may be stopping too, and have a last word to say.
    await Promise.all([liveSessions.drain(drainText), relays.drain(relaysEndWithinMs)])
    requestRelay.cut()
    // Without control nothing can be delivered, and waiting would only keep the others from starting.
    if (link.isUp) await recorder.idle(late)
    while (!late.aborted && link.isUp && link.unsettled > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    port: door.port,
    sshPort: sshDoor?.port,
    crypto: cryptoInUse === 'native' ? 'native' : `JavaScript (${cryptoReason ?? 'no addon'})`,
    whenReady,
    replaceTls: (tls) => door.replaceTls(tls),
    counts: () => ({
      sessions: liveSessions.size,
      connections: door.terminals + (sshDoor?.size ?? 0),
      unreported: unreported.size,
      unsettled: link.unsettled,
      unfinishedRecordings: recorder.unfinished,
      spoolBytes: recorder.spoolBytes(),
    }),
    drain: () => (drained ??= drain()),
  }
}
