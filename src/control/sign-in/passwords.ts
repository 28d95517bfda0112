import { randomBytes } from 'node:crypto'
import { hash, type Options, verify } from '@node-rs/argon2'
import { Failure } from '#domain/failure.ts'
import { Password } from '#domain/operator.ts'
import type { Secret } from '#domain/secret.ts'

/** `Algorithm.Argon2id`, which is declared in a way that type stripping cannot read. */
const argon2id = 2
/** argon2id with 19 MiB and two passes (OWASP's first choice, RFC 9106): some 30 ms on one core. */
const costs: Options = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** 2 at once leave cores for everything else; 64 waiting are two seconds of work. More are refused with `rate_limited`. */
const maxRunning = 2
const maxWaiting = 64
/** What `Password` allows; a longer one can never be right and is not hashed. In UTF-8 a character takes at most 3 bytes per UTF-16 unit. */
export const maxPasswordLength = 256

/** Hashes and checks passwords, a bounded number at a time. */
export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** What unknown names are checked against, at the cost of a real one; no password opens it. */
  readonly #nobody: Promise<string>
  constructor() {
    this.#nobody = hash(randomBytes(32), costs)
    // Awaited at every use; without this a failure before the first use would end the process unexplained.
    this.#nobody.catch(() => undefined)
  }

  /** A PHC string. Throws `password_too_weak` for what may not be a password, `rate_limited` when too many wait. */
  hash(password: Secret, username: string): Promise<string> {
    const text = normal(password)
    const parsed = Password.safeParse(text)
    if (!parsed.success) throw new Failure('password_too_weak', `The password ${parsed.error.issues[0]?.message ?? 'is not allowed'}.`, { field: 'password' })
    if (text.toLowerCase() === username.toLowerCase()) throw new Failure('password_too_weak', 'The password may not be the user name.', { field: 'password' })
    return this.#inTurn(() => hash(text, costs))
  }

  /** Whether the password is the one behind `stored`; without one, false at the same cost. Throws `too_large` cheaply for what cannot be a password. */
  async isRight(stored: string | undefined, password: Secret): Promise<boolean> {
    this.refuseOversize(password)
    const text = normal(password)
    const against = stored ?? (await this.#nobody)
    const matches = await this.#inTurn(() => verify(against, text))
    return matches && stored !== undefined
  }

  /** Throws `too_large` before anything is decoded, hashed or counted. */
  refuseOversize(password: Secret): void {
    if (password.reveal().length > maxPasswordLength * 3)
      throw new Failure('too_large', `A password has at most ${maxPasswordLength} characters.`, { field: 'password' })
  }

  /** Throws `rate_limited` while a further one would not be taken. */
  refuseWhenFull(): void {
    if (this.#running >= maxRunning && this.#waiting.length >= maxWaiting)
      throw new Failure('rate_limited', 'Too many people are signing in. Try again in a moment.')
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.refuseWhenFull()
    if (this.#running >= maxRunning) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await work()
    } finally {
      // The place is handed to the next one, so `#running` stays as it is.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** Keyboards send é as one character or as two; both are the same password. */
const normal = (password: Secret): string => password.revealText().normalize('NFC')
