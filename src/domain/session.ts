import { z } from 'zod'
import { EndReason } from './end-reason.ts'

export const SessionState = z.enum(['opening', 'live', 'unreachable', 'ended'])
export type SessionState = z.infer<typeof SessionState>
export const RecordingState = z.enum(['writing', 'intact', 'incomplete', 'altered', 'expired'])
export type RecordingState = z.infer<typeof RecordingState>

/** How a session ended, as the gateway reports it: `at` in ms since the epoch, `message` what the operator read. */
export const SessionEnd = z.strictObject({
  reason: EndReason,
  /** A code of the error catalogue when the session failed before or while it opened. */
  failure: z.string().optional(),
  message: z.string().max(2000),
  exitStatus: z.number().int().optional(),
  signal: z.string().max(32).optional(),
  at: z.number(),
})
export type SessionEnd = z.infer<typeof SessionEnd>

/** `<asset>_<address>_<start>_<operator>.cast`; anything that is not a letter, a digit, `.` or `-` becomes `-`, each part at most 64 characters. */
export function recordingFileName(parts: { asset: string; address: string; startedAt: Date; operator: string }): string {
  const clean = (text: string) => text.replace(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 64) || '-'
  const start = parts.startedAt
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z')
  return `${clean(parts.asset)}_${clean(parts.address)}_${start}_${clean(parts.operator)}.cast`
}
