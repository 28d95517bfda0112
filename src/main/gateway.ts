// The entry of a gateway process: takes its port, gives up what it was started with, then lets strangers in.
import { pino } from 'pino'
import { z } from 'zod'
import { startGateway } from '#gateway/gateway.ts'
import { GatewayBoot, readBoot } from './boot.ts'
import { tellReady } from './child-status.ts'
import { tellInsideOnSignal } from './inside.ts'
import { version } from './program.ts'
import { starting, underSupervisor } from './under-supervisor.ts'

const boot = readBoot(GatewayBoot)
const log = pino({ level: boot.logLevel, base: { gateway: boot.name } }, pino.destination({ fd: 2, sync: true }))
process.umask(0o077)

/** Called between binding and the first byte of a stranger: a low port needs root, nothing after it does. */
function giveUpRoot(): void {
  if (!boot.runAs) return
  process.setgroups?.([])
  process.setgid?.(boot.runAs.gid)
  process.setuid?.(boot.runAs.uid)
  if (process.getuid?.() === 0 || process.geteuid?.() === 0) throw new Error('the gateway could not give up root')
}

const gateway = await starting(`gateway ${boot.name}`, () => startGateway({ ...boot, version }, log, giveUpRoot))
const FurtherLine = z.strictObject({ tls: z.strictObject({ cert: z.string(), key: z.string() }) })
underSupervisor({
  stop: () => gateway.drain(),
  line(text) {
    try {
      gateway.replaceTls(FurtherLine.parse(JSON.parse(text)).tls)
    } catch (error) {
      log.error({ err: error }, 'the new certificate was not taken; the old one stays')
    }
  },
})
tellInsideOnSignal(boot.name, () => gateway.counts())
await starting(`gateway ${boot.name}`, () => gateway.whenReady)
tellReady({ crypto: gateway.crypto })
