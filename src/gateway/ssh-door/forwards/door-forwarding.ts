// What goes on from one door connection: forwarded connections under a session of their own, and hosts of ours that a client jumps to.
import { Failure, isFailure } from '#domain/failure.ts'
import { type GlobalReply, OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import { Acts } from '../acts.ts'
import type { DoorConnection, Forwarding } from '../door-connection.ts'
import { ForwardScope } from './forward-scope.ts'
import { Forwards } from './forwards.ts'
import { type DoorFace, serveInner } from './inner-connection.ts'

export class DoorForwarding implements Forwarding {
  readonly #connection: DoorConnection
  readonly #face: DoorFace
  readonly #forwards: Forwards
  readonly #over = new AbortController()
  #scope: Promise<ForwardScope> | undefined
  #current: ForwardScope | undefined

  constructor(connection: DoorConnection, face: DoorFace) {
    this.#connection = connection
    this.#face = face
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

  hostOpened(request: OpenRequest): void {
    const { opening } = request
    if (opening.type === 'forwarded-tcpip' && this.#current) this.#forwards.hostOpened({ ...request, opening }, this.#current)
    else request.refuse(OpenRefusal.prohibited, 'nobody asked for this')
  }

  close(): void {
    this.#over.abort(new Failure('client_left', 'The client is gone.'))
    this.#current?.end()
  }

  async #begun(): Promise<ForwardScope> {
    const known = await this.#scope?.catch(() => undefined)
    if (known && !known.isOver) return known
    // Another that waited with us may have begun the next one.
    const waiting = this.#scope
    if (waiting && (await waiting.catch(() => undefined)) !== known) return await waiting
    const begins = this.#begin()
    this.#scope = begins
    return await begins
  }

  async #begin(): Promise<ForwardScope> {
    const { work, signedIn, caller, target, hosts, words } = this.#connection
    if (!target) throw new Failure('forward_refused', 'No host was chosen.')
    const to = { asset: target.asset }
    const account = target.account === undefined ? {} : { account: target.account }
    const admitted = await work.link.ask({
      ask: 'admit',
      signIn: signedIn.signIn,
      source: caller.source,
      to,
      ...account,
      kind: 'forward',
      cols: 80,
      rows: 24,
      term: '',
    })
    if (admitted.state !== 'admitted') throw new Failure('forward_refused', words.whichAccount(target.asset, admitted.accounts.join(', ')))
    const { admission } = admitted
    const { session } = admission
    const acts = new Acts((from, told) => work.report({ report: 'acts', session, from, acts: told }), work.clock)
    const { link, listeners } = work.opening
    // Nobody can be asked anything here: there is no terminal.
    const prompter = { ask: () => Promise.reject(new Failure('auth_failed', words.needsTerminal)) }
    let release = () => {}
    const scope = await ForwardScope.begin({
      admitted,
      acts,
      clock: work.clock,
      liveSessions: work.liveSessions,
      connect: async (signal) => {
        const held = await hosts.hold({ admission, link, listeners, prompter, signal })
        release = held.release
        void work.report({ report: 'began', session, at: work.clock.wallMs(), hostKey: held.connection.hostKey.fingerprint })
        return held.connection
      },
      onEnded: ({ end, bytesIn, bytesOut }) => {
        release()
        void work.report({ report: 'ended', session, end, bytesIn, bytesOut })
      },
    })
    if (this.#over.signal.aborted) {
      scope.end()
      throw new Failure('client_left', 'The client is gone.')
    }
    this.#current = scope
    void this.#connection.running(() => scope.whenEnded)
    return scope
  }

  #intercept(request: OpenRequest, asset: string, name: string): void {
    void this.#connection.running(async () => {
      try {
        await serveInner(this.#connection, {
          request,
          goal: { asset, name },
          face: this.#face,
          forwarding: (connection) => new DoorForwarding(connection, this.#face),
          signal: this.#over.signal,
        })
      } catch (cause) {
        if (!isFailure(cause)) throw cause
        this.#connection.work.log.info({ failure: cause.code }, 'a connection inside of another ended before anybody signed in')
      }
    })
  }
}
