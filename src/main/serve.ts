// `sallyport serve`: prepares the data folder, starts control and gateways under a supervisor, says when people can come in, and stops in order.
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlBoot, GatewayBoot } from './boot.ts'
import type { z } from 'zod'
import { type Certificate, readCertificate, selfSignedCertificate } from './certificate.ts'
import type { ChildStatus } from './child-status.ts'
import { addressFile, claimLink } from './claim-link.ts'
import { showsPassword } from './database-address.ts'
import { type DataFolder, giveTo, openDataFolder, openRunFolderTo } from './data-folder.ts'
import { lockData } from './data-lock.ts'
import { ledgerOutside } from './ledger-outside.ts'
import { gatewayArgs, type GatewayFolders } from './gateway-flags.ts'
import { closedFolder, findGatewayUser, type RunAs } from './gateway-user.ts'
import { checkListener, isLoopback, isReachedFromHereAlone, webAddress } from './listener.ts'
import { conditions, entry, programFolders, version, webFolder, roomForBuffers } from './program.ts'
import { readyText } from './ready-text.ts'
import { CommandFailed, WrongUsage } from './say.ts'
import type { Settings } from './settings.ts'
import { startValues, valuesGivenBy } from './start-values.ts'
import { Supervisor } from './supervisor.ts'

/** One wish to stop may come several times: to the whole process group, and passed on by npm and by the command in between. Later ones mean "hurry". */
const sameWishMs = 500

/** `givenBy`: what gave the settings that are not left to their defaults. Runs until it is told to stop, then resolves with the exit code. Throws `CommandFailed` when it cannot begin. */
export async function serve(settings: Settings, givenBy: Readonly<Record<string, string>> = {}): Promise<number> {
  refuseOpenHttp(settings)
  // Unheard, this signal opens Node's inspector.
  process.on('SIGUSR1', () => undefined)
  ledgerOutside(settings)
  const data = openDataFolder(settings.data)
  try {
    const lock = await lockData(data.run)
    try {
      return await serveFrom(settings, givenBy, data, (pids) => lock.setChildren(pids))
    } finally {
      lock.release()
    }
  } finally {
    data.clearAway()
  }
}

async function serveFrom(
  settings: Settings,
  givenBy: Readonly<Record<string, string>>,
  data: DataFolder,
  setChildren: (pids: number[]) => void,
): Promise<number> {
  const warnings: string[] = []
  if (showsPassword(settings.database, process.argv))
    warnings.push('every user of this machine can read the password in --database: give it as SALLYPORT_DATABASE or in sallyport.yaml (mode 0600).')
  const { host } = settings.http
  const port = await checkListener(settings.http)
  const ssh = settings.ssh && { host: settings.ssh.host, port: await checkListener(settings.ssh, '--ssh') }
  let tls = await certificateOf(settings, data)
  const runAs = gatewayUser(settings, data, warnings)
  if (runAs) openRunFolderTo(runAs, data)
  const listens = webAddress(host, port, tls !== undefined)
  const address = settings.publicUrl[0] ?? listens
  writeFileSync(join(data.run, addressFile), `${address}\n`, { mode: 0o600 })

  // Made for this run alone: it vouches for gateways that this supervisor has started.
  const localSecret = randomBytes(32).toString('hex')
  const listeners = [{ host, port }, ...(ssh ? [ssh] : [])]
  const gatewayNames = Array.from({ length: settings.gateways }, (_, index) => `g${index + 1}`)
  const statuses = new Map<string, ChildStatus>()

  const { promise: whenOver, resolve: over } = Promise.withResolvers<number>()
  const supervisor = new Supervisor({
    ready(name, status) {
      const isFirst = statuses.size < gatewayNames.length + 1
      statuses.set(name, status)
      if (!isFirst || statuses.size < gatewayNames.length + 1) return
      const claim = claimLink(data.control, address)
      const text = {
        version,
        address,
        listens,
        claim,
        port,
        ssh,
        sshConnection: process.env.SSH_CONNECTION,
        isLoopback: isLoopback(host),
        statuses: [...statuses.values()],
        warnings,
      }
      process.stdout.write(readyText(text))
    },
    crashed: (name, how, delay) => process.stderr.write(`sallyport: ${name} ${how}; it is started again in ${delay} ms\n`),
    gaveUp(name, how) {
      process.stderr.write(`sallyport: ${name} ${how}: giving up; what stands above says why\n`)
      over(1)
    },
    changed: () => setChildren(supervisor.pids),
  })

  supervisor.start({ name: 'control', args: [...conditions, ...roomForBuffers, entry('control')], boot: () => controlBoot() })
  for (const name of gatewayNames) {
    const folders = data.gateway(name)
    if (runAs) giveTo(runAs, join(data.root, 'gateways', name))
    supervisor.start({ name, args: gatewayArgs(folders), boot: () => gatewayBoot(name, folders) })
  }

  let stoppedAt: number | undefined
  const stop = () => {
    stoppedAt ??= performance.now()
    if (performance.now() - stoppedAt > sameWishMs) supervisor.killAll()
    over(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    certificateOf(settings, data).then(
      (renewed) => {
        tls = renewed
        if (tls) for (const name of gatewayNames) supervisor.tell(name, { tls })
      },
      (error: unknown) => process.stderr.write(`sallyport: the certificate was not replaced: ${error instanceof Error ? error.message : String(error)}\n`),
    )
  })
  const code = await whenOver
  // Gateways report the ends of their sessions to control, so it stays until they have left.
  await supervisor.stop(gatewayNames)
  await supervisor.stop(['control'])
  return code

  function controlBoot(): z.infer<typeof ControlBoot> {
    const { adminUser, adminPassword, database, retentionBytes } = settings
    return {
      role: 'control',
      dataFolder: data.control,
      ...(database === undefined ? {} : { database }),
      socketPath: data.socketPath,
      localSecret,
      ...(runAs ? { gatewayGid: runAs.gid } : {}),
      start: startValues(settings),
      givenBy: valuesGivenBy(givenBy),
      ...(ssh ? { ssh } : {}),
      webAddress: listens,
      listeners,
      listensOnLoopbackOnly: isReachedFromHereAlone(settings),
      ...(retentionBytes === undefined ? {} : { retentionBytes }),
      diskWarnAt: settings.diskWarnAt,
      diskRefuseAt: settings.diskRefuseAt,
      ledgerOutside: ledgerOutside(settings),
      ...(adminUser && adminPassword ? { firstAdministrator: { username: adminUser, password: adminPassword } } : {}),
      logLevel: settings.logLevel,
    }
  }

  function gatewayBoot(name: string, folders: GatewayFolders): z.infer<typeof GatewayBoot> {
    return {
      role: 'gateway',
      name,
      ...folders,
      webFolder,
      controlSocket: data.socketPath,
      localSecret,
      http: { host, port },
      ...(ssh ? { ssh } : {}),
      ...(tls ? { tls } : {}),
      publicUrls: settings.publicUrl,
      behindProxy: settings.behindProxy,
      listeners,
      spoolBytes: settings.spoolBytes,
      ...(runAs ? { runAs } : {}),
      logLevel: settings.logLevel,
    }
  }
}

/** Passwords and terminals must not cross a network in clear text. */
function refuseOpenHttp(settings: Settings): void {
  const hasTls = settings.tls !== undefined || settings.tlsCert !== undefined
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) throw new WrongUsage('--tls-cert and --tls-key belong together: give both')
  if (settings.tls && settings.tlsCert) throw new WrongUsage('--tls self-signed and --tls-cert exclude each other: give one')
  if ((settings.adminUser === undefined) !== (settings.adminPassword === undefined))
    throw new WrongUsage('SALLYPORT_ADMIN_USER and SALLYPORT_ADMIN_PASSWORD belong together: set both')
  if (settings.diskWarnAt > settings.diskRefuseAt) throw new WrongUsage('--disk-warn-at must not be above --disk-refuse-at')
  if (isLoopback(settings.http.host) || hasTls || settings.behindProxy.length > 0) return
  throw new WrongUsage(
    `--http ${settings.http.host} is reached from other machines and would carry passwords in clear text: add --tls self-signed, or --tls-cert FILE --tls-key FILE, or --behind-proxy CIDR when a proxy with TLS stands before it, or listen on 127.0.0.1 and come by ssh -L`,
  )
}

function certificateOf(settings: Settings, data: DataFolder): Promise<Certificate | undefined> {
  const { tls, tlsCert, tlsKey, http, publicUrl } = settings
  if (tlsCert !== undefined && tlsKey !== undefined) return Promise.resolve().then(() => readCertificate(tlsCert, tlsKey))
  if (tls === undefined) return Promise.resolve(undefined)
  const names = [...publicUrl.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')), http.host].filter((name) => name !== '0.0.0.0' && name !== '::')
  return selfSignedCertificate(join(data.control, 'tls'), names)
}

/** Undefined: gateways run as whoever started us. */
function gatewayUser(settings: Settings, data: DataFolder, warnings: string[]): RunAs | undefined {
  if (process.getuid?.() !== 0) {
    if (settings.gatewayUser !== undefined) throw new CommandFailed('--gateway-user needs a start as root')
    return undefined
  }
  const user = findGatewayUser(settings.gatewayUser)
  const closed = closedFolder(
    [...programFolders(), join(data.root, 'gateways')].filter((path) => existsSync(path)),
    user,
  )
  if (!closed) return user
  if (settings.gatewayUser !== undefined) throw new CommandFailed(`gateways cannot run as ${settings.gatewayUser}: ${closed} is closed to that user`)
  warnings.push(`gateways run as root, because ${closed} is closed to their own user. Put program and data where others may pass (SECURITY.md).`)
  return undefined
}
