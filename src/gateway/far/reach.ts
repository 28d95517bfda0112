// From a name to a connected socket: resolved once, judged, and connected to the very address that was judged.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { judgeAddress, judgeIp, type AddressRules, type AddressVerdict } from '#domain/address-rules.ts'
import { formatAddress } from '#domain/asset.ts'
import { Failure } from '#domain/failure.ts'
import { HostSocket } from '#ssh/host-socket.ts'

const connectWithinMs = 10_000
// Names with more addresses than that are pools; three tries show whether any answers.
const maxAddresses = 3

export type Listeners = readonly { host: string; port: number }[]

const refusals: Record<Exclude<AddressVerdict, 'allowed' | 'not-an-address'>, string> = {
  metadata: 'it is a metadata service of a cloud, which gives out credentials',
  'own-listener': 'Sallyport itself listens there',
  loopback: 'it is the machine that Sallyport runs on, which has to be confirmed for this host',
  'not-a-host': 'no single host has this address',
}

function refuse(verdict: AddressVerdict, address: string): void {
  if (verdict === 'allowed' || verdict === 'not-an-address') return
  throw new Failure('address_not_allowed', `${address} is not dialled: ${refusals[verdict]}.`, { field: 'address', detail: { why: verdict } })
}

function rulesFor(listeners: Listeners, mayDialLoopback: boolean): AddressRules {
  const ownAddresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((each) => each.address.replace(/%.*$/, '')))
  return { listeners, ownAddresses, mayDialLoopback }
}

/**
 * Throws `Failure('address_not_allowed')` for what is never dialled, as far as it can be told from how it is written: a host on the way connects to it, and resolves names as it likes.
 * Loopback is that host's own there.
 */
export function refuseNeverTargets(target: { address: string; port: number }, listeners: Listeners): void {
  refuse(judgeAddress(target.address, target.port, rulesFor(listeners, true)), target.address)
}

/**
 * Connects within 10 s. Throws `Failure`: `address_not_allowed`, `host_unreachable` (no such name, no route), `host_refused`, `host_not_ssh` (reset), `host_timeout`; or the signal's reason.
 * A name of which one address is forbidden is refused whole: who answers for it may answer differently the next time.
 */
export async function reach(
  target: { address: string; port: number },
  options: { listeners: Listeners; mayDialLoopback: boolean; signal: AbortSignal },
): Promise<HostSocket> {
  const { signal } = options
  const rules = rulesFor(options.listeners, options.mayDialLoopback)
  refuse(judgeAddress(target.address, target.port, rules), target.address)
  const limit = AbortSignal.timeout(connectWithinMs)
  const both = AbortSignal.any([signal, limit])
  try {
    const addresses = isIP(target.address) ? [target.address] : await resolve(target.address, both)
    for (const address of addresses) {
      const verdict = judgeIp(address, target.port, rules)
      refuse(verdict, `${target.address} (${address})`)
      if (verdict === 'not-an-address') throw unreachable(target, 'its name resolves to something that is no address')
    }
    return await connectFirst(addresses.slice(0, maxAddresses), target, both)
  } catch (cause) {
    if (limit.aborted && !signal.aborted && !(cause instanceof Failure))
      throw new Failure('host_timeout', `${where(target)} did not answer within 10 seconds. Check the address and what stands between.`, { cause })
    throw cause
  }
}

const where = (target: { address: string; port: number }) => formatAddress(target.address, target.port)
const unreachable = (target: { address: string; port: number }, why: string, cause?: unknown) =>
  new Failure('host_unreachable', `${where(target)} cannot be reached: ${why}.`, { cause })

async function resolve(name: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted()
  let onAbort = () => {}
  // A lookup cannot be called off; its late answer is dropped.
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('the dial was given up'))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    const found = await Promise.race([lookup(name, { all: true, order: 'verbatim' }), aborted])
    return found.map((each) => each.address)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw new Failure('host_unreachable', `The name ${name} cannot be resolved. Check how it is written.`, { cause })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function connectFirst(addresses: string[], target: { address: string; port: number }, signal: AbortSignal): Promise<HostSocket> {
  let last: unknown
  for (const address of addresses) {
    try {
      return await connectOne(address, target.port, signal)
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      last = cause
    }
  }
  const code = (last as { code?: string } | undefined)?.code
  if (code === 'ECONNREFUSED')
    throw new Failure('host_refused', `${where(target)} refuses connections: nothing listens on this port. Check the port, and that sshd runs.`, {
      cause: last,
    })
  if (code === 'ECONNRESET')
    throw new Failure('host_not_ssh', `${where(target)} takes connections and resets them at once. Check the port, and that sshd admits this address.`, {
      cause: last,
    })
  if (code === 'ETIMEDOUT') throw new Failure('host_timeout', `${where(target)} did not answer. Check the address and what stands between.`, { cause: last })
  throw unreachable(target, code === undefined ? 'it has no address' : `the network says ${code}`, last)
}

function connectOne(address: string, port: number, signal: AbortSignal): Promise<HostSocket> {
  return new Promise((resolveSocket, reject) => {
    signal.throwIfAborted()
    const host = new HostSocket({ host: address, port })
    const { socket } = host
    const leave = () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError).off('connect', onConnect)
    }
    const onAbort = () => {
      leave()
      // It may still fail while it is being destroyed; nobody waits for that any more.
      socket.on('error', () => {})
      socket.destroy()
      reject(signal.reason instanceof Error ? signal.reason : new Error('the dial was given up'))
    }
    const onError = (cause: Error) => {
      leave()
      reject(cause)
    }
    const onConnect = () => {
      leave()
      resolveSocket(host)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError).once('connect', onConnect)
  })
}
