import { z } from 'zod'

const Password = z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(1024) })
/** A PEM or OpenSSH private key, at most 32 KiB. */
const Key = z.strictObject({ kind: z.literal('key'), privateKey: z.string().min(1).max(32_768), passphrase: z.string().max(1024).optional() })
/** Sallyport makes an Ed25519 key pair; the private half never leaves control, the public one is shown. */
const Generate = z.strictObject({ kind: z.literal('generate') })
const Ask = z.strictObject({ kind: z.literal('ask') })

/** What a shared credential holds, as an administrator writes it; secrets go in and never come out. */
export const SecretInput = z.discriminatedUnion('kind', [Password, Key, Generate, Ask])
export type SecretInput = z.infer<typeof SecretInput>

/** What an account signs in with: a secret of its own, or a shared credential by its id. */
export const AuthInput = z.discriminatedUnion('kind', [
  Password,
  Key,
  Generate,
  Ask,
  z.strictObject({ kind: z.literal('credential'), id: z.string().min(1).max(60) }),
])
export type AuthInput = z.infer<typeof AuthInput>

/** What may be shown of a secret. */
export const SecretView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password') }),
  /** `publicKey` as a line of `authorized_keys`, without a comment. */
  z.object({ kind: z.literal('key'), publicKey: z.string(), fingerprint: z.string() }),
  z.object({ kind: z.literal('ask') }),
])
export type SecretView = z.infer<typeof SecretView>

export const AuthView = z.discriminatedUnion('kind', [
  ...SecretView.options,
  z.object({ kind: z.literal('credential'), id: z.string(), name: z.string(), auth: SecretView }),
])
export type AuthView = z.infer<typeof AuthView>
