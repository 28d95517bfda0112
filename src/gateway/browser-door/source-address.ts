// Who is at the other end: the peer of the socket, or what a proxy that is trusted by address says.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { plainAddress } from '../plain-address.ts'

export type Source = { address: string; secure: boolean }

/** Longer chains are not a proxy's. */
const maxForwarded = 20

export class SourceAddresses {
  readonly #proxies = new BlockList()
  readonly #tls: boolean

  /** `behindProxy`: CIDR blocks or single addresses. Throws when one is neither. */
  constructor(behindProxy: readonly string[], tls: boolean) {
    this.#tls = tls
    for (const block of behindProxy) addBlock(this.#proxies, block)
  }

  /** The nearest address that is not a trusted proxy: what stands left of it in `X-Forwarded-For` was written by strangers. */
  of(request: IncomingMessage): Source {
    const peer = plainAddress(request.socket.remoteAddress ?? '')
    if (!this.#isProxy(peer)) return { address: peer, secure: this.#tls }
    const said = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .slice(-maxForwarded)
      .map((text) => plainAddress(text.trim()))
    const secure = this.#tls || lastOf(request.headers['x-forwarded-proto']) === 'https'
    for (const address of said.toReversed()) {
      if (isIP(address) === 0) break
      if (!this.#isProxy(address)) return { address, secure }
    }
    return { address: peer, secure }
  }

  #isProxy(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#proxies.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Throws with words when the text is neither an address nor a CIDR block. */
export function addBlock(list: BlockList, block: string): void {
  const [address = '', bits, more] = block.split('/')
  const family = isIP(address)
  const longest = family === 6 ? 128 : 32
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (family === 0 || more !== undefined || prefix < 0 || prefix > longest) throw new Error(`"${block}" is not an address or a CIDR block such as 10.0.0.0/8`)
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
}

const lastOf = (header: string | string[] | undefined) =>
  String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim()
    .toLowerCase()
