// A gateway played by a test: the other end of a real link on a real Unix socket, written from docs/protocol/link.md and not from the product's own gateway.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { WebSocket } from 'ws'
import { encodeBlock, FromControl, linkSignaturePrefix, linkSubprotocol, type Ask, type BlockHeader, type FailureAnswer, type Report } from '#wire/link.ts'

type Message<Type extends FromControl['type']> = Extract<FromControl, { type: Type }>
export type Closed = { code: number; reason: string }
export const idleLoad = { cpu: 0.1, rssBytes: 1000, eventLoopDelayMs: 1, spoolBytes: 0 }

export class TestGateway {
  readonly key: KeyObject
  readonly publicKey: string
  readonly closed: Promise<Closed>
  readonly #socket: WebSocket
  readonly #heard: FromControl[] = []
  #wake = Promise.withResolvers<void>()
  #lastId = 0

  constructor(socketPath: string, keys = generateKeyPairSync('ed25519'), protocols: string[] = [linkSubprotocol]) {
    this.key = keys.privateKey
    this.publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    this.#socket = new WebSocket(`ws+unix:${socketPath}:/link`, protocols, { perMessageDeflate: false })
    this.closed = new Promise((resolve) => this.#socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })))
    // `close` follows with a code; a test awaits that.
    this.#socket.on('error', () => undefined)
    this.#socket.on('message', (data: Buffer) => {
      const message = FromControl.parse(JSON.parse(data.toString()))
      this.#heard.push(message)
      // One answer may speak of several blocks: each is waited for by itself.
      if (message.type === 'taken') for (const id of message.also ?? []) this.#heard.push({ type: 'taken', id })
      this.#wake.resolve()
      this.#wake = Promise.withResolvers<void>()
    })
  }

  /** The next message of the type that fits, taken out of what was heard. */
  async next<Type extends FromControl['type']>(type: Type, fits: (message: Message<Type>) => boolean = () => true): Promise<Message<Type>> {
    for (;;) {
      const at = this.#heard.findIndex((message) => message.type === type && fits(message as Message<Type>))
      if (at >= 0) return this.#heard.splice(at, 1)[0] as Message<Type>
      const woken = await Promise.race([this.#wake.promise, this.closed])
      if (woken) throw new Error(`the link was closed (${woken.code} ${woken.reason}) before ${type}`)
    }
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message))
  }

  async hello(localSecret: string | undefined, more: Record<string, unknown> = {}): Promise<void> {
    const { nonce } = await this.next('challenge')
    const bytes = Buffer.from(nonce, 'base64')
    const signature = sign(null, Buffer.concat([Buffer.from(linkSignaturePrefix), Buffer.of(0), bytes]), this.key).toString('base64')
    const vouch = localSecret === undefined ? {} : { vouch: createHmac('sha256', Buffer.from(localSecret, 'hex')).update(bytes).digest('base64') }
    this.send({ type: 'hello', publicKey: this.publicKey, signature, name: 'g1', version: '0.1.0', startedAt: 1000, sessions: [], ...vouch, ...more })
  }

  async join(localSecret: string, more: Record<string, unknown> = {}): Promise<Message<'welcome'>> {
    await this.hello(localSecret, more)
    return this.next('welcome')
  }

  /** The answer's body; a failure is returned as it came. */
  async ask(body: Ask): Promise<{ body?: unknown; failure?: FailureAnswer }> {
    const id = ++this.#lastId
    this.send({ type: 'ask', id, body })
    const answer = await this.next('answer', (message) => message.id === id)
    return { ...(answer.body === undefined ? {} : { body: answer.body }), ...(answer.failure ? { failure: answer.failure } : {}) }
  }

  async report(body: Report): Promise<FailureAnswer | undefined> {
    const id = ++this.#lastId
    this.send({ type: 'report', id, body })
    return (await this.next('taken', (message) => message.id === id)).failure
  }

  async block(header: BlockHeader, frame: Uint8Array): Promise<FailureAnswer | undefined> {
    const id = ++this.#lastId
    this.send(encodeBlock(id, header, frame))
    return (await this.next('taken', (message) => message.id === id)).failure
  }

  async beat(
    sessions: { id: string; bytesIn: number; bytesOut: number; idleMs: number; watchers?: number; away?: boolean; endsAt?: number }[] = [],
  ): Promise<Message<'beaten'>> {
    this.send({ type: 'beat', sessions, load: idleLoad })
    return this.next('beaten')
  }

  close(): void {
    this.#socket.terminate()
  }
}
