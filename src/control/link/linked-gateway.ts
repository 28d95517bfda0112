// Control's end of one link: challenge, hello, welcome, then messages until it closes. Parses everything; decides nothing itself.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { RawData, WebSocket } from 'ws'
import { Failure, isFailure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import type { ShelfBlock } from '#recording/shelf.ts'
import {
  decodeBlock,
  FromGateway,
  maxLinkTextBytes,
  type DoorSettings,
  type FailureAnswer,
  type FromControl,
  type Keyframe,
  type Probe,
  type ProbeAnswer,
} from '#wire/link.ts'
import { makeNonce, provesKey, provesMachine } from './identity.ts'
import { InOrder } from './in-order.ts'
import type { LinkWork, Wish } from './link-work.ts'
import { Waiting } from './waiting.ts'

/** The gateway signs at once; more time only serves those who hold connections open. */
export const helloWithinMs = 5_000
/** Equal to the time after which a gateway counts as lost: nine beats. */
export const silentAfterMs = 45_000
/** Answers that a gateway does not read; past it the link is cut and everything is told again. */
const maxUnreadBytes = 4 * 1024 * 1024
const receiptWithinMs = 10_000
const maxPushesWaiting = 1_000

/** Close codes: 4400 the message was wrong, 4401 not accepted, 4001 a newer link took over, 1001 control stops, 1013 control could not commit: dial again. */
export type CloseCode = 4400 | 4401 | 4001 | 1001 | 1013

type GivenBlock = ShelfBlock & { id: number }

export class LinkedGateway {
  readonly #socket: WebSocket
  readonly #work: LinkWork
  readonly #nonce = makeNonce()
  readonly #token = randomBytes(32).toString('base64url')
  readonly #tokenHash = createHash('sha256').update(this.#token).digest()
  readonly #inOrder: InOrder
  /** Ends waits between tries: what was not committed is told again on the next link. */
  readonly #ending = new AbortController()
  readonly #pushes = new Waiting<void>(maxPushesWaiting)
  readonly #probes = new Waiting<ProbeAnswer>(64)
  #quiet: NodeJS.Timeout
  #stage: 'challenged' | 'judging' | 'linked' | 'closed' = 'challenged'
  #gateway: GatewayId | undefined
  readonly #onWelcome: (link: LinkedGateway) => void

  /** `onWelcome` is called once, when the gateway is accepted and before WELCOME is sent. */
  constructor(socket: WebSocket, work: LinkWork, onWelcome: (link: LinkedGateway) => void) {
    this.#socket = socket
    this.#work = work
    this.#onWelcome = onWelcome
    this.#inOrder = new InOrder(
      () => socket.pause(),
      () => socket.resume(),
    )
    this.#quiet = setTimeout(() => this.#onQuiet(), helloWithinMs)
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('error', (error) => this.#onError(error))
    socket.on('close', () => this.#onClosed())
    this.#send({ type: 'challenge', nonce: this.#nonce.toString('base64') })
  }

  /** Set once the gateway was accepted. */
  get gateway(): GatewayId | undefined {
    return this.#gateway
  }
  get isLive(): boolean {
    return this.#stage === 'linked'
  }

  /** Compares hashes, so that neither length nor content shows in the time it takes. */
  hasToken(token: string): boolean {
    return this.isLive && timingSafeEqual(createHash('sha256').update(token).digest(), this.#tokenHash)
  }

  /** Tells the gateway to end a session, to send a watcher away, or when a session's permission ends; false when no receipt came within 10 s. The wish stands in the row and is repeated with every beat, so nothing depends on it. */
  async push(wish: Wish): Promise<boolean> {
    try {
      await this.#pushes.open(receiptWithinMs, undefined, (id) => this.#send(pushOf(id, wish)))
      return true
    } catch (error) {
      if (isFailure(error)) return false
      throw error
    }
  }

  /** Sooner than its next beat, which says the same. */
  tellSettings(settings: DoorSettings): void {
    if (this.isLive) this.#send({ type: 'settings', settings })
  }

  /** Throws the gateway's own failure, `gateway_unavailable` when the link goes or `timeoutMs` pass, `rate_limited` when 64 are waiting, and the signal's reason. */
  probe(body: Probe, timeoutMs: number, signal?: AbortSignal): Promise<ProbeAnswer> {
    return this.#probes.open(timeoutMs, signal, (id) => this.#send({ type: 'probe', id, body }))
  }

  close(code: CloseCode, why: string): void {
    if (this.#stage === 'closed') return
    this.#stage = 'closed'
    this.#ending.abort()
    this.#socket.close(code, why.slice(0, 100))
    // A peer that does not answer the close is cut.
    setTimeout(() => this.#socket.terminate(), 1_000).unref()
  }

  /** All that had been received is committed. */
  settled(): Promise<void> {
    return this.#inOrder.settled()
  }

  #onQuiet(): void {
    if (this.#stage === 'linked') this.#work.log('warn', 'link.silent', { gateway: this.#gateway })
    else this.#refuse('no hello within 5 s')
    this.close(4400, 'silent')
    this.#socket.terminate()
  }

  /** ws itself closes on oversize, bad UTF-8 and bad framing, and says so here; a line that broke is no offence. */
  #onError(error: Error): void {
    if ('code' in error && String(error.code).startsWith('WS_ERR_')) return this.#refuse(error.message)
    this.#work.log('info', 'link.broke', { gateway: this.#gateway, error })
  }

  #onClosed(): void {
    this.#stage = 'closed'
    this.#ending.abort()
    clearTimeout(this.#quiet)
    const gone = new Failure('gateway_unavailable', 'The gateway has gone. Try again in a moment.')
    this.#pushes.failAll(gone)
    this.#probes.failAll(gone)
  }

  #send(message: FromControl): void {
    if (this.#stage === 'closed' || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > maxUnreadBytes) {
      this.#work.log('warn', 'link.unread', { gateway: this.#gateway })
      this.#socket.terminate()
      return
    }
    this.#socket.send(JSON.stringify(message))
  }

  /** What the gateway sent is wrong: nothing of it is done, the link closes, the ledger says why. */
  #refuse(why: string, code: CloseCode = 4400): void {
    if (this.#stage === 'closed') return
    this.#work.refused(this.#gateway, why)
    this.close(code, why)
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#stage === 'closed') return
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
    if (isBinary) return this.#onBlock(bytes)
    if (bytes.length > maxLinkTextBytes) return this.#refuse(`a text message of ${bytes.length} bytes`)
    const message = parse(bytes)
    if (!message) return this.#refuse('a message that fits no schema')
    if (this.#stage === 'challenged') {
      if (message.type !== 'hello') return this.#refuse(`${message.type} before hello`)
      this.#stage = 'judging'
      this.#inOrder.run('hello', bytes.length, () => this.#judge(message))
      return
    }
    // Between hello and welcome the gateway has nothing to say; after it a second hello would be another identity on the same link.
    if (this.#stage === 'judging' || message.type === 'hello' || !this.#gateway) return this.#refuse(`${message.type} out of turn`)
    this.#quiet.refresh()
    this.#dispatch(this.#gateway, message, bytes.length)
  }

  async #judge(hello: Extract<FromGateway, { type: 'hello' }>): Promise<void> {
    if (!provesKey(this.#nonce, hello.publicKey, hello.signature)) return this.#refuse('the signature does not fit the key', 4401)
    try {
      const verdict = await this.#work.hello(hello, provesMachine(this.#nonce, hello.vouch, this.#work.localSecret))
      if (this.#stage !== 'judging') return
      if (verdict.state !== 'accepted') {
        this.#send({ type: 'refused', state: verdict.state, text: verdict.text })
        return this.#refuse(verdict.text, 4401)
      }
      this.#gateway = verdict.gateway
      const { mustEnd, mustLeave, settings } = verdict
      this.#stage = 'linked'
      this.#onWelcome(this)
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#onQuiet(), silentAfterMs)
      this.#send({ type: 'welcome', gateway: verdict.gateway, apiToken: this.#token, mustEnd, mustLeave, settings })
    } catch (error) {
      this.#work.log('error', 'link.hello_failed', { error })
      this.close(1013, 'control could not read its database')
    }
  }

  #dispatch(gateway: GatewayId, message: Exclude<FromGateway, { type: 'hello' }>, bytes: number): void {
    switch (message.type) {
      case 'beat':
        return this.#inOrder.run('beat', bytes, () =>
          this.#commit('beat', async () => this.#send({ type: 'beaten', ...(await this.#work.beat(gateway, message)) })),
        )
      case 'ask':
        return this.#inOrder.run(`ask:${message.id}`, bytes, async () => {
          try {
            this.#send({ type: 'answer', id: message.id, body: await this.#work.answer(gateway, message.body) })
          } catch (error) {
            this.#send({ type: 'answer', id: message.id, failure: this.#failure(error) })
          }
        })
      case 'report':
        return this.#inOrder.run(message.body.report === 'signed-out' ? `signed-out:${message.body.signIn}` : message.body.session, bytes, () =>
          this.#take(message.id, () => this.#work.report(gateway, message.body)),
        )
      case 'keyframe':
        // Not behind the blocks of its session: those must not wait for it.
        return this.#inOrder.run(`keyframe:${message.body.session}`, bytes, () => this.#keep(gateway, message.body))
      case 'receipt':
        return this.#pushes.settle(message.id, undefined)
      case 'probed':
        if (message.answer) return this.#probes.settle(message.id, message.answer)
        return this.#probes.fail(message.id, asFailure(message.failure))
    }
  }

  /** A screen that cannot be kept is no loss. */
  async #keep(gateway: GatewayId, keyframe: Keyframe): Promise<void> {
    try {
      await this.#work.keyframe(gateway, keyframe)
    } catch (error) {
      if (!isFailure(error)) this.#work.log('warn', 'link.keyframe_dropped', { gateway, error })
    }
  }

  #onBlock(bytes: Uint8Array): void {
    if (this.#stage !== 'linked' || !this.#gateway) return this.#refuse('a block before hello')
    const gateway = this.#gateway
    const block = decodeBlock(bytes)
    if (!block) return this.#refuse('a binary message that is no block')
    this.#quiet.refresh()
    this.#inOrder.gather(block.header.session, bytes.length, block, (blocks) => this.#takeBlocks(gateway, blocks))
  }

  /** Blocks of one session that follow each other are committed together; when one is refused, each is answered by itself. */
  async #takeBlocks(gateway: GatewayId, blocks: readonly GivenBlock[]): Promise<void> {
    let isRefused = blocks.length === 1
    if (!isRefused)
      await this.#commit('blocks', async () => {
        try {
          await this.#persist(() => this.#work.blocks(gateway, blocks))
          const [id = 0, ...also] = blocks.map((block) => block.id)
          this.#send({ type: 'taken', id, also })
        } catch (error) {
          if (!isFinal(error)) throw error
          isRefused = true
        }
      })
    if (isRefused) for (const block of blocks) await this.#take(block.id, () => this.#work.blocks(gateway, [block]))
  }

  /** Commits, then says taken. A refusal is final and said. A fault (database locked, disk full) is not: it is tried again, then the link is cut and the gateway tells again. */
  #take(id: number, work: () => Promise<void>): Promise<void> {
    return this.#commit('report', async () => {
      try {
        await this.#persist(work)
        this.#send({ type: 'taken', id })
      } catch (error) {
        if (!isFinal(error)) throw error
        this.#send({ type: 'taken', id, failure: this.#failure(error) })
      }
    })
  }

  async #persist(work: () => Promise<void>): Promise<void> {
    for (const waitMs of this.#work.retryAfterMs) {
      try {
        return await work()
      } catch (error) {
        if (isFinal(error) || this.#stage === 'closed') throw error
        this.#work.log('warn', 'link.commit_retried', { gateway: this.#gateway, waitMs, error })
        await pause(waitMs, undefined, { signal: this.#ending.signal })
      }
    }
    await work()
  }

  async #commit(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#ending.signal.aborted) return
      this.#work.log('error', 'link.commit_failed', { what, gateway: this.#gateway, error })
      this.close(1013, 'control could not commit')
    }
  }

  #failure(error: unknown): FailureAnswer {
    if (isFailure(error)) return { code: error.code, message: error.message, ...(error.detail ? { detail: { ...error.detail } } : {}) }
    this.#work.log('error', 'link.ask_failed', { gateway: this.#gateway, error })
    return { code: 'internal', message: 'Something went wrong in control; its log says what.' }
  }
}

function pushOf(id: number, wish: Wish): FromControl {
  if ('watch' in wish) return { type: 'push-leave', id, mustLeave: wish }
  return 'endsAt' in wish ? { type: 'push-ends-at', id, endsAt: wish } : { type: 'push', id, mustEnd: wish }
}

/** A refusal that the same words will meet again; a full disk and a busy database pass. */
const isFinal = (error: unknown) => isFailure(error) && error.code !== 'disk_full' && error.code !== 'rate_limited'

function parse(bytes: Uint8Array): FromGateway | undefined {
  try {
    const parsed = FromGateway.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not UTF-8 or not JSON: the caller closes the link
  }
}

function asFailure(failure: FailureAnswer | undefined): Failure {
  if (!failure) return new Failure('internal', 'The gateway gave no answer.')
  return new Failure(failure.code, failure.message, failure.detail ? { detail: failure.detail } : {})
}
