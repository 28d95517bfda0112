import { z } from 'zod'

/** One public host key: `type` as in RFC 4253 section 6.6, `key` the base64 blob of `known_hosts`, `fingerprint` `SHA256:` and unpadded base64. */
export const HostKey = z.strictObject({
  type: z
    .string()
    .max(64)
    .regex(/^[\x21-\x7e]+$/),
  fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
  key: z
    .string()
    .min(16)
    .max(8192)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/),
})
export type HostKey = z.infer<typeof HostKey>
/** One that is stored, as it is shown: a row that an older program wrote must not keep a list from being read. */
export const StoredHostKey = z.object({ type: z.string(), fingerprint: z.string(), key: z.string() })

export type HostKeyVerdict = 'trusted' | 'unknown' | 'changed'

/** Compares an offered key with those that are trusted for the host: by the whole key, never by fingerprint alone. */
export function judgeHostKey(offered: Pick<HostKey, 'key'>, trusted: readonly Pick<HostKey, 'key'>[]): HostKeyVerdict {
  if (trusted.length === 0) return 'unknown'
  return trusted.some((candidate) => candidate.key === offered.key) ? 'trusted' : 'changed'
}

/**
 * What is done about a host key that is not trusted yet. `strict`: refused until an administrator trusts it; `pin-first`: the first key that the host shows is
 * trusted, and written down; `ephemeral`: a host that is made anew again and again: any key is accepted, shown to the operator and written down, none is kept.
 */
export const HostKeyPolicy = z.enum(['strict', 'pin-first', 'ephemeral'])
export type HostKeyPolicy = z.infer<typeof HostKeyPolicy>

/** What a dial may do about a key: `pinned` and `accepted` go on, the one from now on, the other for this once. */
export type KeyAnswer = HostKeyVerdict | 'pinned' | 'accepted'

/** The verdict as the host's policy takes it. A changed key goes on only where none is ever kept. */
export function answerByPolicy(verdict: HostKeyVerdict, policy: HostKeyPolicy): KeyAnswer {
  if (verdict === 'trusted') return verdict
  if (policy === 'ephemeral') return 'accepted'
  return policy === 'pin-first' && verdict === 'unknown' ? 'pinned' : verdict
}
