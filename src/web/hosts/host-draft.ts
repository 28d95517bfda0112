// What is being typed about a host and a login, and what is wrong with it. Pure; the schemas of the domain decide.
import { AccountName, AssetName, HostAddress, Port } from '#domain/asset.ts'
import type { AuthInput } from '#domain/credential.ts'
import type { Failure } from '#domain/failure.ts'

export type HostFields = { name: string; address: string; port: string; tags: string; confirmLoopback: boolean }
export type LoginFields = { username: string; kind: 'password' | 'key' | 'ask'; password: string; privateKey: string; passphrase: string }
export type HostFault = 'name' | 'address' | 'port' | 'tag'
export type LoginFault = 'account' | 'password' | 'privateKey'

export const emptyHost: HostFields = { name: '', address: '', port: '22', tags: '', confirmLoopback: false }
export const emptyLogin: LoginFields = { username: '', kind: 'password', password: '', privateKey: '', passphrase: '' }
/** A PEM private key is at most 32 KiB, as in the domain. */
export const mostKeyBytes = 32_768

/** Tags as typed, separated by commas (Chinese ones too), without blanks around and without doubles. */
export function readTags(text: string): string[] {
  const tags = text.split(/[,，、]/).map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

/** Beside which fields there is something to say. */
export function hostFaults(host: HostFields): Set<HostFault> {
  const tags = readTags(host.tags)
  const faults = new Set<HostFault>()
  if (!AssetName.safeParse(host.name.trim()).success) faults.add('name')
  if (!HostAddress.safeParse(host.address.trim()).success) faults.add('address')
  if (!/^\d{1,5}$/.test(host.port.trim()) || !Port.safeParse(Number(host.port)).success) faults.add('port')
  if (tags.length > 50 || tags.some((tag) => tag.length > 64)) faults.add('tag')
  return faults
}

export function loginFaults(login: LoginFields): Set<LoginFault> {
  const faults = new Set<LoginFault>()
  if (!AccountName.safeParse(login.username.trim()).success) faults.add('account')
  if (login.kind === 'password' && login.password === '') faults.add('password')
  if (login.kind === 'key' && login.privateKey.trim() === '') faults.add('privateKey')
  return faults
}

export function readAuth(login: LoginFields): AuthInput {
  switch (login.kind) {
    case 'password':
      return { kind: 'password', password: login.password }
    case 'key':
      return { kind: 'key', privateKey: login.privateKey, ...(login.passphrase === '' ? {} : { passphrase: login.passphrase }) }
    case 'ask':
      return { kind: 'ask' }
    default:
      return login.kind satisfies never
  }
}

/** Only after `hostFaults` found none. */
export const readHost = (host: HostFields) => ({
  name: host.name.trim(),
  address: host.address.trim(),
  port: Number(host.port),
  tags: readTags(host.tags),
  ...(host.confirmLoopback ? { confirmLoopback: true } : {}),
})

/** The machine that Sallyport runs on, as far as the text tells. The server looks at what the name resolves to. */
export const looksLoopback = (address: string): boolean => /^(?:localhost\.?|127(?:\.\d{1,3}){1,3}|::1|0:0:0:0:0:0:0:1|::ffff:127\..*)$/i.test(address.trim())

export type FormField = 'name' | 'address' | 'port' | 'tags' | 'username' | 'password' | 'privateKey' | 'passphrase'

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
    default:
      return (['name', 'address', 'port', 'tags', 'username', 'password', 'privateKey', 'passphrase'] as const).find((field) => field === last)
  }
}
