// The control process: opens what it owns, joins the rooms, listens. Everything it must not forget is committed before it is answered, so it may be killed at any moment.
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Role } from '#domain/operator.ts'
import { DiskShelf } from '#recording/shelf-disk.ts'
import type { SettingsValues } from '#wire/api/settings.ts'
import type { DoorSettings } from '#wire/link.ts'
import { CheckLeases } from './assets/check-leases.ts'
import { ReachRounds, turnEveryMs } from './assets/reach-rounds.ts'
import { PassingTime, turnEveryMs as timeEveryMs } from './access/passing-time.ts'
import { sweepTickets } from './access/tickets.ts'
import { closeLostIntents, recordAlone } from './audit/ledger.ts'
import { type LedgerOutside, LedgerWork } from './audit/ledger-work.ts'
import { startChores } from './chores.ts'
import { DenyRules, readDenyEveryMs } from './commands/deny-rules.ts'
import { sweepCommands } from './commands/sweep-commands.ts'
import { listGateways, noteLost } from './gateways/gateway-rows.ts'
import { buildApi } from './http/api-server.ts'
import type { GatewaysDesk } from './http/desks.ts'
import type { ApiParts } from './http/parts.ts'
import { GatewayWork } from './link/gateway-work.ts'
import { LiveLinks } from './link/live-links.ts'
import { Refusals } from './link/refusals.ts'
import { openLog, type Log } from './log.ts'
import { openRecordingsDesk } from './recordings/desk.ts'
import { DiskWatch, lookEveryMs } from './recordings/disk-watch.ts'
import { Blocks } from './recordings/keep-block.ts'
import { sealForgotten } from './recordings/take-sealed.ts'
import { Retention } from './recordings/retention.ts'
import { openSessionsDesk, pushEnds, type SessionsParts } from './sessions/desk.ts'
import { Presence } from './sessions/presence.ts'
import { sweepUnheard } from './sessions/unheard.ts'
import { sweepWatches } from './sessions/watches.ts'
import { Claim } from './sign-in/claim.ts'
import { openDoor } from './sign-in/door.ts'
import { endLostDoorSignIns } from './sign-in/door-rows.ts'
import { Entrance } from './sign-in/entrance.ts'
import { OwnSecondFactor } from './sign-in/own-second-factor.ts'
import { Passwords } from './sign-in/passwords.ts'
import { SignIns } from './sign-in/sign-ins.ts'
import { Tokens } from './sign-in/tokens.ts'
import { limitsOf, LiveSettings, readEveryMs } from './settings/live-settings.ts'
import { openStore, type Store } from './store/open-store.ts'
import { closeServer, listenOnSocket } from './unix-server.ts'
import { openLedgerKey } from './vault/ledger-key.ts'
import { beat, beatEveryMs, leave } from './vault/replicas.ts'
import { openVault } from './vault/vault.ts'

/** What the supervisor hands over; the same as `ControlBoot` in `main/boot.ts`, which this room may not import. */
export type ControlSettings = {
  dataFolder: string
  database?: string | undefined
  socketPath: string
  localSecret: string
  gatewayGid?: number | undefined
  /** Where the SSH door of this machine listens; undefined when it is shut. */
  ssh?: { host: string; port: number } | undefined
  /** Where a browser finds the pages while no public address is set. */
  webAddress?: string | undefined
  listeners: { host: string; port: number }[]
  listensOnLoopbackOnly: boolean
  /** What an administrator may set on the page, as the start gave it, and by what. */
  start: SettingsValues
  givenBy: Readonly<Record<string, string>>
  retentionBytes?: number | undefined
  diskWarnAt: number
  diskRefuseAt: number
  ledgerOutside: LedgerOutside
  firstAdministrator?: { username: string; password: string } | undefined
  logLevel: string
}

export type Control = {
  /** Of the key that signs recordings and ledger heads: what a verifier elsewhere is told to trust. */
  readonly ledgerFingerprint: string
  /** User name of the oldest administrator who is enabled; undefined until there is one. */
  readonly administrator: string | undefined
  /** What it holds at this moment, by name. */
  counts(): { links: number; checks: number }
  /** Accepts nothing more, commits what gateways had sent, closes the links and the database. */
  close(): Promise<void>
}

const hourMs = 3_600_000
/** Answers under way get this long when control stops; the download of a large recording is cut. */
const answersEndWithinMs = 3_000

/** Opens or makes the data folder's content and resolves when gateways can link. Throws in words when a key is missing or the database is newer. */
export async function startControl(settings: ControlSettings): Promise<Control> {
  const { logger, log } = openLog(settings.logLevel)
  const { dataFolder } = settings
  const now = Date.now
  const store = await openStore(settings.database === undefined ? { sqliteFile: join(dataFolder, 'sallyport.db') } : { databaseUrl: settings.database }, logger)
  try {
    return await startWith(store)
  } catch (error) {
    await store.close()
    throw error
  }

  async function startWith(opened: Store): Promise<Control> {
    const vault = await openVault(opened, dataFolder)
    const replica = { store: opened, vault, id: randomUUID(), name: `${hostname()}:${dataFolder}`, now }
    const ledgerKey = await openLedgerKey(opened, dataFolder)
    const ledger = new LedgerWork({ store: opened, ledgerKey, dataFolder, outside: settings.ledgerOutside, now, log })
    // Before anything is done: what is open now was open when the run before ended.
    const lost = await closeLostIntents(opened, now())
    if (lost > 0) log('warn', 'ledger.outcomes_unknown', { lost })
    const passwords = new Passwords()
    const push: SessionsParts['push'] = (gateway, wish) => links.push(gateway, wish)
    const tellEnds: ApiParts['pushEnds'] = (ends) => pushEnds({ push, log }, ends)
    const signIns = new SignIns(opened, passwords, now, undefined, tellEnds)
    const mustHaveSecondFactor = (role: Role) => live.current().secondFactorFor.includes(role)
    const factors = { vault, random: randomBytes, machine: hostname() }
    const doorKeeping = { store: opened, passwords, signIns, factors, now, mustHaveSecondFactor, pushEnds: tellEnds }
    const webAddress = () => live.current().publicUrls[0] ?? settings.webAddress
    const door = openDoor({ ...doorKeeping, webAddress })
    const tokens = new Tokens(opened, tellEnds, now)
    const claim = new Claim({ store: opened, passwords, signIns, dataFolder, now })
    await claim.prepare(settings.firstAdministrator)
    const shelf = await DiskShelf.open(join(dataFolder, 'recordings'))
    const disk = watchDisk(settings, opened, log)
    await disk.look()
    const refusals = new Refusals(opened, now, (event, facts) => log('error', event, facts))
    const deny = new DenyRules(opened)
    await deny.refresh()
    const live = await LiveSettings.open({
      store: opened,
      start: settings.start,
      givenBy: settings.givenBy,
      now,
      log,
      onChange(values, before) {
        links.tellSettings(work.settings())
        if (values.retentionDays !== before.retentionDays) void sweepRecordings()
      },
    })
    const limits = {
      get days() {
        return live.current().retentionDays || undefined
      },
      bytes: settings.retentionBytes,
    }
    const retention = new Retention({ store: opened, shelf, now, limits })
    const sweepRecordings = () => retention.sweep().catch((error: unknown) => log('error', 'retention.failed', { error }))
    const checks = new CheckLeases(now)
    const presence = new Presence()
    const rules = { store: opened, vault, now, listeners: settings.listeners, listensOnLoopbackOnly: settings.listensOnLoopbackOnly }
    const work: GatewayWork = new GatewayWork({
      ...rules,
      localSecret: settings.localSecret,
      // Read at each admission: what is set on the page holds for sessions from then on.
      get limits() {
        return limitsOf(live.current())
      },
      get sessionsPerOperator() {
        return live.current().sessionsPerOperator
      },
      refusing: () => disk.refusing,
      doorValues: () => ({ ...doorValues(live.current()), ...(deny.current.length === 0 ? {} : { deny: [...deny.current] }) }),
      checks,
      refusals,
      isProbing: (gateway, lease) => links.isProbing(gateway, lease),
      shelf,
      ledgerKey,
      onSealed: () => void (retention.countsBytes && sweepRecordings()),
      blocks: new Blocks({ store: opened, shelf, refusals, disk, now }),
      presence,
      door,
      log,
    })
    const links = new LiveLinks(work)
    const gateways: GatewaysDesk = {
      list: () => listGateways(opened, now()),
      isGatewayToken: (token) => links.isGatewayToken(token),
      probe: (probe, signal) => links.probe(probe, signal),
    }
    const rounds = new ReachRounds({ ...rules, gateways, leases: checks, reachEverySeconds: () => live.current().reachEverySeconds, log })
    const api = await buildApi({
      ...rules,
      gateways,
      leases: checks,
      passwords,
      entrance: new Entrance(doorKeeping),
      secondFactor: new OwnSecondFactor(doorKeeping),
      tokens,
      operatorKeys: door.operatorKeys,
      approvals: door.approvals,
      door: { keys: door.keys, place: () => settings.ssh && doorPlace(settings.ssh, live.current().publicUrls[0]) },
      signIns,
      claim,
      settings: live,
      machine: hostname(),
      sessions: openSessionsDesk({ store: opened, now, presence, push, log }),
      ledger: ledger.desk,
      recordings: openRecordingsDesk({ store: opened, shelf, ledgerKey, now, disk }),
      pushEnds: tellEnds,
      log,
    })

    const server = createServer((request, response) => api.requestListener(request, response))
    server.on('upgrade', (request, socket, head) => links.upgrade(request, socket, head))
    await listenOnSocket(server, settings.socketPath, settings.gatewayGid)
    const since = now()
    const time = new PassingTime(opened, now, (ends) => pushEnds({ push, log }, ends))
    const chores = startChores((name, error) => log('error', 'chore.failed', { name, error }))
    await beat(replica)
    chores.every(beatEveryMs, 'vault', () => beat(replica))
    ledger.start(chores)
    chores.every(lookEveryMs, 'disk', () => disk.look())
    chores.every(timeEveryMs, 'time', () => time.turn())
    chores.every(5_000, 'unheard', () => sweepUnheard(opened, now(), since))
    chores.every(5_000, 'lost', () => noteLost(opened, now(), since))
    // Alone on its database it hears of every change by making it.
    if (opened.engine === 'postgres') chores.every(readEveryMs, 'settings', () => live.refresh())
    chores.every(turnEveryMs, 'reach', () => rounds.turn())
    chores.every(60_000, 'tickets', () => sweepTickets(opened, now()))
    chores.every(60_000, 'sign-ins', () => signIns.sweep())
    chores.every(60_000, 'approvals', () => door.approvals.sweep())
    chores.every(60_000, 'lost sign-ins', () => endLostDoorSignIns(opened, now(), since))
    // No beat says it where no gateway is linked.
    chores.every(60_000, 'refused', () => work.sayRefused())
    chores.every(hourMs, 'tokens', () => tokens.sweep())
    chores.every(hourMs, 'watches', () => sweepWatches(opened, now()))
    chores.every(hourMs, 'retention', () => retention.sweep())
    chores.every(readDenyEveryMs, 'deny', () => deny.refresh())
    chores.every(hourMs, 'commands', () => sweepCommands(opened, now()))
    chores.every(hourMs, 'forgotten', () => sealForgotten({ store: opened, shelf, ledgerKey, now, onSealed: () => undefined }))
    void sweepRecordings()
    log('info', 'control.ready', { socket: settings.socketPath, engine: opened.engine, ledgerKey: ledgerKey.fingerprint, ...(await claim.state()) })

    return {
      ledgerFingerprint: ledgerKey.fingerprint,
      administrator: await claim.administrator(),
      counts: () => ({ links: links.size, checks: checks.size }),
      async close() {
        const closed = closeServer(server, answersEndWithinMs)
        await links.close()
        await closed
        await api.close()
        ledger.stopForwarding()
        await chores.stop()
        await rounds.stop()
        await retention.stop()
        shelf.close()
        await work.sayRefused(true)
        await refusals.settled()
        await leave(replica)
        await ledger.finish()
        await opened.close()
        log('info', 'control.closed', {})
      },
    }
  }
}

const doorValues = ({ recordingNotice, publicUrls }: SettingsValues): DoorSettings => ({ publicUrls, ...(recordingNotice === '' ? {} : { recordingNotice }) })

/** Where the pages are reached, since that is a name that works for people; else where the door listens. */
function doorPlace({ host, port }: { host: string; port: number }, publicUrl: string | undefined): { host: string; port: number } {
  const name = publicUrl === undefined ? undefined : new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
  return { host: name ?? (host === '0.0.0.0' || host === '::' ? hostname() : host), port }
}

function watchDisk(settings: ControlSettings, store: Store, log: Log): DiskWatch {
  return new DiskWatch({
    folder: settings.dataFolder,
    reserve: store.reserve,
    warnAt: settings.diskWarnAt,
    refuseAt: settings.diskRefuseAt,
    log,
    async onChange(state, before, { usedShare, freeBytes }) {
      log(state === 'ok' ? 'info' : 'warn', `disk.${state}`, { before, usedShare, freeBytes })
      const isWorse = state === 'refusing' || before === 'ok'
      const code = state === 'refusing' ? 'disk.refusing' : 'disk.warned'
      if (isWorse) await recordAlone(store, { code, outcome: 'done', detail: { usedShare: Math.round(usedShare * 1000) / 1000, freeBytes } }, Date.now())
    },
  })
}
