// Settings of `serve`: flags, then SALLYPORT_*, then sallyport.yaml; one schema, and a key that it does not know is an error that names it.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isIP, BlockList } from 'node:net'
import { parse } from 'yaml'
import { z } from 'zod'
import { addBlock } from '#gateway/browser-door/source-address.ts'
import { WrongUsage } from './say.ts'

/** `HOST:PORT`, with brackets around IPv6. Port 0 takes a free one. */
const Listener = z.string().transform(readListener)
function readListener(text: string, context: z.RefinementCtx<string>) {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text)
  const [host, port] = [match?.[1] ?? match?.[2] ?? '', Number(match?.[3])]
  if (!match || port > 65535 || (match[1] !== undefined && isIP(host) !== 6)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not HOST:PORT, such as 127.0.0.1:8022 or [::1]:8022` })
    return z.NEVER
  }
  return { host, port }
}
/** The same, or `off`. */
const OptionalListener = z.string().transform((text, context) => (text === 'off' ? undefined : readListener(text, context)))
const PublicUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'is not an http:// or https:// address')
  .transform((text) => new URL(text).origin)
const Block = z.string().superRefine((text, context) => {
  try {
    addBlock(new BlockList(), text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a CIDR block' })
  }
})
/** One or several; in the environment separated by blanks or commas. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value), z.array(item).max(50))
const SyslogAddress = z
  .string()
  .refine((text) => /^(tcp|tls):\/\/(\[[0-9A-Fa-f:.]+\]|[^\s:@/[\]]+):([1-9]\d{0,4})$/.test(text) && Number(/\d+$/.exec(text)?.[0]) <= 65_535, {
    message: 'is not tcp://host:port or tls://host:port',
  })
const WebhookAddress = z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'is not an http:// or https:// address')
const Share = z.coerce.number().min(0.01).max(1)

export const Settings = z.strictObject({
  data: z.string().min(1).default('./data'),
  http: z.string().default('127.0.0.1:8022').pipe(Listener),
  /** The SSH door; `off` shuts it. */
  ssh: z.string().default('127.0.0.1:2222').pipe(OptionalListener),
  gateways: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(() => Math.max(1, availableParallelism() - 1)),
  database: z.string().min(1).optional(),
  publicUrl: listOf(PublicUrl).default([]),
  tls: z.literal('self-signed').optional(),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  behindProxy: listOf(Block).default([]),
  retentionDays: z.coerce.number().positive().max(36_500).optional(),
  retentionBytes: z.coerce.number().positive().optional(),
  diskWarnAt: Share.default(0.85),
  diskRefuseAt: Share.default(0.95),
  /** A session without a byte for so long ends as `idle`. */
  idleSeconds: z.coerce.number().int().min(10).max(604_800).default(1800),
  /** Which bytes keep a session from being idle: of either direction, or what the person types alone. */
  idleOn: z.enum(['both', 'input']).default('both'),
  /** The longest that a session may last, ends as `max_duration`; 0: as long as it likes. */
  maxSeconds: z.coerce
    .number()
    .int()
    .refine((seconds) => seconds === 0 || (seconds >= 10 && seconds <= 31_536_000), 'is 0 for no limit, or from 10 to 31536000')
    .default(0),
  /** How long a session without its owner's connection waits, ends then as `owner_gone`; 0 ends it at once. */
  graceSeconds: z.coerce.number().int().min(0).max(86_400).default(900),
  /** Open at once, of one operator. */
  sessionsPerOperator: z.coerce.number().int().min(1).max(10_000).default(200),
  /** How often every host is looked at; 0: never. */
  reachEverySeconds: z.coerce
    .number()
    .int()
    .refine((seconds) => seconds === 0 || (seconds >= 30 && seconds <= 86_400), 'is 0 for never, or from 30 to 86400')
    .default(300),
  spoolBytes: z.coerce
    .number()
    .int()
    .min(16 * 1024 * 1024)
    .default(1024 * 1024 * 1024),
  /** Where signed heads of the ledger are also written: a folder that whoever can change the data cannot write. */
  ledgerHeads: z.string().min(1).optional(),
  forwardSyslog: SyslogAddress.optional(),
  forwardWebhook: WebhookAddress.optional(),
  forwardWebhookSecret: z.string().optional(),
  forwardWebhookSecretFile: z.string().min(1).optional(),
  /** PEM: authorities that receivers' certificates may come from, beside those that are known anyway. */
  forwardCa: z.string().min(1).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  gatewayUser: z.string().min(1).max(64).optional(),
  adminUser: z.string().optional(),
  adminPassword: z.string().optional(),
})
export type Settings = z.infer<typeof Settings>
type Key = keyof Settings
const keys = Object.keys(Settings.shape) as Key[]
/** Never by flag, where every process of the machine reads it, nor in a file that is easily shared. */
const onlyFromEnvironment: ReadonlySet<Key> = new Set(['adminUser', 'adminPassword', 'forwardWebhookSecret'])

export const variableOf = (key: string) => `SALLYPORT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
export const flagOf = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

export type Given = { flags: Readonly<Record<string, unknown>>; environment: NodeJS.ProcessEnv; config?: string | undefined }

/** Reads all three sources and joins them. Throws `WrongUsage` with one line that names the key and where it stands. */
export const readSettings = (given: Given): Settings => readWithSources(given).settings

/** The same, with what gave each setting that is not left to its default: `--idle-seconds`, `SALLYPORT_IDLE_SECONDS`, `idleSeconds in sallyport.yaml`. */
export function readWithSources({ flags, environment, config }: Given): { settings: Settings; givenBy: Record<string, string> } {
  const file = readConfigFile(config ?? environment.SALLYPORT_CONFIG)
  const given: Record<string, { value: unknown; from: string }> = {}
  for (const [key, value] of Object.entries(file.values)) {
    if (!keys.includes(key as Key) || onlyFromEnvironment.has(key as Key)) throw new WrongUsage(`${file.path} has the unknown setting "${key}"`)
    given[key] = { value, from: `${key} in ${file.path}` }
  }
  for (const key of keys) {
    const value = environment[variableOf(key)]
    if (value !== undefined && value !== '') given[key] = { value, from: variableOf(key) }
  }
  const known = new Set([...keys.map(variableOf), 'SALLYPORT_CONFIG'])
  for (const name of Object.keys(environment))
    if (name.startsWith('SALLYPORT_') && !known.has(name)) throw new WrongUsage(`the environment has the unknown setting ${name}`)
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) given[key] = { value, from: flagOf(key) }
  const parsed = Settings.safeParse(Object.fromEntries(Object.entries(given).map(([key, { value }]) => [key, value])))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const key = String(issue?.path[0] ?? (issue?.code === 'unrecognized_keys' ? issue.keys[0] : ''))
    throw new WrongUsage(`${given[key]?.from ?? key}: ${issue?.message ?? 'is not right'}`)
  }
  return { settings: parsed.data, givenBy: Object.fromEntries(Object.entries(given).map(([key, { from }]) => [key, from])) }
}

function readConfigFile(named: string | undefined): { path: string; values: Record<string, unknown> } {
  const path = named ?? 'sallyport.yaml'
  if (named === undefined && !existsSync(path)) return { path, values: {} }
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 10 })
  } catch (error) {
    throw new WrongUsage(`${path} cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown fault'}`, { cause: error })
  }
  if (value === null || value === undefined) return { path, values: {} }
  if (typeof value !== 'object' || Array.isArray(value)) throw new WrongUsage(`${path} must hold settings as "key: value" lines`)
  return { path, values: Object.fromEntries(Object.entries(value)) }
}
