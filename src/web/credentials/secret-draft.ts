// What is being typed of a secret, and what is wrong with it. Pure; the schemas of the domain decide.
import type { SecretInput } from '#domain/credential.ts'
import type { Failure } from '#domain/failure.ts'

export const secretKinds = ['password', 'key', 'generate', 'ask'] as const
export type SecretKind = (typeof secretKinds)[number]
export type SecretFields = { kind: SecretKind; password: string; privateKey: string; passphrase: string }
export type SecretFault = 'password' | 'privateKey'

export const emptySecret: SecretFields = { kind: 'password', password: '', privateKey: '', passphrase: '' }
/** A PEM private key is at most 32 KiB, as in the domain. */
export const mostKeyBytes = 32_768

export function secretFaults(secret: SecretFields): Set<SecretFault> {
  if (secret.kind === 'password' && secret.password === '') return new Set(['password'])
  if (secret.kind === 'key' && secret.privateKey.trim() === '') return new Set(['privateKey'])
  return new Set()
}

/** What is sent: only what its kind needs. */
export function readSecret({ kind, password, privateKey, passphrase }: SecretFields): SecretInput {
  switch (kind) {
    case 'password':
      return { kind, password }
    case 'key':
      return { kind, privateKey, ...(passphrase === '' ? {} : { passphrase }) }
    case 'generate':
    case 'ask':
      return { kind }
    default:
      return kind satisfies never
  }
}

/** The field of the secret that a refusal of the server belongs beside. */
export function refusedSecretField({ code, field }: Pick<Failure, 'code' | 'field'>): 'password' | 'privateKey' | 'passphrase' | undefined {
  switch (code) {
    case 'key_passphrase_needed':
    case 'key_passphrase_wrong':
      return 'passphrase'
    case 'key_not_a_key':
    case 'key_type_unsupported':
      return 'privateKey'
    default: {
      const last = field?.split('.').at(-1)
      return (['password', 'privateKey', 'passphrase'] as const).find((one) => one === last)
    }
  }
}
