import { z } from 'zod'

/** What an administrator writes; secrets go in and never come out. A PEM private key is at most 32 KiB. */
export const AuthInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(1024) }),
  z.strictObject({ kind: z.literal('key'), privateKey: z.string().min(1).max(32_768), passphrase: z.string().max(1024).optional() }),
  z.strictObject({ kind: z.literal('ask') }),
])
export type AuthInput = z.infer<typeof AuthInput>

/** What may be shown of a credential. */
export const AuthView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password') }),
  z.object({ kind: z.literal('key'), publicKey: z.string(), fingerprint: z.string() }),
  z.object({ kind: z.literal('ask') }),
])
export type AuthView = z.infer<typeof AuthView>
