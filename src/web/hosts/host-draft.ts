// What is being typed about a host and a login, and what is wrong with it. Pure; the schemas of the domain decide.
import { AccountName, AssetName, HostAddress, Port } from '#domain/asset.ts'
import type { AuthInput } from '#domain/credential.ts'
import type { Failure } from '#domain/failure.ts'
import type { HostKeyPolicy } from '#domain/host-key.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { emptySecret, readSecret, secretFaults, secretKinds } from '../credentials/secret-draft.ts'
import type { SecretFault, SecretFields } from '../credentials/secret-draft.ts'
import { endOfDay, isDayChosen, localDay } from './old-algorithms.ts'
import type { Via } from './via-field.tsx'

export type HostFields = {
  name: string
  address: string
  port: string
  tags: string[]
  hostKeyPolicy: HostKeyPolicy
  via: Via | null
  /** The last day on which old algorithms are offered; empty: never. */
  oldUntil: string
  confirmLoopback: boolean
}
export const loginKinds = ['password', 'key', 'generate', 'credential', 'ask'] as const
export type LoginKind = (typeof loginKinds)[number]
/** `credential`: the id of a shared one, and its name for showing. */
export type LoginFields = Omit<SecretFields, 'kind'> & { username: string; kind: LoginKind; credential: string | null; credentialName?: string | undefined }
export type HostFault = 'name' | 'address' | 'port' | 'tag' | 'old' | 'via'
export type LoginFault = 'account' | 'credential' | SecretFault

export const mostTags = 50
export const mostTagChars = 64
export const emptyHost: HostFields = { name: '', address: '', port: '22', tags: [], hostKeyPolicy: 'strict', via: null, oldUntil: '', confirmLoopback: false }
export const emptyLogin: LoginFields = { ...emptySecret, username: '', credential: null }

export const draftOf = ({ name, address, port, tags, hostKeyPolicy, via, legacyUntil }: AssetView): HostFields => ({
  name,
  address,
  port: String(port),
  tags,
  hostKeyPolicy,
  via: via ?? null,
  // What is over is off.
  oldUntil: legacyUntil !== undefined && Date.parse(legacyUntil) > Date.now() ? localDay(legacyUntil) : '',
  confirmLoopback: false,
})

/** Tags as they were typed or pasted: parted at commas (Chinese ones too), without blanks around and without doubles. */
export function splitTags(typed: readonly string[]): string[] {
  const tags = typed.flatMap((tag) => tag.split(/[,，、]/)).map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

/** Beside which fields there is something to say. */
export function hostFaults(host: HostFields): Set<HostFault> {
  const faults = new Set<HostFault>()
  if (!AssetName.safeParse(host.name.trim()).success) faults.add('name')
  if (!HostAddress.safeParse(host.address.trim()).success) faults.add('address')
  if (!/^\d{1,5}$/.test(host.port.trim()) || !Port.safeParse(Number(host.port)).success) faults.add('port')
  if (host.tags.length > mostTags || host.tags.some((tag) => tag.length > mostTagChars)) faults.add('tag')
  if (host.oldUntil !== '' && !isDayChosen(host.oldUntil, Date.now())) faults.add('old')
  if (host.via?.account === '') faults.add('via')
  return faults
}

const secretOf = ({ kind, ...fields }: LoginFields): SecretFields | undefined => {
  const own = secretKinds.find((one) => one === kind)
  return own && { ...fields, kind: own }
}

export function loginFaults(login: LoginFields): Set<LoginFault> {
  const secret = secretOf(login)
  const faults = new Set<LoginFault>(secret ? secretFaults(secret) : login.credential === null ? ['credential'] : [])
  return AccountName.safeParse(login.username.trim()).success ? faults : new Set<LoginFault>(['account', ...faults])
}

/** Only after `loginFaults` found none. */
export function readAuth(login: LoginFields): AuthInput {
  const secret = secretOf(login)
  return secret ? readSecret(secret) : { kind: 'credential', id: login.credential ?? '' }
}

/** Only after `hostFaults` found none. */
export const readHost = (host: HostFields) => ({
  name: host.name.trim(),
  address: host.address.trim(),
  port: Number(host.port),
  tags: host.tags,
  hostKeyPolicy: host.hostKeyPolicy,
  via: readVia(host.via),
  legacyUntil: readOld(host.oldUntil),
  ...(host.confirmLoopback ? { confirmLoopback: true } : {}),
})
export const readOld = (day: string) => (day === '' ? null : endOfDay(day))
export const readVia = (via: Via | null) => (via ? { asset: via.asset, account: via.account } : null)

/** The machine that Sallyport runs on, as far as the text tells. The server looks at what the name resolves to. */
export const looksLoopback = (address: string): boolean => /^(?:localhost\.?|127(?:\.\d{1,3}){1,3}|::1|0:0:0:0:0:0:0:1|::ffff:127\..*)$/i.test(address.trim())

const formFields = [
  'name',
  'address',
  'port',
  'tags',
  'hostKeyPolicy',
  'via',
  'legacyUntil',
  'username',
  'credential',
  'password',
  'privateKey',
  'passphrase',
] as const
export type FormField = (typeof formFields)[number]

/** The field that a refusal of the server belongs beside; undefined: it stands above the form. */
export function fieldOfFailure(failure: Failure): FormField | undefined {
  const last = failure.field?.split('.').at(-1) ?? ''
  switch (failure.code) {
    case 'name_taken':
    case 'name_invalid':
      return last === 'username' ? 'username' : 'name'
    case 'address_invalid':
    case 'address_not_allowed':
      return 'address'
    case 'key_passphrase_needed':
    case 'key_passphrase_wrong':
      return 'passphrase'
    case 'key_not_a_key':
    case 'key_type_unsupported':
      return 'privateKey'
    case 'via_invalid':
      return 'via'
    case 'credential_not_found':
      return 'credential'
    default:
      return formFields.find((field) => field === last)
  }
}
