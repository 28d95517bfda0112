// The connections to hosts of one client: one for each target, shared by what that client opens on it, and kept a moment for what comes next.
import type { Admission } from '#domain/admission.ts'
import type { OpenRequest } from '#ssh/channels.ts'
import { type ConnectionRequest, HostConnection } from './host-connection.ts'

/** After its last channel: programs that copy many files connect for each of them. */
const keptMs = 30_000

type Entry = { connection: HostConnection; users: number; timer: NodeJS.Timeout | undefined }
/** `release` is called once, when it is needed no more. */
export type Held = { connection: HostConnection; release: () => void }

export class HostConnections {
  readonly #open = new Map<string, Entry>()
  readonly #dialling = new Map<string, Promise<unknown>>()
  readonly #onOpen: ((request: OpenRequest, from: HostConnection) => void) | undefined
  #isOver = false

  /** `onOpen`: a host opens a channel to the client. */
  constructor(onOpen?: (request: OpenRequest, from: HostConnection) => void) {
    this.#onOpen = onOpen
  }

  /** The connection to this target with these credentials, dialled with the admission of whoever comes first. Throws as `HostConnection.dial`. */
  async hold(request: ConnectionRequest): Promise<Held> {
    const key = targetOf(request.admission)
    // Whoever waits for a dial that fails dials by themselves: it failed for its own admission, or its client left.
    for (let dialling = this.#dialling.get(key); dialling; dialling = this.#dialling.get(key)) {
      await dialling.catch(() => undefined)
      request.signal.throwIfAborted()
    }
    const known = this.#open.get(key)
    if (known && !known.connection.isClosed) return this.#use(key, known)
    const dial = HostConnection.dial(request)
    this.#dialling.set(key, dial)
    try {
      const connection = await dial
      const entry: Entry = { connection, users: 0, timer: undefined }
      this.#open.set(key, entry)
      connection.onClosed = () => this.#forget(key, entry)
      connection.channels.onOpen = this.#onOpen && ((asked) => this.#onOpen?.(asked, connection))
      return this.#use(key, entry)
    } finally {
      this.#dialling.delete(key)
    }
  }

  /** The client has gone: what nobody uses is closed at once, the rest when its last session ends. */
  close(): void {
    this.#isOver = true
    for (const entry of this.#open.values()) if (entry.users === 0) entry.connection.close()
  }

  #use(key: string, entry: Entry): Held {
    clearTimeout(entry.timer)
    entry.users += 1
    let isUsed = true
    const release = () => {
      if (!isUsed) return
      isUsed = false
      entry.users -= 1
      if (entry.users > 0 || entry.connection.isClosed) return
      if (this.#isOver) return entry.connection.close()
      entry.timer = setTimeout(() => entry.connection.close(), keptMs)
      entry.timer.unref()
    }
    return { connection: entry.connection, release }
  }

  #forget(key: string, entry: Entry): void {
    clearTimeout(entry.timer)
    if (this.#open.get(key) === entry) this.#open.delete(key)
  }
}

/** What must be the same for a connection to be the same: the host, the way to it, who signs in there and with what, and for whom. */
const targetOf = ({ operator, asset, target, via, auth, hostKeys }: Admission): string =>
  JSON.stringify([operator.id, asset, target, via ?? [], auth, hostKeys])
