// `sz` and `rz` in a terminal, as its owner is told of them and answers: TRANSFER of the terminal protocol. The bytes go over HTTP (`wire/files.ts`).
import { z } from 'zod'
import { failureCodes } from './failure.ts'
import { verifications } from './session-act.ts'

const Bytes = z.number().int().min(0)
/** 24 hex digits; a new one for every `sz` or `rz` that is seen. */
export const TransferId = z.string().regex(/^[0-9a-f]{24}$/)
/** A safe file name: one name, no control characters, at most 255 bytes. */
const SafeName = z.string().min(1).max(255)

/** More are counted and not named. */
export const maxShownFiles = 100
/** What a batch may hold. */
export const maxBatchFiles = 1000
/** A card that nobody answers is taken as no. */
export const askSeconds = 30
/** ZMODEM's offsets have 32 bits, and lrzsz breaks at the end of more. */
export const mostZmodemBytes = 2 ** 32 - 1

export const TransferFile = z.object({
  index: z.number().int().min(0),
  name: SafeName,
  bytes: Bytes.optional(),
  moved: Bytes,
  /** `offered`: the host waits for somebody to fetch it. `running`: of `rz`: send from `from` on. */
  state: z.enum(['waiting', 'offered', 'running', 'done', 'skipped', 'failed']),
  from: Bytes.optional(),
  sha256: z.string().optional(),
  verified: z.enum(verifications).optional(),
  text: z.string().max(300).optional(),
})
export type TransferFile = z.infer<typeof TransferFile>

/** From the gateway, at most five times a second, whole each time: also the first thing that an owner hears who comes back. `trzsz` is only ever `refused`. */
export const TransferState = z.object({
  id: TransferId,
  way: z.enum(['sz', 'rz', 'trzsz']),
  /** `asked`: a card is to be shown; `secondsLeft` until it counts as no. The last three and `refused` are final. */
  state: z.enum(['asked', 'running', 'done', 'failed', 'cancelled', 'refused']),
  secondsLeft: z.number().optional(),
  files: z.array(TransferFile).max(maxShownFiles),
  /** Files in all, as far as is known. */
  count: z.number().int().min(0),
  /** Of all files. */
  moved: Bytes,
  bytes: Bytes.optional(),
  bytesPerSecond: z.number().min(0),
  /** Why it failed or was refused: a code, English words, and the grant that says so. */
  failure: z.enum(failureCodes).optional(),
  text: z.string().max(500).optional(),
  rule: z.string().max(200).optional(),
})
export type TransferState = z.infer<typeof TransferState>

/** From the page of the owner. `accept` of `rz` names the files; of `sz` the request for the first file accepts. `folder`: where the shell stands, as far as the page knows (OSC 7). */
export const TransferAct = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('accept'),
    id: TransferId,
    files: z
      .array(z.strictObject({ name: z.string().min(1).max(1000), bytes: Bytes, mtime: z.number().int().min(0).optional() }))
      .min(1)
      .max(maxBatchFiles),
    folder: z.string().max(4096).optional(),
  }),
  /** One file of `sz` is not wanted. */
  z.strictObject({ act: z.literal('skip'), id: TransferId, index: z.number().int().min(0) }),
  /** No, or stop. */
  z.strictObject({ act: z.literal('cancel'), id: TransferId }),
])
export type TransferAct = z.infer<typeof TransferAct>
