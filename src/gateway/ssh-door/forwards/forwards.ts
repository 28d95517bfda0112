// Connections that an ssh client sends on (`-L`, `-D`, `-W`), and those that it has the host take for it (`-R`). Control is asked for each; RFC 4254 section 7.
import { type Failure, isFailure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { Channels, GlobalReply, OpenRequest } from '#ssh/channels.ts'
import { OpenRefusal } from '#ssh/channels.ts'
import { forwardValue, readForward, type Way } from '#ssh/channel-wire.ts'
import { wireUint32, WireReader } from '#ssh/wire-reader.ts'
import type { DoorWork } from '../door-work.ts'
import { joinChannels } from './joined-channels.ts'
import type { ForwardScope } from './forward-scope.ts'

export type ForwardsParts = {
  work: Pick<DoorWork, 'link' | 'clock' | 'log'>
  signIn: string
  source: string
  /** Towards the client. */
  client: Channels
  /** Begun at the first call, the same at every later one while it lives. Undefined: no host was chosen, so nothing goes on from one. Throws `Failure`. */
  scope: (() => Promise<ForwardScope>) | undefined
  /** The client wants to go to a host of ours: it is spoken to here. */
  intercept(request: OpenRequest, asset: string, name: string): void
  signal: AbortSignal
}

type ForwardAct = Extract<SessionAct, { act: 'forward' }>
/** Ports that one client has hosts listen on. */
const mostRemote = 16
/** A listener that answers the operator's side alone: no other machine of the host's network reaches it. */
const loopbackNames = new Set(['', 'localhost', '127.0.0.1', '::1'])
const bindHost = 'localhost'
const lowestRemotePort = 1024
const openWithinMs = 20_000

export class Forwards {
  readonly #parts: ForwardsParts
  /** Port on the host → the name by which the client asked for it. */
  readonly #remote = new Map<number, string>()
  #asking = 0

  constructor(parts: ForwardsParts) {
    this.#parts = parts
  }

  /** A `direct-tcpip` of the client. */
  opened(request: OpenRequest & { opening: Way }): void {
    this.#open(request).catch((cause: unknown) => {
      if (!isFailure(cause)) this.#parts.work.log.error({ err: cause }, 'a forwarded connection is given up by a fault of this program')
      request.refuse(...refusalOf(cause))
    })
  }

  /** True when the request was one of these. */
  asked(name: string, value: Buffer, reply: GlobalReply | undefined): boolean {
    if (name !== 'tcpip-forward' && name !== 'cancel-tcpip-forward') return false
    const bind = readForward(value)
    const act = name === 'tcpip-forward' ? this.#listen(bind) : this.#cancel(bind)
    act.then(
      (answer) => reply?.(answer !== undefined, answer),
      (cause: unknown) => {
        this.#parts.work.log.info({ failure: isFailure(cause) ? cause.code : 'internal' }, 'a listening port is refused')
        reply?.(false)
      },
    )
    return true
  }

  /** A `forwarded-tcpip` of the host. */
  hostOpened(request: OpenRequest & { opening: Way }, scope: ForwardScope): void {
    const { opening } = request
    const asked = this.#remote.get(opening.port)
    if (asked === undefined || scope.isOver) return request.refuse(OpenRefusal.prohibited, 'nobody asked for this port')
    const kind = { type: 'forwarded-tcpip', host: asked, port: opening.port, originHost: opening.originHost, originPort: opening.originPort } as const
    const startedMs = this.#parts.work.clock.nowMs()
    this.#parts.client.open(kind, this.#signal(), { withinMs: openWithinMs }).then(
      (operator) => {
        const host = request.accept()
        this.#carry({ way: 'remote', host: opening.originHost, port: opening.port }, scope, startedMs, operator, host)
      },
      (cause: unknown) => {
        const [reason, text] = refusalOf(cause)
        request.refuse(reason, text)
        this.#told(scope, { way: 'remote', host: opening.originHost, port: opening.port }, startedMs, { outcome: 'failed', failure: text })
      },
    )
  }

  async #open(request: OpenRequest & { opening: Way }): Promise<void> {
    const { work, signIn, source } = this.#parts
    const { host, port, originHost, originPort } = request.opening
    const startedMs = work.clock.nowMs()
    // Without a session too: a host of ours may be meant, and what is refused is written down with where it was to go.
    let why: unknown
    const scope = await this.#parts.scope?.().catch((cause: unknown) => void (why = cause))
    const session = scope ? { session: SessionId.parse(scope.id) } : {}
    const answer = await work.link.ask({ ask: 'forward', signIn, source, way: 'local', destination: { host, port }, ...session }).catch((cause: unknown) => {
      throw why ?? cause
    })
    if (answer.state === 'intercept') return this.#parts.intercept(request, answer.asset, answer.name)
    if (!scope || scope.isOver) return request.refuse(OpenRefusal.prohibited, 'the session is over')
    const goal = { way: 'local', host, port } as const
    try {
      const kind = { type: 'direct-tcpip', host, port, originHost, originPort } as const
      const far = await scope.host.channels.open(kind, this.#signal(), { withinMs: openWithinMs })
      this.#carry(goal, scope, startedMs, request.accept(), far)
    } catch (cause) {
      this.#told(scope, goal, startedMs, { outcome: 'failed', failure: refusalOf(cause)[1] })
      throw cause
    }
  }

  #carry(
    goal: Pick<ForwardAct, 'way' | 'host' | 'port'>,
    scope: ForwardScope,
    startedMs: number,
    operator: Parameters<typeof joinChannels>[0],
    host: Parameters<typeof joinChannels>[1],
  ): void {
    const bytes = { input: 0, output: 0 }
    let letGo = () => {}
    const joined = joinChannels(operator, host, {
      carried: (way, count) => {
        bytes[way] += count
        scope.carried(way, count)
      },
      closed: () => {
        letGo()
        this.#told(scope, goal, startedMs, { outcome: 'done', bytesIn: bytes.input, bytesOut: bytes.output })
      },
    })
    letGo = scope.hold(joined)
    // The session may have ended while the channel was opened.
    if (scope.isOver) joined.destroy()
  }

  #told(
    scope: ForwardScope,
    goal: Pick<ForwardAct, 'way' | 'host' | 'port'>,
    startedMs: number,
    more: Pick<ForwardAct, 'outcome' | 'failure'> & Partial<Pick<ForwardAct, 'bytesIn' | 'bytesOut'>>,
  ): void {
    const { clock } = this.#parts.work
    const ms = Math.max(0, Math.round(clock.nowMs() - startedMs))
    scope.acts.add({ act: 'forward', at: clock.wallMs(), ...goal, ms, bytesIn: 0, bytesOut: 0, ...more })
  }

  /** The answer's value: the port when the host was to choose it (RFC 4254 section 7.1). */
  async #listen(bind: { host: string; port: number }): Promise<Buffer | undefined> {
    const { work, signIn, source } = this.#parts
    if (this.#remote.size + this.#asking >= mostRemote) return undefined
    this.#asking += 1
    try {
      const scope = await this.#parts.scope?.().catch(() => undefined)
      const isOwn = loopbackNames.has(bind.host)
      // What is refused here too is told to control, which writes it down.
      const destination = { host: isOwn ? bindHost : bind.host.slice(0, 255), port: bind.port }
      const session = scope ? { session: SessionId.parse(scope.id) } : {}
      const answer = await work.link.ask({ ask: 'forward', signIn, source, ...session, way: 'remote', destination })
      if (!scope || answer.state !== 'permitted' || !isOwn || (bind.port !== 0 && bind.port < lowestRemotePort)) return undefined
      const value = await scope.host.channels.globalRequest('tcpip-forward', forwardValue({ host: bindHost, port: bind.port }))
      if (value === undefined) return undefined
      const port = bind.port === 0 ? new WireReader(value).uint32() : bind.port
      this.#remote.set(port, bind.host)
      return bind.port === 0 ? wireUint32(port) : Buffer.alloc(0)
    } finally {
      this.#asking -= 1
    }
  }

  async #cancel(bind: { host: string; port: number }): Promise<Buffer | undefined> {
    if (!this.#remote.delete(bind.port)) return undefined
    const scope = await this.#parts.scope?.()
    return await scope?.host.channels.globalRequest('cancel-tcpip-forward', forwardValue({ host: bindHost, port: bind.port }))
  }

  #signal(): AbortSignal {
    return this.#parts.signal
  }
}

/** As OpenSSH says it: who may not is told so, and what failed on the way is told as it failed there. */
function refusalOf(cause: unknown): [reason: number, text: string] {
  if (!isFailure(cause)) return [OpenRefusal.connectFailed, 'the gateway failed at it']
  const { reason, said } = (cause as Failure).detail ?? {}
  if (cause.code === 'channel_refused')
    return [typeof reason === 'number' ? reason : OpenRefusal.connectFailed, typeof said === 'string' ? said : cause.message]
  const isForbidden = [
    'forward_refused',
    'forbidden',
    'not_granted',
    'asset_not_found',
    'address_not_allowed',
    'access_not_now',
    'second_factor_needed',
  ].includes(cause.code)
  return [isForbidden ? OpenRefusal.prohibited : OpenRefusal.connectFailed, cause.message]
}
