// What the supervisor hands to each process through file descriptor 3: never in argv or the environment, where others on the machine could read it.
import { readSync } from 'node:fs'
import { z } from 'zod'
import { SettingsValues } from '#wire/api/settings.ts'

/** Where the ledger is taken besides the database. `ca`: PEM. */
export const LedgerOutside = z.strictObject({
  headsFolder: z.string().optional(),
  syslog: z.strictObject({ host: z.string(), port: z.number(), tls: z.boolean() }).optional(),
  webhook: z.strictObject({ url: z.string(), secret: z.string() }).optional(),
  ca: z.string().optional(),
})
export type LedgerOutside = z.infer<typeof LedgerOutside>

export const ControlBoot = z.strictObject({
  role: z.literal('control'),
  /** 0700, control's alone: database, keys, shelf. */
  dataFolder: z.string(),
  database: z.string().optional(),
  socketPath: z.string(),
  /** Vouches for gateways on this machine (hex, 32 bytes). */
  localSecret: z.string(),
  /** Group that may connect to the socket, when gateways run under their own uid. */
  gatewayGid: z.number().optional(),
  /** What the page may set, as the start gave it, and by what. */
  start: SettingsValues,
  givenBy: z.record(z.string(), z.string()),
  /** Where the SSH door listens; left out when it is shut. */
  ssh: z.strictObject({ host: z.string(), port: z.number() }).optional(),
  /** Where a browser finds the pages while no public address is set. */
  webAddress: z.string().optional(),
  listeners: z.array(z.strictObject({ host: z.string(), port: z.number() })),
  listensOnLoopbackOnly: z.boolean(),
  retentionBytes: z.number().optional(),
  /** Shares of the disk, 0 to 1. */
  diskWarnAt: z.number(),
  diskRefuseAt: z.number(),
  ledgerOutside: LedgerOutside,
  firstAdministrator: z.strictObject({ username: z.string(), password: z.string() }).optional(),
  logLevel: z.string(),
})
export type ControlBoot = z.infer<typeof ControlBoot>

export const GatewayBoot = z.strictObject({
  role: z.literal('gateway'),
  name: z.string(),
  identityFolder: z.string(),
  spoolFolder: z.string(),
  /** 0700, all gateways': where they hand each other connections. */
  relayFolder: z.string(),
  webFolder: z.string(),
  controlSocket: z.string(),
  localSecret: z.string(),
  http: z.strictObject({ host: z.string(), port: z.number() }),
  /** Where the SSH door listens; left out when it is shut. */
  ssh: z.strictObject({ host: z.string(), port: z.number() }).optional(),
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  publicUrls: z.array(z.string()),
  behindProxy: z.array(z.string()),
  /** Own addresses that are never targets. */
  listeners: z.array(z.strictObject({ host: z.string(), port: z.number() })),
  spoolBytes: z.number(),
  runAs: z.strictObject({ uid: z.number(), gid: z.number() }).optional(),
  logLevel: z.string(),
})
export type GatewayBoot = z.infer<typeof GatewayBoot>

/** Reads one line of JSON from fd 3 and leaves it open: its end later means that the supervisor has died. Throws when it is not there. */
export function readBoot<Boot>(schema: z.ZodType<Boot>): Boot {
  const chunks: Buffer[] = []
  const byte = Buffer.alloc(65_536)
  for (;;) {
    const count = readSync(3, byte, 0, byte.length, null)
    if (count === 0) throw new Error('the supervisor closed the boot pipe early')
    chunks.push(Buffer.from(byte.subarray(0, count)))
    if (byte[count - 1] === 0x0a) break
  }
  return schema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
}
