// The way out: connections that arrived here and are for a session of another gateway on this machine are carried to it, unread behind the upgrade. Control is not asked.
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { markOf, type SessionId } from '#domain/id.ts'
import { type DoorRefusal, refuseUpgrade } from '../browser-door/refuse.ts'
import type { Source } from '../browser-door/source-address.ts'
import { relaySocketPath } from './relay-path.ts'
import { writeUpgrade } from './upgrade-request.ts'

/** Two descriptors each, of the door's 4,096 connections. */
const usualMost = 2000
const usualAnswerWithinMs = 5000
/** One side has said its last word: the other has this long to take the rest and say its own. */
const usualLingerMs = 10_000
/** A client takes nothing though there is something to take. The session's gateway hangs up sooner, but as long as the client does not read that is not seen here. */
const usualStalledMs = 60_000

const unreachable: DoorRefusal = {
  status: 503,
  code: 'gateway_unavailable',
  message: 'The gateway that holds this session cannot be reached. Try again in a moment.',
  retryAfterSeconds: 2,
}
const full: DoorRefusal = { ...unreachable, message: 'This gateway passes on no more connections now. Try again in a moment.' }
const notPlain: DoorRefusal = { status: 400, code: 'bad_request', message: 'The request for a WebSocket must be a GET without a body.' }

export type RelaysOptions = {
  /** 0700, the gateways' alone; each has its socket there. */
  folder: string
  /** Of the gateway that this is; undefined until control has said who it is. */
  ownMark(): string | undefined
  log: Logger
  /** For tests: how many at once, how long a gateway may take to answer, how long one side may outlive the other, how long a client may take nothing. */
  most?: number
  answerWithinMs?: number
  lingerMs?: number
  stalledMs?: number
}
export type Arrived = { request: IncomingMessage; socket: Duplex; head: Buffer; session: SessionId; source: Source }

export class Relays {
  readonly #options: RelaysOptions
  /** Cuts both sides. */
  readonly #cuts = new Set<() => void>()

  /** Throws in words when the folder's path is too long for sockets. */
  constructor(options: RelaysOptions) {
    this.#options = options
    relaySocketPath(options.folder, 'abcdefgh')
  }

  /** How many are carried now. */
  get size(): number {
    return this.#cuts.size
  }

  /** Whether the session names another gateway than this one. */
  isElsewhere(session: SessionId): boolean {
    const mark = markOf(session)
    return mark !== undefined && mark !== this.#options.ownMark()
  }

  /** Carries a judged upgrade to the session's gateway, or refuses it: 503 `gateway_unavailable` when that one does not answer in 5 s or too many are carried. `answered` is called once, when it is known which. */
  carry(arrived: Arrived, answered: () => void): void {
    const { request, socket, head, session, source } = arrived
    const mark = markOf(session)
    const first = writeUpgrade(request, session, source)
    const refusal = mark === undefined ? unreachable : first === undefined ? notPlain : this.size >= (this.#options.most ?? usualMost) ? full : undefined
    if (mark === undefined || first === undefined || refusal) {
      answered()
      return refuseUpgrade(socket, refusal ?? unreachable, source.secure)
    }
    const onward = connect({ path: relaySocketPath(this.#options.folder, mark), allowHalfOpen: true })
    const cut = () => {
      onward.destroy()
      socket.destroy()
    }
    this.#cuts.add(cut)
    let waiting = true
    const heard = () => {
      if (waiting) answered()
      waiting = false
      clearTimeout(timer)
    }
    const refuse = () => {
      if (!waiting) return
      heard()
      onward.destroy()
      refuseUpgrade(socket, unreachable, source.secure)
    }
    const timer = setTimeout(refuse, this.#options.answerWithinMs ?? usualAnswerWithinMs)
    // `close` follows.
    onward.on('error', () => undefined)
    onward.once('connect', () => onward.write(head.length > 0 ? Buffer.concat([first, head]) : first))
    onward.once('data', (answer: Buffer) => {
      heard()
      request.socket.setTimeout(this.#options.stalledMs ?? usualStalledMs, () => {
        if (socket.writableLength > 0) cut()
      })
      request.socket.setNoDelay(true)
      this.#options.log.debug({ session, source: source.address }, 'a connection is relayed to the gateway of its session')
      socket.write(answer)
      join(socket, onward, this.#options.lingerMs ?? usualLingerMs)
    })
    // Before an answer, that gateway was not there or has died.
    onward.once('end', refuse)
    onward.once('close', () => {
      this.#cuts.delete(cut)
      refuse()
    })
    socket.once('close', () => {
      if (waiting) onward.destroy()
    })
  }

  /** Resolves when all have ended by themselves; those that have not within `withinMs` are cut. */
  async drain(withinMs: number): Promise<void> {
    for (const until = performance.now() + withinMs; this.size > 0 && performance.now() < until;) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const cut of this.#cuts) cut()
  }
}

/** Pipes both ways, each with its own back-pressure and its own end; what breaks on one side breaks the other. */
function join(one: Duplex, other: Socket, lingerMs: number): void {
  one.pipe(other)
  other.pipe(one)
  let timer: NodeJS.Timeout | undefined
  const linger = () => {
    timer ??= setTimeout(() => {
      one.destroy()
      other.destroy()
    }, lingerMs)
  }
  const closed = (gone: Duplex, left: Duplex) => {
    // Ended in order, the one that is left still has bytes to give away.
    if (!gone.readableEnded || !gone.writableFinished) left.destroy()
    if (left.closed) clearTimeout(timer)
    else linger()
  }
  one.once('end', linger).once('close', () => closed(one, other))
  other.once('end', linger).once('close', () => closed(other, one))
}
