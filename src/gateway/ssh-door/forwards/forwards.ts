// Connections that an ssh client sends on (`-L`, `-D`, `-W`), and those that it has the host take for it (`-R`). Control is asked for each; RFC 4254 section 7.
import { Failure, type FailureCode, isFailure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { Channel } from '#ssh/channel.ts'
import type { Channels, GlobalReply, OpenRequest } from '#ssh/channels.ts'
import { OpenRefusal } from '#ssh/channels.ts'
import { readForward, type Way } from '#ssh/channel-wire.ts'
import { wireUint32 } from '#ssh/wire-reader.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import type { DoorWork } from '../door-work.ts'
import { joinChannels } from './joined-channels.ts'
import type { ForwardScope } from './forward-scope.ts'
import { bindHost, RemotePorts } from './remote-ports.ts'

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
  /** The client is gone. */
  signal: AbortSignal
}

type ForwardAct = Extract<SessionAct, { act: 'forward' }>
type Goal = Pick<ForwardAct, 'way' | 'host' | 'port'>
type WayOn = { to: 'host of ours'; asset: string; name: string } | { to: 'destination'; scope: ForwardScope; far: Channel }
/** What asks for a listener that the operator's side alone uses; `''` is what programs say that do not care (`GatewayPorts no` makes the same of it). */
const loopbackNames = new Set(['', 'localhost', '127.0.0.1', '::1'])
const lowestRemotePort = 1024
const openWithinMs = 20_000
const maxFailureChars = 300

export class Forwards {
  readonly #parts: ForwardsParts
  readonly #ports = new RemotePorts<ForwardScope>()

  constructor(parts: ForwardsParts) {
    this.#parts = parts
  }

  /** A `direct-tcpip` of the client. */
  opened(request: OpenRequest & { opening: Way }): void {
    this.#opened(request).catch((cause: unknown) => this.#parts.work.log.error({ err: cause }, 'a forwarded connection is given up by a fault of this program'))
  }

  /** True when the request was one of these. */
  asked(name: string, value: Buffer, reply: GlobalReply | undefined): boolean {
    if (name !== 'tcpip-forward' && name !== 'cancel-tcpip-forward') return false
    const bind = readForward(value)
    if (name === 'cancel-tcpip-forward') {
      reply?.(this.#ports.close(bind.port))
      return true
    }
    this.#listen(bind).then(
      (answer) => reply?.(answer !== undefined, answer),
      (cause: unknown) => {
        this.#parts.work.log.info({ failure: isFailure(cause) ? cause.code : 'internal' }, 'a listening port is refused')
        reply?.(false)
      },
    )
    return true
  }

  /** A `forwarded-tcpip` of the host. */
  hostOpened(request: OpenRequest & { opening: Way }, from: HostConnection): void {
    const { host, port, originHost, originPort } = { ...request.opening }
    const listening = this.#ports.at(port)
    if (!listening || listening.scope.isOver || listening.scope.host !== from) return request.refuse(OpenRefusal.prohibited, 'nobody asked for this port')
    const { asked, scope } = listening
    // What cannot be told to control does not happen, however fast the host goes on.
    if (scope.acts.isFull) return request.refuse(OpenRefusal.shortage, 'too many connections at once')
    const goal = { way: 'remote', host: originHost === '' ? host : originHost, port } as const
    const kind = { type: 'forwarded-tcpip', host: asked, port, originHost, originPort } as const
    const startedMs = this.#parts.work.clock.nowMs()
    this.#parts.client.open(kind, this.#until(scope), { withinMs: openWithinMs }).then(
      (operator) => this.#carry(goal, scope, startedMs, operator, request.accept()),
      (cause: unknown) => {
        const [reason, text] = refusalOf(cause)
        this.#told(scope, goal, startedMs, { outcome: 'failed', failure: text })
        request.refuse(reason, text)
      },
    )
  }

  async #opened(request: OpenRequest & { opening: Way }): Promise<void> {
    const { work, intercept } = this.#parts
    const startedMs = work.clock.nowMs()
    let on: WayOn
    try {
      on = await this.#wayOn(request.opening, startedMs)
    } catch (cause) {
      if (!isFailure(cause)) work.log.error({ err: cause }, 'a forwarded connection is given up by a fault of this program')
      return request.refuse(...refusalOf(cause))
    }
    if (on.to === 'host of ours') return intercept(request, on.asset, on.name)
    const { host, port } = request.opening
    this.#carry({ way: 'local', host, port }, on.scope, startedMs, request.accept(), on.far)
  }

  async #wayOn({ host, port, originHost, originPort }: Way, startedMs: number): Promise<WayOn> {
    const { work, signIn, source } = this.#parts
    // Without a session too: a host of ours may be meant, and what is refused is written down with where it was to go.
    let why: unknown
    const scope = await this.#parts.scope?.().catch((cause: unknown) => void (why = cause))
    const session = scope ? { session: SessionId.parse(scope.id) } : {}
    const answer = await work.link.ask({ ask: 'forward', signIn, source, way: 'local', destination: { host, port }, ...session }).catch((cause: unknown) => {
      throw why ?? cause
    })
    if (answer.state === 'intercept') return { to: 'host of ours', asset: answer.asset, name: answer.name }
    if (!scope) throw why ?? new Error('control permits what has no session')
    // What cannot be told to control does not happen.
    if (scope.acts.isFull) throw new Failure('channel_refused', 'too many connections at once', { detail: { reason: OpenRefusal.shortage } })
    try {
      const kind = { type: 'direct-tcpip', host, port, originHost, originPort } as const
      return { to: 'destination', scope, far: await scope.host.channels.open(kind, this.#until(scope), { withinMs: openWithinMs }) }
    } catch (cause) {
      this.#told(scope, { way: 'local', host, port }, startedMs, { outcome: 'failed', failure: refusalOf(cause)[1] })
      throw cause
    }
  }

  #carry(goal: Goal, scope: ForwardScope, startedMs: number, operator: Channel, host: Channel): void {
    const bytes = { input: 0, output: 0 }
    let letGo = () => {}
    const joined = joinChannels(operator, host, {
      carried: (way, count) => {
        bytes[way] += count
        scope.carried(way, count)
      },
      closed: () => {
        this.#told(scope, goal, startedMs, { outcome: 'done', bytesIn: bytes.input, bytesOut: bytes.output })
        letGo()
      },
    })
    letGo = scope.hold(joined)
    // The session may have ended while the channel was opened.
    if (scope.isOver) joined.destroy()
  }

  #told(
    scope: ForwardScope,
    goal: Goal,
    startedMs: number,
    more: Pick<ForwardAct, 'outcome' | 'failure'> & Partial<Pick<ForwardAct, 'bytesIn' | 'bytesOut'>>,
  ): void {
    const { clock } = this.#parts.work
    const ms = Math.max(0, Math.round(clock.nowMs() - startedMs))
    const failure = more.failure === undefined ? {} : { failure: more.failure.slice(0, maxFailureChars) }
    scope.acts.add({ act: 'forward', at: clock.wallMs(), ...goal, ms, bytesIn: 0, bytesOut: 0, ...more, ...failure })
  }

  /** The answer's value: the port when the host was to choose it (RFC 4254 section 7.1). Undefined: no. */
  async #listen(bind: { host: string; port: number }): Promise<Buffer | undefined> {
    const { work, signIn, source } = this.#parts
    if (this.#ports.isFull) return undefined
    let why: unknown
    const scope = await this.#parts.scope?.().catch((cause: unknown) => void (why = cause))
    const isOwn = loopbackNames.has(bind.host)
    // What is refused here too is told to control, which writes it down.
    const destination = { host: isOwn ? bindHost : bind.host, port: bind.port }
    const session = scope ? { session: SessionId.parse(scope.id) } : {}
    const answer = await work.link.ask({ ask: 'forward', signIn, source, ...session, way: 'remote', destination })
    if (!scope) throw why ?? new Error('control permits what has no session')
    if (answer.state !== 'permitted' || !isOwn || (bind.port !== 0 && bind.port < lowestRemotePort) || this.#ports.isFull) return undefined
    const port = await this.#ports.listen(scope, bind)
    if (port === undefined) return undefined
    return bind.port === 0 ? wireUint32(port) : Buffer.alloc(0)
  }

  #until(scope: ForwardScope): AbortSignal {
    return AbortSignal.any([this.#parts.signal, scope.signal])
  }
}

const forbidden: ReadonlySet<FailureCode> = new Set([
  'forward_refused',
  'forbidden',
  'not_granted',
  'asset_not_found',
  'account_not_found',
  'address_not_allowed',
  'access_not_now',
  'reason_required',
  'second_factor_needed',
  'unauthenticated',
])

/** As OpenSSH says it: who may not is told so, and what failed on the way is told as it failed there. */
function refusalOf(cause: unknown): [reason: number, text: string] {
  if (!isFailure(cause)) return [OpenRefusal.connectFailed, cause instanceof DOMException ? 'the session is over' : 'the gateway failed at it']
  const { reason, said } = cause.detail ?? {}
  if (cause.code === 'channel_refused')
    return [typeof reason === 'number' ? reason : OpenRefusal.connectFailed, typeof said === 'string' ? said : cause.message]
  return [forbidden.has(cause.code) ? OpenRefusal.prohibited : OpenRefusal.connectFailed, cause.message]
}
