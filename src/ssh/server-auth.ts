// Signing in at the door, RFC 4252 and RFC 4256: one request at a time, one user name, and one place where somebody becomes signed in.
import { randomInt } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import type { Secret } from '#domain/secret.ts'
import { userSignatureAlgorithms } from './algorithms.ts'
import { signInMethods, type Authenticator, type KeyboardDialog, type KeyboardQuestion, type SignInMethod, type Verdict } from './authenticator.ts'
import { sendMessage } from './library.ts'
import { blobType } from './private-key.ts'
import { DisconnectReason, type ServerTransport } from './server-transport.ts'
import { readInfoResponse, readUserauthRequest, type UserauthRequest } from './userauth-request.ts'
import { WireFault, wireString, wireUint32 } from './wire-reader.ts'

export type ServerAuthOptions = {
  /** Shown before the first answer (RFC 4252 section 5.4). */
  banner?: string
  /** Failed attempts, after which the connection ends. */
  maxFailures?: number
  /** Refusals are sent when a multiple of it has passed since the request, so that the time says nothing. */
  refusalStepMs?: number
}

// As OpenSSH's MaxAuthTries.
const defaultMaxFailures = 6
const defaultRefusalStepMs = 300
// A refused offer is no guess: it is held back only as long as looking it up may take.
const offerStepMs = 20
const jitterMs = 20
// Agents hold many keys. What is offered beyond counts as failed.
const freeOffers = 20
// Whatever comes of them: offers of known keys and half-right answers among them.
const maxRequests = 64
const maxPrompts = 10
const maxRounds = 30

type Answer = Verdict | { state: 'known' }
type Dialog = { dialog: KeyboardDialog; expected: number | undefined; answered: (answers: Secret[] | undefined) => void }

export class ServerAuth {
  readonly #transport: ServerTransport
  readonly #authenticator: Authenticator
  readonly #options: Required<ServerAuthOptions>
  #userBytes: Buffer | undefined
  #methods: readonly SignInMethod[] = signInMethods
  /** The request that is being answered; a result for an older one is dropped. */
  #turn = 0
  #isBusy = false
  #next: UserauthRequest | undefined
  #dialog: Dialog | undefined
  #requests = 0
  #failures = 0
  #offers = 0
  #delay: NodeJS.Timeout | undefined
  #settle: { resolve: (user: string) => void; reject: (cause: unknown) => void } | undefined

  constructor(transport: ServerTransport, authenticator: Authenticator, options: ServerAuthOptions = {}) {
    this.#transport = transport
    this.#authenticator = authenticator
    this.#options = { banner: '', maxFailures: defaultMaxFailures, refusalStepMs: defaultRefusalStepMs, ...options }
  }

  /** The user name with which somebody signed in. Throws the `Failure` that ended the connection. To be called as soon as the handshake is over. */
  async signIn(): Promise<string> {
    const { gone } = this.#transport
    gone.throwIfAborted()
    const onGone = () => this.#settle?.reject(gone.reason)
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#settle = { resolve, reject }
        gone.addEventListener('abort', onGone, { once: true })
        this.#transport.takeUserauth((type, payload) => this.#receive(type, payload))
      })
    } finally {
      gone.removeEventListener('abort', onGone)
      this.#transport.takeUserauth(undefined)
      this.#turn += 1
      clearTimeout(this.#delay)
      this.#giveUpDialog()
      this.#next = undefined
    }
  }

  #receive(type: number, payload: Buffer): void {
    try {
      if (type === 61) return this.#responded(payload)
      this.#requested(readUserauthRequest(payload, this.#transport.sessionId))
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause
      this.#transport.cut('a malformed sign-in message')
    }
  }

  #requested(request: UserauthRequest): void {
    if (request.service !== 'ssh-connection')
      return this.#end(DisconnectReason.serviceNotAvailable, 'this service is not offered', 'The client asked for a service that is not offered.')
    // A step may count for the person of the step before alone.
    this.#userBytes ??= request.userBytes
    if (!this.#userBytes.equals(request.userBytes)) return this.#transport.cut('the user name changed while signing in')
    if (this.#dialog) {
      // RFC 4256 section 3.1: a new request abandons the dialog, which gets no answer.
      this.#giveUpDialog()
      this.#isBusy = false
      clearTimeout(this.#delay)
    }
    if (this.#requests >= maxRequests) return this.#transport.cut('sign-in requests without end')
    if (!this.#isBusy) return this.#begin(request)
    if (this.#next) return this.#transport.cut('sign-in requests pile up')
    this.#next = request
  }

  #responded(payload: Buffer): void {
    const { expected, answered } = this.#dialog ?? {}
    if (!this.#dialog || expected === undefined || !answered) return this.#transport.cut('answers to nothing')
    this.#dialog.expected = undefined
    answered(readInfoResponse(payload, expected))
  }

  #begin(request: UserauthRequest): void {
    // A fault of ours: nobody comes in by it.
    this.#run(request).catch(() => this.#transport.cut('signing in failed'))
  }

  async #run(request: UserauthRequest): Promise<void> {
    const turn = ++this.#turn
    this.#isBusy = true
    if (this.#requests++ === 0 && this.#options.banner !== '') this.#say(this.#options.banner)
    const started = performance.now()
    let answer: Answer
    let isBroken = false
    try {
      answer = await this.#answer(request, turn)
    } catch {
      // What went wrong is the authenticator's to report; nobody is let in by it.
      isBroken = true
      answer = { state: 'closed', text: 'Sign-ins cannot be checked at present. Try again in a moment.' }
    }
    // A newer request or the end of the connection has overtaken this one: it must have no effect.
    const isOvertaken = turn !== this.#turn
    if (isOvertaken || this.#transport.isClosed) return
    if (isBroken || answer.state === 'closed') return this.#closed(answer.state === 'closed' ? answer.text : '')
    if (answer.state === 'accepted') return this.#accepted(request)
    if (answer.state === 'known') return this.#known(request)
    if (answer.state === 'partial') return this.#partial(request, answer.methods)
    this.#refuse(request, turn, started)
  }

  async #answer(request: UserauthRequest, turn: number): Promise<Answer> {
    const refused: Answer = { state: 'refused' }
    const { user } = request
    if (user === undefined || request.method === 'other') return refused
    if (request.method === 'none') return await this.#authenticator.none(user)
    if (!this.#methods.includes(request.method)) return refused
    if (request.method === 'keyboard-interactive') return await this.#keyboard(user, turn)
    if (request.method === 'password') {
      // Passwords are not changed here.
      if (request.isChange || !request.password) return refused
      return await this.#authenticator.password(user, request.password)
    }
    const { algorithm, blob, signed } = request
    if (!fits(algorithm, blob)) return refused
    if (signed) return await this.#authenticator.key(user, { algorithm, blob, ...signed })
    return (await this.#authenticator.keyOffered(user, { algorithm, blob })) ? { state: 'known' } : refused
  }

  async #keyboard(user: string, turn: number): Promise<Answer> {
    const entry: Dialog = { dialog: this.#authenticator.keyboard(user), expected: undefined, answered: () => undefined }
    this.#dialog = entry
    try {
      let step: KeyboardQuestion | Verdict = await entry.dialog.next(undefined)
      for (let round = 0; !('state' in step); round++) {
        if (turn !== this.#turn || this.#transport.isClosed) return { state: 'refused' }
        const question: KeyboardQuestion = step
        if (question.prompts.length > maxPrompts || round >= maxRounds) throw new Error('a dialog without measure')
        const owed = new Promise<Secret[] | undefined>((resolve) => (entry.answered = resolve))
        entry.expected = question.prompts.length
        this.#ask(question)
        const answers = await owed
        if (!answers || turn !== this.#turn) {
          // Given up already, when it is no longer the one.
          if (this.#dialog === entry) entry.dialog.cancel()
          return { state: 'refused' }
        }
        step = await entry.dialog.next(answers)
      }
      return step
    } finally {
      if (this.#dialog === entry) this.#dialog = undefined
    }
  }

  /** The only place where somebody becomes signed in. */
  #accepted(request: UserauthRequest): void {
    const { user } = request
    if (user === undefined) return this.#closed('')
    const settle = this.#settle
    this.#settle = undefined
    this.#transport.signedIn()
    settle?.resolve(user)
  }

  #known(request: UserauthRequest): void {
    if (request.method !== 'publickey') return
    this.#send(60, wireString(request.algorithm), wireString(request.blob))
    this.#done()
  }

  #partial(request: UserauthRequest, methods: readonly SignInMethod[] | undefined): void {
    this.#methods = methods ?? signInMethods.filter((method) => method !== request.method)
    this.#failed(true)
  }

  #refuse(request: UserauthRequest, turn: number, started: number): void {
    const isOffer = request.method === 'publickey' && !request.signed
    // The first `none` is how clients ask which methods there are.
    const isFree = (request.method === 'none' && this.#requests === 1) || (isOffer && ++this.#offers <= freeOffers)
    if (!isFree) this.#failures += 1
    const step = request.method === 'none' && isFree ? 0 : isOffer ? offerStepMs : this.#options.refusalStepMs
    const elapsed = performance.now() - started
    const wait = step === 0 ? 0 : Math.max(1, Math.ceil(elapsed / step)) * step - elapsed + randomInt(0, Math.min(jitterMs, step) + 1)
    this.#delay = setTimeout(() => {
      if (turn !== this.#turn || this.#transport.isClosed) return
      if (this.#failures >= this.#options.maxFailures)
        return this.#end(DisconnectReason.noMoreMethods, 'Too many authentication failures', 'Too many sign-ins failed on one connection.')
      this.#failed(false)
    }, wait)
  }

  #failed(isPartial: boolean): void {
    this.#send(51, wireString(this.#methods.join(',')), Buffer.of(isPartial ? 1 : 0))
    this.#done()
  }

  #done(): void {
    this.#isBusy = false
    const next = this.#next
    this.#next = undefined
    if (next && !this.#transport.isClosed) this.#begin(next)
  }

  #closed(text: string): void {
    if (text !== '') this.#say(text)
    this.#end(DisconnectReason.byApplication, 'closed by Sallyport', text)
  }

  #end(reason: number, text: string, failure: string): void {
    this.#transport.disconnect(reason, text, new Failure('client_left', failure))
  }

  #giveUpDialog(): void {
    const entry = this.#dialog
    this.#dialog = undefined
    entry?.dialog.cancel()
    entry?.answered(undefined)
  }

  #say(text: string): void {
    this.#send(53, wireString(`${text.replace(/\r?\n/g, '\r\n')}\r\n`), wireString(''))
  }

  #ask(question: KeyboardQuestion): void {
    const prompts = question.prompts.flatMap(({ prompt, echo }) => [wireString(prompt), Buffer.of(echo ? 1 : 0)])
    this.#send(60, wireString(question.name), wireString(question.instructions), wireString(''), wireUint32(question.prompts.length), ...prompts)
  }

  #send(type: number, ...parts: Buffer[]): void {
    sendMessage(this.#transport.engine, Buffer.concat([Buffer.of(type), ...parts]))
  }
}

/** Whether an algorithm that is taken here is one of this key's. RFC 8332: RSA keys sign under names of their own. */
function fits(algorithm: string, blob: Buffer): boolean {
  if (!userSignatureAlgorithms.some((known) => known === algorithm)) return false
  return blobType(blob) === (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
}
