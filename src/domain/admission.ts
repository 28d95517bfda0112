// What control answers when a ticket is redeemed: the only thing that `open-session` takes. Without one nothing is dialled.
import { z } from 'zod'
import { HostKey } from './host-key.ts'
import { SessionId } from './id.ts'

export const AdmissionAuth = z.discriminatedUnion('kind', [
  /** The gateway asks control to release the password for this one dial. */
  z.strictObject({ kind: z.literal('password') }),
  /** Control signs; `publicKey` is the SSH wire blob in base64. */
  z.strictObject({ kind: z.literal('key'), publicKey: z.string(), algorithm: z.string() }),
  /** The person is asked. */
  z.strictObject({ kind: z.literal('ask') }),
])

/** Hosts on the way to another, at most. Each is one more dial and one more cipher for every byte. */
export const maxHops = 4
/** A host on the way: dialled, judged and signed in to like any other, then only asked to connect further. */
export const Hop = z.strictObject({
  asset: z.strictObject({ id: z.string(), name: z.string() }),
  target: z.strictObject({ address: z.string(), port: z.number(), username: z.string() }),
  auth: AdmissionAuth,
  hostKeys: z.array(HostKey),
  /** Algorithms with SHA-1 and CBC are offered to it before then, ms since the epoch. */
  legacyUntil: z.number().optional(),
  /** Of the first: the gateway dials it. Where the later ones lead to is the affair of the host before. */
  mayDialLoopback: z.boolean(),
})
export type Hop = z.infer<typeof Hop>

export const Admission = z.strictObject({
  session: SessionId,
  operator: z.strictObject({ id: z.string(), name: z.string() }),
  asset: z.strictObject({ id: z.string().optional(), name: z.string() }),
  target: z.strictObject({ address: z.string(), port: z.number(), username: z.string() }),
  auth: AdmissionAuth,
  /** From the gateway to the host, the one that is dialled first; empty or left out when the host itself is. */
  via: z.array(Hop).max(maxHops).optional(),
  hostKeys: z.array(HostKey),
  /** Algorithms with SHA-1 and CBC are offered to it before then, ms since the epoch. */
  legacyUntil: z.number().optional(),
  /** Quick connect: an administrator may trust an unknown key when asked. A changed key is never accepted. */
  mayTrustHostKey: z.boolean(),
  /** Addresses that are never dialled, whatever the name resolves to, are refused again after DNS: see `domain/address-rules.ts`. */
  mayDialLoopback: z.boolean(),
  record: z.literal('must'),
  /** `idleOn`: whose bytes keep the session, default both directions. `endsAt`: when the permission ends, ms since the epoch, as far as is known now. */
  limits: z.strictObject({
    idleMs: z.number(),
    maxMs: z.number().optional(),
    idleOn: z.enum(['both', 'input']).optional(),
    graceMs: z.number().optional(),
    endsAt: z.number().optional(),
  }),
  startedAt: z.string(),
})
export type Admission = z.infer<typeof Admission>
