// The clocks of one client's connection: how long signing in may take, when new keys are due, and whether anybody is still there.
import { Failure } from '#domain/failure.ts'
import type { Carrier } from './carrier.ts'
import { askGlobally } from './global-requests.ts'

export type ServerLimits = {
  /** Signing in, from the first TCP byte. */
  graceMs: number
  /** The key exchange and the first SERVICE_REQUEST, which a program sends unasked, from the first TCP byte. */
  openingMs: number
  /** Key exchange, keys offered and secrets sent. */
  bytesBeforeSignIn: number
  /** RFC 4253 section 9: after so much or so long new keys are due. */
  rekeyAfterBytes: number
  rekeyAfterMs: number
  /** A key exchange is over by then. */
  rekeyWithinMs: number
  keepaliveMs: number
}
export const serverLimits: ServerLimits = {
  graceMs: 120_000,
  openingMs: 30_000,
  bytesBeforeSignIn: 128 * 1024,
  rekeyAfterBytes: 1024 ** 3,
  rekeyAfterMs: 3_600_000,
  rekeyWithinMs: 60_000,
  keepaliveMs: 15_000,
}
const maxSilences = 3

export class ServerPace {
  readonly #carrier: Carrier
  readonly #limits: ServerLimits
  readonly #acceptedAtMs: number
  /** Ends the connection: words for the client, and why. */
  readonly #giveUp: (text: string, failure: Failure) => void
  #isSignedIn = false
  #bytesSinceKeys = 0
  #keysAtMs = performance.now()
  #grace: NodeJS.Timeout
  #rekeyDeadline: NodeJS.Timeout | undefined
  #keepalive: NodeJS.Timeout | undefined
  #silences = 0

  constructor(carrier: Carrier, limits: ServerLimits, acceptedAtMs: number, giveUp: (text: string, failure: Failure) => void) {
    this.#carrier = carrier
    this.#limits = limits
    this.#acceptedAtMs = acceptedAtMs
    this.#giveUp = giveUp
    this.#grace = this.#deadline(limits.openingMs, 'the connection was not opened in time')
  }

  sent(bytes: number): void {
    this.#bytesSinceKeys += bytes
  }

  /** Whatever comes is a sign of life. */
  received(bytes: number): void {
    this.#bytesSinceKeys += bytes
    this.#silences = 0
  }

  /** The program over there has done its part; from now on it may wait for the person. */
  opened(): void {
    clearTimeout(this.#grace)
    this.#grace = this.#deadline(this.#limits.graceMs, 'nobody signed in in time')
  }

  signedIn(): void {
    this.#isSignedIn = true
    clearTimeout(this.#grace)
    this.#keepalive = setInterval(() => this.#askForLife(), this.#limits.keepaliveMs)
  }

  /** A piece of input has been parsed: asks for new keys when they are due. */
  renewKeys(): void {
    if (!this.#isSignedIn) return
    const { engine } = this.#carrier
    const areDue = this.#bytesSinceKeys > this.#limits.rekeyAfterBytes || performance.now() - this.#keysAtMs > this.#limits.rekeyAfterMs
    if (areDue && engine._kexinit === undefined) {
      engine.rekey()
      this.#bytesSinceKeys = 0
    }
    // Whoever began it.
    if (engine._kexinit !== undefined) this.#rekeyDeadline ??= this.#deadline(this.#limits.rekeyWithinMs, 'new keys were not agreed in time', performance.now())
  }

  keysAgreed(): void {
    this.#bytesSinceKeys = 0
    this.#keysAtMs = performance.now()
    clearTimeout(this.#rekeyDeadline)
    this.#rekeyDeadline = undefined
  }

  stop(): void {
    for (const timer of [this.#grace, this.#rekeyDeadline, this.#keepalive]) clearTimeout(timer)
  }

  #deadline(ms: number, why: string, from = this.#acceptedAtMs): NodeJS.Timeout {
    const left = Math.max(0, from + ms - performance.now())
    return setTimeout(() => this.#giveUp(why, new Failure('client_lost', `The client was too slow: ${why}.`)), left)
  }

  #askForLife(): void {
    if (this.#silences >= maxSilences) return this.#giveUp('no answer', new Failure('client_lost', 'The client stopped answering.'))
    this.#silences += 1
    askGlobally(this.#carrier, 'keepalive@openssh.com', Buffer.alloc(0), () => undefined)
  }
}
