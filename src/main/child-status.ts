// What a child tells its supervisor through file descriptor 4: one line, once, that it is ready.
import { writeSync } from 'node:fs'
import { z } from 'zod'

export const ChildStatus = z.strictObject({
  ready: z.literal(true),
  /** Which code does the ciphers of SSH; gateways only. */
  crypto: z.string().max(100).optional(),
  /** Of the key that signs recordings and the ledger; control only. */
  ledgerKey: z.string().max(100).optional(),
  /** User name of the first administrator who is enabled, once there is one; control only. */
  administrator: z.string().max(300).optional(),
  warnings: z.array(z.string().max(300)).max(10).default([]),
})
export type ChildStatus = z.infer<typeof ChildStatus>
/** A gateway is not trusted by its supervisor: a longer line is not read to its end. */
export const maxStatusBytes = 4096

/** Called by a child when people can use it. */
export function tellReady(status: Omit<z.input<typeof ChildStatus>, 'ready'> = {}): void {
  try {
    writeSync(4, `${JSON.stringify({ ready: true, ...status })}\n`)
  } catch {
    // The supervisor is gone: its other pipe ends too, and this process leaves by that.
  }
}

/** Undefined when it is not a status. */
export function parseStatus(line: string): ChildStatus | undefined {
  try {
    const parsed = ChildStatus.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not JSON: said by the caller as a child that never became ready
  }
}

/** Leaving with this code says that starting again will not help (EX_CONFIG of sysexits.h). */
export const cannotStartCode = 78
