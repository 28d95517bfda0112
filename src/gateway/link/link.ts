// The gateway's end of the link, `docs/protocol/link.md`: dials control, proves who it is, beats, asks, reports, and comes back for ever when it is cut. A lost link touches no live session.
import type { Logger } from 'pino'
import { WebSocket } from 'ws'
import { Failure, isFailure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Secret } from '#domain/secret.ts'
import {
  type AnswerOf,
  type Ask,
  beatEveryMs,
  type BeatSession,
  type BlockHeader,
  type DoorSettings,
  type EndsAt,
  FromControl,
  type FromGateway,
  type Keyframe,
  linkSubprotocol,
  maxLinkAnswerBytes,
  type MustEnd,
  type MustLeave,
  type Probe,
  type ProbeAnswer,
  type Report,
} from '#wire/link.ts'
import type { z } from 'zod'
import { Asks, controlAway } from './asks.ts'
import { type Identity, vouch } from './identity.ts'
import { LoadMeter } from './load.ts'
import { Outbox } from './outbox.ts'

/** In one HELLO or BEAT, so that it stays below 256 KiB: an entry has at most 200 bytes. More are told in further beats. */
const maxListed = 1000
/** From dialling to WELCOME. */
const welcomeWithinMs = 5000
/** Three beats without an answer: control is stuck or the line is dead, and a new one is dialled. */
const silentForMs = 3 * beatEveryMs
const firstRetryMs = 100
const longestRetryMs = 5000
const patienceMs = 10_000
const maxProbes = 64
/** Bytes that wait in the socket: behind more than this a screen for seeking is not put. */
const maxWaitingForKeyframe = 256 * 1024
const probeWithinMs = 30_000

export type LinkOptions = {
  /** Control's Unix socket. */
  socketPath: string
  identity: Identity
  name: string
  version: string
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Given by the supervisor of this machine. */
  localSecret?: Secret
  /** Every session that control may hold open for this gateway: opening, live, or read back from a journal and not yet reported. */
  sessions(): z.infer<typeof BeatSession>[]
  spoolBytes(): number
  /** Must be idempotent: it comes by push and again with every beat until the end is reported. */
  mustEnd(wish: MustEnd): void
  /** Idempotent likewise, until `watch-ended` is reported. The wish may come before the answer to its watcher's `redeem` was acted on. */
  mustLeave(wish: MustLeave): void
  /** When the permission of a session ends now: said when it moved, until a beat says the same. */
  endsAt(state: EndsAt): void
  /** Throws `Failure`. */
  probe(body: Probe, signal: AbortSignal): Promise<ProbeAnswer>
  log: Logger
}

type Welcome = Extract<FromControl, { type: 'welcome' }>
type Answered = Extract<z.infer<typeof FromGateway>, { type: 'probed' }>

export class Link {
  /** Called with each WELCOME, the first and those after a cut. */
  onUp: (() => void) | undefined
  /** Called with what control says of the settings, changed or not. */
  onSettings: ((settings: DoorSettings) => void) | undefined
  readonly #options: LinkOptions
  readonly #asks: Asks
  readonly #outbox: Outbox
  readonly #load = new LoadMeter()
  #lastId = 0
  #socket: WebSocket | undefined
  #welcome: Welcome | undefined
  #settings: DoorSettings = {}
  #retryMs = firstRetryMs
  #timer: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #heardAt = 0
  #closed = false
  #probes = new Set<AbortController>()
  #said = ''
  #wasUp = false
  readonly #began = performance.now()

  /** Dials at once. */
  constructor(options: LinkOptions) {
    this.#options = options
    const nextId = () => (this.#lastId = this.#lastId >= 0xffffffff ? 1 : this.#lastId + 1)
    this.#asks = new Asks(nextId)
    this.#outbox = new Outbox(nextId)
    this.#dial()
  }

  get isUp(): boolean {
    return this.#welcome !== undefined
  }
  get gatewayId(): GatewayId | undefined {
    return this.#welcome?.gateway
  }
  /** Authorises passing people's `/api` requests on; undefined while the link is down. */
  get apiToken(): string | undefined {
    return this.#welcome?.apiToken
  }
  /** As control last said; kept while the link is down. */
  get settings(): DoorSettings {
    return this.#settings
  }
  /** Reports and blocks not yet taken. */
  get unsettled(): number {
    return this.#outbox.size
  }

  /** Throws `Failure`: control's own, or `control_unreachable` at once without a link, when it is cut, or after 10 s. */
  ask<Name extends Ask['ask']>(body: Extract<Ask, { ask: Name }>, signal?: AbortSignal): Promise<AnswerOf<Name>> {
    return this.#asks.ask(body, signal)
  }

  /** Resolves when control has committed it, over as many links as it takes. Rejects with control's `Failure`, or when the link is closed for good. */
  report(body: Report): Promise<void> {
    return this.#outbox.report(body)
  }

  /** Resolves when the block is durable on the shelf. */
  sendBlock(header: BlockHeader, frame: Uint8Array): Promise<void> {
    return this.#outbox.block(header, frame)
  }

  /** Sends it, unless the link is away or slow: nobody waits for it. */
  keyframe(body: Keyframe): void {
    if (this.isUp && (this.#socket?.bufferedAmount ?? Infinity) < maxWaitingForKeyframe) this.#tell({ type: 'keyframe', body })
  }

  /** Hangs up and dials no more. What has not been taken stays in the journal. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#down()
    this.#outbox.close()
    this.#socket?.close(1000)
    this.#socket = undefined
    this.#load.close()
  }

  #dial(): void {
    const socket = new WebSocket(`ws+unix:${this.#options.socketPath}:/link`, [linkSubprotocol], {
      perMessageDeflate: false,
      maxPayload: maxLinkAnswerBytes,
      handshakeTimeout: welcomeWithinMs,
      skipUTF8Validation: false,
      // Masks keep proxies from misreading what browsers send; on a socket of this machine they would only cost a pass over each block at both ends.
      generateMask: (mask) => mask.fill(0),
    })
    this.#socket = socket
    const tooLong = setTimeout(() => socket.terminate(), welcomeWithinMs)
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.#socket !== socket) return
      const message = isBinary ? undefined : parse(data)
      if (!message) {
        this.#options.log.error({ bytes: data.length }, 'control sent what does not fit the link protocol')
        return socket.close(1008, 'message does not fit')
      }
      if (message.type === 'welcome') clearTimeout(tooLong)
      this.#hear(message, socket)
    })
    // `close` follows; the reason is said once, not at every retry.
    socket.on('error', (error) => this.#say(`the link to control is down: ${error.message}`))
    socket.on('close', (code) => {
      clearTimeout(tooLong)
      if (this.#socket !== socket) return
      if (this.isUp) this.#say(`the link to control was cut (${code})`)
      this.#down()
      this.#retry()
    })
  }

  #hear(message: FromControl, socket: WebSocket): void {
    this.#heardAt = performance.now()
    switch (message.type) {
      case 'challenge':
        return this.#hello(Buffer.from(message.nonce, 'base64'))
      case 'welcome':
        return this.#up(message, socket)
      case 'refused':
        this.#say(`control refuses this gateway (${message.state}): ${message.text}`)
        this.#retryMs = longestRetryMs
        return socket.close(1000)
      case 'beaten':
        this.#heardSettings(message.settings)
        this.#act(message)
        for (const state of message.endsAt ?? []) this.#options.endsAt(state)
        return
      case 'settings':
        return this.#heardSettings(message.settings)
      case 'answer':
        return this.#asks.answered(message.id, message.body, message.failure)
      case 'taken':
        for (const id of message.also ?? []) this.#outbox.taken(id, undefined)
        return this.#outbox.taken(message.id, message.failure)
      case 'push':
        this.#options.mustEnd(message.mustEnd)
        return this.#tell({ type: 'receipt', id: message.id })
      case 'push-leave':
        this.#options.mustLeave(message.mustLeave)
        return this.#tell({ type: 'receipt', id: message.id })
      case 'push-ends-at':
        this.#options.endsAt(message.endsAt)
        return this.#tell({ type: 'receipt', id: message.id })
      case 'probe':
        void this.#probe(message.id, message.body)
        return
      default:
        message satisfies never
    }
  }

  #hello(nonce: Buffer): void {
    const { identity, name, version, startedAt, localSecret } = this.#options
    this.#tell({
      type: 'hello',
      publicKey: identity.publicKey,
      signature: identity.signChallenge(nonce),
      name,
      version,
      startedAt,
      ...(localSecret ? { vouch: vouch(localSecret, nonce) } : {}),
      sessions: this.#options
        .sessions()
        .slice(0, maxListed)
        .map((session) => session.id),
    })
  }

  #up(welcome: Welcome, socket: WebSocket): void {
    if (this.isUp) return socket.close(1008, 'a second welcome')
    this.#welcome = welcome
    this.#heardSettings(welcome.settings)
    this.#retryMs = firstRetryMs
    this.#said = ''
    this.#wasUp = true
    this.#options.log.info({ id: welcome.gateway }, 'the link to control is up')
    this.#asks.attach((text) => socket.send(text))
    this.#outbox.attach((data) => socket.send(data))
    this.#tellBeat()
    this.#beat = setInterval(() => {
      if (performance.now() - this.#heardAt > silentForMs) return socket.terminate()
      this.#tellBeat()
    }, beatEveryMs)
    this.#act(welcome)
    this.onUp?.()
  }

  #heardSettings(settings: DoorSettings): void {
    this.#settings = settings
    this.onSettings?.(settings)
  }

  #act({ mustEnd, mustLeave }: Pick<Welcome, 'mustEnd' | 'mustLeave'>): void {
    for (const wish of mustEnd) this.#options.mustEnd(wish)
    for (const wish of mustLeave ?? []) this.#options.mustLeave(wish)
  }

  #down(): void {
    clearInterval(this.#beat)
    this.#welcome = undefined
    this.#asks.detach()
    this.#outbox.detach()
    for (const probe of this.#probes) probe.abort(controlAway())
    this.#probes.clear()
  }

  #retry(): void {
    if (this.#closed) return
    // Jitter of a half keeps gateways from dialling a restarted control in step.
    const delay = this.#retryMs * (0.5 + Math.random() / 2)
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
    this.#timer = setTimeout(() => this.#dial(), delay)
  }

  #tellBeat(): void {
    const sessions = this.#options.sessions()
    const load = { ...this.#load.take(), spoolBytes: this.#options.spoolBytes() }
    for (let at = 0; at === 0 || at < sessions.length; at += maxListed) this.#tell({ type: 'beat', sessions: sessions.slice(at, at + maxListed), load })
  }

  #tell(message: FromGateway): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  async #probe(id: number, body: Probe): Promise<void> {
    if (this.#probes.size >= maxProbes)
      return this.#tell({ type: 'probed', id, failure: { code: 'rate_limited', message: 'this gateway is running too many checks' } })
    const abort = new AbortController()
    this.#probes.add(abort)
    const timer = setTimeout(() => abort.abort(new Failure('host_timeout', 'The host did not come to an end within 30 seconds.')), probeWithinMs)
    const said: Answered = { type: 'probed', id }
    try {
      said.answer = await this.#options.probe(body, abort.signal)
    } catch (error) {
      if (!isFailure(error)) this.#options.log.error({ err: error }, 'a probe failed by a fault of this program')
      said.failure = isFailure(error)
        ? { code: error.code, message: error.message, ...(error.detail ? { detail: { ...error.detail } } : {}) }
        : { code: 'internal', message: 'the gateway failed to run the check' }
    }
    clearTimeout(timer)
    this.#probes.delete(abort)
    this.#tell(said)
  }

  #say(text: string): void {
    // Gateways and control start together: that control is not there yet is said when it has not come for 10 s.
    if (text === this.#said || this.#closed || (!this.#wasUp && performance.now() - this.#began < patienceMs)) return
    this.#said = text
    this.#options.log.warn(text)
  }
}

function parse(data: Buffer): FromControl | undefined {
  try {
    const parsed = FromControl.safeParse(JSON.parse(data.toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not JSON: the caller closes the link
  }
}
