// Where receivers may be: anywhere but at the metadata services of clouds, also when a name resolves to one.
import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { judgeAddress, judgeIp } from '#domain/address-rules.ts'

const rules = { listeners: [], ownAddresses: [], mayDialLoopback: true }

/** Throws in words when the host as it is written is never to be connected to. IPv6 with or without brackets. */
export function refuseForbiddenReceiver(host: string, port: number): void {
  const verdict = judgeAddress(host.replace(/^\[|\]$/g, ''), port, rules)
  if (verdict !== 'allowed' && verdict !== 'not-an-address') throw new Error(`${host} is never sent anything: ${words[verdict]}`)
}

const words = {
  metadata: 'it belongs to the metadata service of a cloud',
  'not-a-host': 'no single host has this address',
  'own-listener': 'it is Sallyport itself',
  loopback: 'it is this machine',
} as const

/** For `net.connect` and the like: what a name resolves to, without addresses that are never to be connected to. Judged at each connection, so that a name cannot turn into one later. */
export const lookupAllowed: LookupFunction = (name, options, callback) => {
  resolve(name, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, [])
    const allowed = found.filter(({ address }) => judgeIp(address, 0, rules) === 'allowed')
    const [first] = allowed
    if (first === undefined) return callback(new Error(`${name} has no address that may be connected to`), [])
    if (options.all === true) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}
