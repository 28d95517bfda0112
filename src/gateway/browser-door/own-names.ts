// Under which names people may reach this gateway. A page of another site can make a browser send requests here, and a foreign DNS name can be pointed here; neither gets further than this list.
import { isIP } from 'node:net'
import type { DoorRefusal } from './refuse.ts'

export type OwnNamesOptions = {
  /** The listener. An address that is not a wildcard is a name of its own: a browser cannot be lied to about an address. */
  host: string
  port: number
  tls: boolean
  /** As given with `--public-url`; only scheme, host and port count. */
  publicUrls: readonly string[]
}

export class OwnNames {
  /** Of the listener and the start: nobody can lock everybody out by taking one away. */
  readonly #fixed = new Names()
  #added = new Names()

  constructor(options: OwnNamesOptions) {
    const scheme = options.tls ? 'https' : 'http'
    const loopback = ['localhost', '127.0.0.1', '[::1]']
    const wildcard = options.host === '0.0.0.0' || options.host === '::' || options.host === ''
    const own = wildcard ? [] : [isIP(options.host) === 6 ? `[${options.host}]` : options.host]
    for (const name of [...loopback, ...own]) this.#fixed.add(new URL(`${scheme}://${name}:${options.port}`))
    for (const url of options.publicUrls) this.#fixed.add(new URL(url))
  }

  /** Instead of those that were added before. */
  alsoKnownAs(urls: readonly string[]): void {
    this.#added = new Names()
    for (const url of urls) if (URL.canParse(url)) this.#added.add(new URL(url))
  }

  /** `Host` as it came. A default port may be written or left out. */
  isHost(host: string | undefined): boolean {
    return host !== undefined && [this.#fixed, this.#added].some(({ hosts }) => hosts.has(host.toLowerCase()))
  }

  /** `Origin` as it came: scheme, host and port must all be right; `null` never is. */
  isOrigin(origin: string | undefined): boolean {
    return origin !== undefined && [this.#fixed, this.#added].some(({ origins }) => origins.has(origin))
  }

  judgeHost(host: string | undefined): DoorRefusal | undefined {
    if (this.isHost(host)) return undefined
    const message = `Sallyport does not know itself as ${shown(host)}. Start it with --public-url http://${shown(host)} (or https), or add that address on its page of settings, when people should reach it so.`
    return { status: 421, code: 'host_not_allowed', message }
  }

  foreignOrigin(origin: string | undefined): DoorRefusal {
    return {
      status: 403,
      code: 'origin_not_allowed',
      message: `Requests of pages from ${shown(origin)} are not allowed. Name it with --public-url, or on the page of settings, when it is Sallyport's own address.`,
    }
  }
}

class Names {
  readonly hosts = new Set<string>()
  readonly origins = new Set<string>()
  add(url: URL): void {
    this.origins.add(url.origin)
    this.hosts.add(url.host)
    if (url.port === '') this.hosts.add(`${url.host}:${url.protocol === 'https:' ? 443 : 80}`)
  }
}

/** What a stranger sent, fit for one line of text. */
const shown = (header: string | undefined) => (header ?? 'nowhere').replace(/[^\x21-\x7e]/g, '?').slice(0, 100)
