// May Sallyport be asked to reach this address at all? The gateway asks again of what a name resolved to.
import { networkInterfaces } from 'node:os'
import { judgeAddress, type AddressVerdict } from '#domain/address-rules.ts'
import { Failure } from '#domain/failure.ts'
import type { AssetParts } from './parts.ts'

/** Loopback while Sallyport itself listens on loopback alone, since then whoever can sign in is on this machine already; else when an administrator confirmed it. */
export const mayDialLoopback = (parts: AssetParts, confirmed: boolean): boolean => parts.listensOnLoopbackOnly || confirmed

/** Of this machine, as they are now. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((interfaces) => (interfaces ?? []).map((each) => each.address.split('%')[0] ?? ''))

/** Throws `address_not_allowed` in words, with the reason in `detail.why`; `loopback` there can be confirmed. */
export function refuseForbiddenAddress(parts: AssetParts, address: string, port: number, confirmedLoopback: boolean): void {
  const rules = { listeners: parts.listeners, ownAddresses: ownAddresses(), mayDialLoopback: mayDialLoopback(parts, confirmedLoopback) }
  const verdict = judgeAddress(address, port, rules)
  const words = wordsOf(verdict)
  if (words !== undefined) throw new Failure('address_not_allowed', words, { field: 'address', detail: { why: verdict } })
}

function wordsOf(verdict: AddressVerdict): string | undefined {
  switch (verdict) {
    case 'metadata':
      return 'This address belongs to the metadata service of a cloud, which gives out credentials. It is never a host.'
    case 'own-listener':
      return 'Sallyport itself listens there. It is never its own host.'
    case 'loopback':
      return 'This address is the machine that Sallyport runs on, while Sallyport can be reached from other machines. Confirm that this is meant.'
    case 'not-a-host':
      return 'No single host has this address.'
    case 'allowed':
    case 'not-an-address':
      return undefined
  }
}
