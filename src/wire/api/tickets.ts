// A ticket opens one terminal: 256 random bits, used once, good for 30 s.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { sentence } from '#domain/shown-text.ts'
import { Time } from './lists.ts'

/** Quick connect as typed: `user@host:port`. */
const TargetText = z.string().min(3).max(400)

export const tickets = {
  create: oc
    .route({ method: 'POST', path: '/tickets', successStatus: 201 })
    .input(
      z.strictObject({
        kind: z.enum(['shell', 'files', 'watch', 'attach']),
        asset: z.string().max(60).optional(),
        account: z.string().max(64).optional(),
        session: z.string().max(60).optional(),
        address: TargetText.optional(),
        /** Why, where a grant asks for it: kept with the session. */
        reason: sentence(500).optional(),
      }),
    )
    .output(z.object({ ticket: z.string(), url: z.string(), expiresAt: Time })),
}
