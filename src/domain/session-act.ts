// What a session without a screen did: files that went in or out, connections that were forwarded, what an agent was asked, what was left out. Told by gateways, kept in the ledger.
import { z } from 'zod'

const Path = z.string().max(4096)
const Count = z.number().int().min(0)
/** `name`: of an account, variable or kind of request; bounded text of a stranger. */
const Name = z.string().max(255)

/** Whether it went well, as the host said, or was refused at the door; `failure` says how in words. */
const Outcome = { outcome: z.enum(['done', 'failed', 'refused']), failure: z.string().max(300).optional() }

/** `sz` and `rz`: ZMODEM in a terminal. `web` and `api`: over HTTP, by a person's browser or a program's token. */
export const fileWays = ['sftp', 'scp', 'rsync', 'sz', 'rz', 'web', 'api'] as const
/** How the two ends were compared: `host`: by the host's own digest; `read-back`: all of it read again; `sampled`: parts of a large file; `protocol`: by the CRC-32 of each packet alone; `differs`: they are not equal. */
export const verifications = ['host', 'read-back', 'sampled', 'protocol', 'none', 'differs'] as const
export type Verified = (typeof verifications)[number]
export const fileDeeds = ['upload', 'download', 'rename', 'remove', 'mkdir', 'rmdir', 'setstat', 'symlink', 'link'] as const

/** `at`: ms since the epoch. Paths as they stood on the wire, bytes that are no UTF-8 replaced. */
export const SessionAct = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('file'),
    at: z.number(),
    way: z.enum(fileWays),
    deed: z.enum(fileDeeds),
    path: Path,
    /** Of a rename or link: where to. */
    to: Path.optional(),
    bytes: Count.optional(),
    /** Hex; only when all of the file went through from its beginning to its end. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    verified: z.enum(verifications).optional(),
    /** The grant that refused it. */
    rule: z.string().max(200).optional(),
    /** Session time at its beginning, where it stands in the recording. */
    atMs: z.number().min(0).optional(),
    ms: Count.optional(),
    ...Outcome,
  }),
  /** `local`: from the operator's side through the host (`-L`, `-D`, `-W`); `remote`: from the host to the operator (`-R`). `fromHost`: where the connection came from, as was said. */
  z.strictObject({
    act: z.literal('forward'),
    at: z.number(),
    way: z.enum(['local', 'remote']),
    host: z.string().max(255),
    port: Count,
    bytesIn: Count,
    bytesOut: Count,
    ms: Count,
    ...Outcome,
  }),
  /** The host asked the operator's agent. */
  z.strictObject({
    act: z.literal('agent'),
    at: z.number(),
    request: z.enum(['list', 'sign', 'other']),
    fingerprint: z.string().max(64).optional(),
    ...Outcome,
  }),
  /** What the client asked for and was not passed on: an environment variable, a kind of channel, X11. */
  z.strictObject({ act: z.literal('dropped'), at: z.number(), what: z.enum(['environment', 'request', 'channel']), name: Name, count: Count }),
  /** The whole of a command's output, where its recording has only the beginning. `sha256` over stdout and stderr apart. */
  z.strictObject({
    act: z.literal('output'),
    at: z.number(),
    stdoutBytes: Count,
    stderrBytes: Count,
    stdout: z.string().max(64).optional(),
    stderr: z.string().max(64).optional(),
  }),
])
export type SessionAct = z.infer<typeof SessionAct>
/** Told at once; more wait for the next report. */
export const maxActsTold = 100
