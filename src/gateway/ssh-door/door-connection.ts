// One signed-in connection of an ssh client: who it is, where it goes, and what runs on its channels. Every channel is admitted by control on its own.
import { Failure, isFailure } from '#domain/failure.ts'
import { Channels, type GlobalReply, OpenRefusal, type OpenRequest } from '#ssh/channels.ts'
import type { ServerTransport } from '#ssh/server-transport.ts'
import type { DoorAdmitted } from '#wire/door.ts'
import type { Channel } from '#ssh/channel.ts'
import type { HostConnection } from '../far/host-connection.ts'
import { HostConnections } from '../far/host-connections.ts'
import { admit, type Target } from './admit.ts'
import { AgentForwarding, type AgentLoan } from './forwards/agent-forwarding.ts'
import type { SignedIn } from './door-sign-in.ts'
import { type DoorWords, wordsFor } from './door-words.ts'
import type { Caller, DoorWork } from './door-work.ts'
import { runPassage } from './run-passage.ts'
import { type Run, SessionChannel } from './session-channel.ts'
import { runTerminalSession } from './terminal-session.ts'

export type Admitted = Extract<DoorAdmitted, { state: 'admitted' }>
/** Connections that go on from here; made once for each door connection. */
export interface Forwarding {
  /** `direct-tcpip`. */
  open(request: OpenRequest): void
  /** `tcpip-forward`, `cancel-tcpip-forward`. */
  asked(name: string, value: Buffer, reply: GlobalReply | undefined): void
  /** The host opens a channel to the client. */
  hostOpened(request: OpenRequest, from: HostConnection): void
  close(): void
}

export type DoorConnectionParts = {
  transport: ServerTransport
  work: DoorWork
  caller: Caller
  signedIn: SignedIn
  /** As the user name said; undefined: to be chosen. */
  target: Target | undefined
  /** The connection that this one runs inside of: the sign-in is that one's. */
  outer?: DoorConnection
  forwarding?: ((connection: DoorConnection) => Forwarding) | undefined
  /** The connection is over, and so are its sessions. */
  over: () => void
}

export class DoorConnection {
  readonly work: DoorWork
  readonly caller: Caller
  readonly signedIn: SignedIn
  readonly words: DoorWords
  /** What the user name says; undefined: to be chosen. */
  readonly target: Target | undefined
  /** How many connections this one runs inside of. */
  readonly depth: number
  readonly hosts: HostConnections
  readonly channels: Channels
  readonly #transport: ServerTransport
  readonly #forwarding: Forwarding | undefined
  readonly #over: () => void
  readonly #isInner: boolean
  readonly #gone = new AbortController()
  readonly #agent: AgentForwarding
  /** What runs, to its very end. */
  #running = 0
  #isClosed = false
  #isOver = false

  /** To be made in the turn in which the client signed in. */
  constructor({ transport, work, caller, signedIn, target, outer, forwarding, over }: DoorConnectionParts) {
    this.work = work
    this.caller = caller
    this.signedIn = signedIn
    this.words = wordsFor(signedIn.language)
    this.target = target
    this.depth = outer ? outer.depth + 1 : 0
    this.#isInner = outer !== undefined
    this.hosts = new HostConnections((request, from) => this.#hostOpened(request, from))
    this.#transport = transport
    this.#over = over
    this.channels = new Channels(transport)
    this.channels.onOpen = (request) => this.#open(request)
    this.channels.onGlobalRequest = (name, value, reply) => {
      const isForward = name === 'tcpip-forward' || name === 'cancel-tcpip-forward'
      if (isForward && this.#forwarding) this.#forwarding.asked(name, value, reply)
      else reply?.(false)
    }
    this.channels.onClosed = () => this.#closed()
    this.#agent = new AgentForwarding(this.channels, work.clock, this.#gone.signal)
    this.#forwarding = forwarding?.(this)
  }

  /** The client said goodbye or broke the protocol, or the door is closing; otherwise its line is lost. */
  get hasLeft(): boolean {
    const { gone } = this.#transport
    return !gone.aborted || !isFailure(gone.reason) || gone.reason.code !== 'client_lost'
  }

  /** Counted as long as it runs: the sign-in is over only with the last of it. What it throws is logged, and costs nobody else anything. */
  async running(act: () => Promise<void>): Promise<void> {
    this.#running += 1
    try {
      await act()
    } catch (error) {
      this.work.log.error({ err: error }, 'what runs for an ssh client is given up by a fault of this program')
    } finally {
      this.#running -= 1
      this.#endWhenOver()
    }
  }

  /** The client asked for its agent to be forwarded, and may: the host is told, and may ask it until what this returns is called. */
  lendAgent(far: Channel, loan: AgentLoan): () => void {
    void far.request('auth-agent-req@openssh.com', undefined, false)
    return this.#agent.lend(loan)
  }

  #hostOpened(request: OpenRequest, from: HostConnection): void {
    if (request.opening.type === 'auth-agent@openssh.com') this.#agent.hostOpened(request, from)
    else if (this.#forwarding) this.#forwarding.hostOpened(request, from)
    else request.refuse(OpenRefusal.prohibited, 'not offered')
  }

  #open(request: OpenRequest): void {
    const { opening } = request
    if (opening.type === 'session') {
      const channel = new SessionChannel(request.accept())
      channel.onRun = (run) => void this.running(() => this.#run(channel, run))
      return
    }
    if (opening.type === 'direct-tcpip' && this.#forwarding) return this.#forwarding.open(request)
    const name = opening.type === 'other' ? opening.name : opening.type
    this.work.log.info({ signIn: this.signedIn.signIn.slice(0, 8), channel: name.slice(0, 64) }, 'a kind of channel was refused')
    if (opening.type === 'other') request.refuse(OpenRefusal.unknownType, 'not offered')
    else request.refuse(OpenRefusal.prohibited, 'not offered')
  }

  async #run(channel: SessionChannel, run: Run): Promise<void> {
    try {
      if (this.work.closing.aborted) throw new Failure('shutting_down', this.words.closing)
      const admitted = await admit(this, channel, run)
      if (!admitted) return
      if (channel.wantsAgent && !admitted.forwardAgent) channel.drop('request', 'auth-agent-req@openssh.com')
      if (channel.pty && run.kind !== 'sftp') {
        const { work, hosts, words } = this
        const lendAgent = channel.wantsAgent && admitted.forwardAgent ? this.lendAgent.bind(this) : undefined
        return await runTerminalSession({ work, channel, run, admission: admitted.admission, hosts, words, lendAgent, hasLeft: () => this.hasLeft })
      }
      await runPassage(this, channel, run, admitted)
    } catch (cause) {
      if (isFailure(cause)) return channel.refuse(`[Sallyport] ${this.#wordsOf(cause)}`)
      channel.refuse(`[Sallyport] ${this.words.fault}`)
      throw cause
    }
  }

  #wordsOf(cause: Failure): string {
    return cause.code === 'reason_required' ? this.words.reasonWanted : cause.message
  }

  #closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#gone.abort()
    this.#forwarding?.close()
    this.hosts.close()
    this.#endWhenOver()
  }

  #endWhenOver(): void {
    if (!this.#isClosed || this.#running > 0 || this.#isOver) return
    this.#isOver = true
    if (!this.#isInner) void this.work.report({ report: 'signed-out', signIn: this.signedIn.signIn, at: this.work.clock.wallMs() })
    this.#over()
  }
}
