// ProxyJump becomes `via`: every host is reached through at most one other, which may itself be reached through one.
import { AccountName } from '#domain/asset.ts'
import { cleanName, foldName, freeName, type ImportHost } from './import-host.ts'
import type { ImportNote } from './import-note.ts'
import type { Settings } from './ssh-config.ts'
import type { Place } from './ssh-config-lines.ts'

export type Hop = { host: string; username?: string; port?: number }

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, IPv6 in brackets; undefined when it is none of them. */
export function readHop(text: string): Hop | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@\s]{1,64})@)?(?:\[([0-9A-Fa-f:.]{2,45})\]|([^:@[\]\s/]{1,253}))(?::(\d{1,5}))?\/?$/.exec(text.trim())
  const host = match?.[2] ?? match?.[3]
  const port = match?.[4] === undefined ? undefined : Number(match[4])
  if (!match || host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined
  return { host, ...(match[1] === undefined ? {} : { username: match[1] }), ...(port === undefined ? {} : { port }) }
}

/** A longer way is a mistake, and each of its hosts a dial. */
const longestWay = 8

type Via = ImportHost['via']
type Facts = {
  settingsOf: (name: string) => Settings
  /** The names that have a line of their own. */
  named: ReadonlyMap<string, Place>
  say: (at: Place, code: ImportNote['code'], what: string) => void
}

export class JumpHosts {
  readonly #facts: Facts
  readonly #hosts: ImportHost[] = []
  /** By name as written: the host as its own settings have it. */
  readonly #own = new Map<string, ImportHost>()
  /** By name, port and way: what a chain made of it. */
  readonly #others = new Map<string, ImportHost>()
  readonly #taken: Set<string>
  /** By cleaned name: which name of the file has it. Two may become one when what is not allowed in them is taken away. */
  readonly #holder = new Map<string, string>()
  /** Names on the way down, to find rings. */
  readonly #open = new Set<string>()

  constructor(facts: Facts) {
    this.#facts = facts
    // The names of the file's own hosts are theirs, whoever is made first.
    for (const name of facts.named.keys()) {
      const folded = foldName(cleanName(name) || 'host')
      if (!this.#holder.has(folded)) this.#holder.set(folded, name)
    }
    this.#taken = new Set(this.#holder.keys())
  }

  /** Those that others are reached through stand before them. */
  get hosts(): readonly ImportHost[] {
    return this.#hosts
  }

  /** Makes the host of a name with all that it is reached through. Undefined inside a ring, and where the way is too long. */
  add(name: string): ImportHost | undefined {
    const known = this.#own.get(name)
    if (known) return known
    if (this.#open.has(name) || this.#open.size >= longestWay) return undefined
    this.#open.add(name)
    const settings = this.#facts.settingsOf(name)
    const via = this.#way(name, settings)
    this.#open.delete(name)
    const plain = cleanName(name) || 'host'
    const host = this.#make(this.#holder.get(foldName(plain)) === name ? plain : freeName(plain, this.#taken), name, settings, settings.port, via)
    this.#own.set(name, host)
    return host
  }

  /** The last host of a chain, with the others behind it. */
  #way(name: string, { jump }: Settings): Via {
    if (!jump || jump.chain === '') return undefined
    const hops: Hop[] = []
    for (const text of jump.chain.split(',')) {
      const hop = readHop(text)
      if (!hop || hops.length >= longestWay) {
        this.#facts.say(jump.at, 'proxy_jump_unreadable', jump.chain)
        return undefined
      }
      hops.push(hop)
    }
    // `Host *` with a jump host names the jump host too, which is meant to be reached without it.
    if (hops.length === 1 && hops[0]?.host === name) return undefined
    let before: Via
    for (const [index, hop] of hops.entries()) {
      const settings = this.#facts.settingsOf(hop.host)
      const host = index === 0 ? this.#first(hop, settings) : this.#behind(hop, settings, before)
      if (!host) {
        this.#facts.say(jump.at, 'proxy_loop', jump.chain)
        return undefined
      }
      const username = hop.username ?? settings.user
      if (username !== undefined && isAccount(username) && !host.usernames.includes(username)) host.usernames.push(username)
      before = { name: host.name, ...(username === undefined ? {} : { username }) }
    }
    return before
  }

  /** The first of a chain is reached as its own settings say, by another port if the chain names one. */
  #first(hop: Hop, settings: Settings): ImportHost | undefined {
    if (hop.port === undefined || hop.port === settings.port) return this.add(hop.host)
    const own = this.#facts.named.has(hop.host) ? this.add(hop.host) : undefined
    if (this.#facts.named.has(hop.host) && !own) return undefined
    return this.#other(hop.host, settings, hop.port, own?.via)
  }

  /** The others are reached through the one before, whatever their own settings say. */
  #behind(hop: Hop, settings: Settings, via: Via): ImportHost | undefined {
    const port = hop.port ?? settings.port
    const own = this.#facts.named.has(hop.host) ? this.add(hop.host) : undefined
    return own && own.port === port && isSame(own.via, via) ? own : this.#other(hop.host, settings, port, via)
  }

  #other(name: string, settings: Settings, port: number, via: Via): ImportHost {
    const key = JSON.stringify([name, port, via?.name, via?.username])
    const known = this.#others.get(key)
    if (known) return known
    const plain = cleanName(name) || 'host'
    const wanted = !this.#taken.has(foldName(plain)) ? plain : `${plain.slice(0, 60)}-${via ? `via-${via.name}` : port}`.slice(0, 94)
    const host = this.#make(freeName(wanted, this.#taken), name, settings, port, via)
    this.#others.set(key, host)
    return host
  }

  #make(name: string, alias: string, settings: Settings, port: number, via: Via): ImportHost {
    this.#taken.add(foldName(name))
    const place = this.#facts.named.get(alias)
    const { user } = settings
    const host: ImportHost = {
      name,
      address: settings.address,
      port,
      tags: [],
      usernames: user !== undefined && isAccount(user) ? [user] : [],
      keyFiles: settings.keyFiles,
      ...(via ? { via } : {}),
      knownAs: settings.hostKeyAlias ?? (port === 22 ? settings.address : `[${settings.address}]:${port}`),
      trusted: [],
      from: place ?? settings.jump?.at ?? { file: '', line: 0 },
      isJump: place === undefined,
    }
    this.#hosts.push(host)
    return host
  }
}

const isAccount = (text: string) => AccountName.safeParse(text).success
const isSame = (left: Via, right: Via) => left?.name === right?.name && left?.username === right?.username
