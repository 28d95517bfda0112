// What goes on from one door connection: forwarded connections under a session of their own, and hosts of ours that a client jumps to.
import { Failure, isFailure } from '#domain/failure.ts'
import { type GlobalReply, OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import { Acts } from '../../acts.ts'
import type { DoorConnection, Forwarding } from '../door-connection.ts'
import { ForwardScope } from './forward-scope.ts'
import { Forwards } from './forwards.ts'
import { type DoorFace, serveInner } from './inner-connection.ts'

/** Connections inside of one, and inside of those, all together: each is as much work and memory as one from outside, which are bounded too. */
const mostInside = 64

export class DoorForwarding implements Forwarding {
  readonly #connection: DoorConnection
  readonly #face: DoorFace
  readonly #inside: { count: number }
  readonly #forwards: Forwards
  readonly #over = new AbortController()
  #beginning: Promise<ForwardScope> | undefined
  #current: ForwardScope | undefined

  /** `inside`: shared by all that run inside of one connection. */
  constructor(connection: DoorConnection, face: DoorFace, inside: { count: number } = { count: 0 }) {
    this.#connection = connection
    this.#face = face
    this.#inside = inside
    const { work, signedIn, caller, channels, target } = connection
    this.#forwards = new Forwards({
      work,
      signIn: signedIn.signIn,
      source: caller.source,
      client: channels,
      scope: target ? () => this.#begun() : undefined,
      intercept: (request, asset, name) => this.#intercept(request, asset, name),
      signal: this.#over.signal,
    })
  }

  open(request: OpenRequest): void {
    const { opening } = request
    if (opening.type === 'direct-tcpip') this.#forwards.opened({ ...request, opening })
    else request.refuse(OpenRefusal.prohibited, 'not offered')
  }

  asked(name: string, value: Buffer, reply: GlobalReply | undefined): void {
    if (!this.#forwards.asked(name, value, reply)) reply?.(false)
  }

  hostOpened(request: OpenRequest, from: HostConnection): void {
    const { opening } = request
    if (opening.type === 'forwarded-tcpip') this.#forwards.hostOpened({ ...request, opening }, from)
    else request.refuse(OpenRefusal.prohibited, 'nobody asked for this')
  }

  close(): void {
    this.#over.abort(new Failure('client_left', 'The client is gone.'))
    this.#current?.end()
  }

  /** Whoever comes while it begins waits for the same one, and fails as it does. */
  async #begun(): Promise<ForwardScope> {
    if (this.#current && !this.#current.isOver) return this.#current
    this.#beginning ??= this.#begin().finally(() => (this.#beginning = undefined))
    return await this.#beginning
  }

  /** Counted as running from before its admission: the sign-in is over only after its end was told. */
  #begin(): Promise<ForwardScope> {
    const begins = Promise.withResolvers<ForwardScope>()
    void this.#connection.running(async () => {
      try {
        const scope = await this.#admitted()
        this.#current = scope
        if (this.#over.signal.aborted) scope.end()
        begins.resolve(scope)
        await scope.whenEnded
      } catch (cause) {
        begins.reject(cause)
      }
    })
    return begins.promise
  }

  async #admitted(): Promise<ForwardScope> {
    const { work, signedIn, caller, target, hosts, words } = this.#connection
    this.#over.signal.throwIfAborted()
    if (work.closing.aborted) throw new Failure('shutting_down', words.closing)
    if (!target) throw new Failure('forward_refused', words.noHostChosen)
    const account = target.account === undefined ? {} : { account: target.account }
    const admitted = await work.link.ask({
      ask: 'admit',
      signIn: signedIn.signIn,
      source: caller.source,
      to: { asset: target.asset },
      ...account,
      kind: 'forward',
      cols: 80,
      rows: 24,
      term: '',
    })
    if (admitted.state !== 'admitted') throw new Failure('forward_refused', words.whichAccount(target.asset, admitted.accounts.join(', ')))
    const { admission } = admitted
    const { session } = admission
    const { link, listeners } = work.opening
    // Nobody can be asked anything here: there is no terminal.
    const prompter = { ask: () => Promise.reject(new Failure('auth_failed', words.needsTerminal)) }
    return await ForwardScope.begin({
      admitted,
      acts: new Acts((from, told) => work.report({ report: 'acts', session, from, acts: told }), work.clock),
      clock: work.clock,
      liveSessions: work.liveSessions,
      connect: async (ended) => {
        const held = await hosts.hold({ admission, link, listeners, prompter, signal: AbortSignal.any([ended, this.#over.signal]) })
        if (!ended.aborted) void work.report({ report: 'began', session, at: work.clock.wallMs(), hostKey: held.connection.hostKey.fingerprint })
        return held
      },
      onEnded: ({ end, bytesIn, bytesOut }) => void work.report({ report: 'ended', session, end, bytesIn, bytesOut }),
    })
  }

  #intercept(request: OpenRequest, asset: string, name: string): void {
    const { work } = this.#connection
    if (work.closing.aborted) return request.refuse(OpenRefusal.prohibited, this.#connection.words.closing)
    if (this.#inside.count >= mostInside) return request.refuse(OpenRefusal.shortage, 'too many connections inside of one')
    this.#inside.count += 1
    void this.#connection.running(async () => {
      try {
        await serveInner(this.#connection, {
          request,
          goal: { asset, name },
          face: this.#face,
          forwarding: (connection) => new DoorForwarding(connection, this.#face, this.#inside),
          signal: this.#over.signal,
        })
      } catch (cause) {
        if (!isFailure(cause)) throw cause
        work.log.info({ failure: cause.code }, 'a connection inside of another ended before anybody signed in')
      } finally {
        this.#inside.count -= 1
      }
    })
  }
}
