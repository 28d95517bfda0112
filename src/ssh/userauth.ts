// Signing in as a client, RFC 4252 and RFC 4256, one attempt at a time.
import { Failure } from '#domain/failure.ts'
import type { ClientTransport } from './client-transport.ts'
import type { ServerPrompt } from './library.ts'
import { blobType } from './private-key.ts'

/** `methods` that may still be tried; `isPartial`: the attempt was right and another is wanted. */
export type AuthOutcome = { accepted: true } | { accepted: false; methods: readonly string[]; isPartial: boolean }
export type KeyboardRequest = { name: string; instructions: string; prompts: readonly ServerPrompt[] }

// A host may ask that often within one keyboard-interactive attempt; OpenSSH with PAM asks once or twice.
const maxRounds = 10
const maxPromptsPerRound = 10
// PAM modules delay and ask directory servers before they answer.
const verdictWithinMs = 30_000

export class Userauth {
  readonly #transport: ClientTransport
  readonly #username: string
  #settle: ((outcome: AuthOutcome) => void) | undefined
  #ask: ((request: KeyboardRequest) => void) | undefined
  #isServiceOpen = false

  constructor(transport: ClientTransport, username: string) {
    this.#transport = transport
    this.#username = username
    const settle = (outcome: AuthOutcome) => {
      const waiting = this.#settle
      this.#settle = undefined
      // An answer to nothing: the host speaks out of turn.
      if (!waiting) return transport.cut('an answer to a sign-in that was not asked for')
      waiting(outcome)
    }
    transport.handlers.USERAUTH_SUCCESS = () => settle({ accepted: true })
    transport.handlers.USERAUTH_FAILURE = (_engine, methods, isPartial) => settle({ accepted: false, methods: methods.slice(0, 32), isPartial })
    transport.handlers.USERAUTH_PASSWD_CHANGEREQ = () =>
      transport.close(new Failure('auth_failed', 'The host wants a new password for this account before it lets anyone in: change it there first.'))
    transport.handlers.USERAUTH_INFO_REQUEST = (_engine, name, instructions, prompts) => {
      if (prompts.length > maxPromptsPerRound) return transport.cut('too many prompts at once')
      if (!this.#ask) return transport.cut('a prompt that nobody waits for')
      this.#ask({ name, instructions, prompts })
    }
  }

  /** Learns which methods the host offers; a host that lets anyone in accepts at once. */
  none(signal: AbortSignal): Promise<AuthOutcome> {
    return this.#attempt(signal, () => this.#transport.engine.authNone(this.#username))
  }

  password(password: Buffer, signal: AbortSignal): Promise<AuthOutcome> {
    return this.#attempt(signal, () => this.#transport.engine.authPassword(this.#username, password))
  }

  /** `sign` gets the blob of RFC 4252 section 7 and returns the signature's inner bytes. What it throws ends the attempt. */
  async key(publicBlob: Buffer, algorithm: string, sign: (blob: Buffer) => Promise<Uint8Array>, signal: AbortSignal): Promise<AuthOutcome> {
    await this.#openService(signal)
    const { engine } = this.#transport
    const line = `${blobType(publicBlob) ?? ''} ${publicBlob.toString('base64')}`
    const [blob, send] = await new Promise<[Buffer, (signature: Buffer) => void]>((resolve) =>
      engine.authPK(this.#username, line, algorithm, (toSign, done) => resolve([toSign, done])),
    )
    const signature = Buffer.from(await sign(blob))
    return await this.#attempt(signal, () => send(signature))
  }

  /** `answer` returns one text per prompt. What it throws ends the attempt. */
  async keyboardInteractive(answer: (request: KeyboardRequest) => Promise<string[]>, signal: AbortSignal): Promise<AuthOutcome> {
    await this.#openService(signal)
    const { engine } = this.#transport
    try {
      let next = await this.#round(signal, () => engine.authKeyboard(this.#username))
      for (let round = 0; !('accepted' in next); round++) {
        if (round >= maxRounds) throw new Failure('host_protocol_error', 'The host asks again and again without deciding.')
        const answers = next.prompts.length === 0 ? [] : await answer(next)
        if (this.#transport.isClosed) throw new Failure('host_timeout', 'The host closed the connection while it waited for an answer.')
        next = await this.#round(signal, () => engine.authInfoRes(answers))
      }
      return next
    } finally {
      this.#ask = undefined
    }
  }

  #round(signal: AbortSignal, send: () => void): Promise<AuthOutcome | KeyboardRequest> {
    const asked = new Promise<KeyboardRequest>((resolve) => {
      this.#ask = (request) => {
        this.#ask = undefined
        resolve(request)
      }
    })
    return this.#transport.host(signal, Promise.race([asked, this.#verdict(send)]), verdictWithinMs)
  }

  async #attempt(signal: AbortSignal, send: () => void): Promise<AuthOutcome> {
    await this.#openService(signal)
    return await this.#transport.host(signal, this.#verdict(send), verdictWithinMs)
  }

  #verdict(send: () => void): Promise<AuthOutcome> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#transport.askedForAuth()
      send()
    })
  }

  async #openService(signal: AbortSignal): Promise<void> {
    if (this.#isServiceOpen) return
    this.#isServiceOpen = true
    const accepted = new Promise<void>((resolve) => {
      this.#transport.handlers.SERVICE_ACCEPT = (_engine, name) =>
        name === 'ssh-userauth' ? resolve() : this.#transport.cut('another service was accepted than was asked for')
    })
    this.#transport.engine.service('ssh-userauth')
    await this.#transport.host(signal, accepted)
  }
}
