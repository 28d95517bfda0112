// Credentials that are being tried before, or without, being saved: held in memory alone for the seconds that one check takes. The gateway names the lease when it asks for a signature or the password.
import { randomBytes } from 'node:crypto'
import type { HostKey } from '#domain/host-key.ts'
import { CheckId, makeId } from '#domain/id.ts'
import { Failure } from '#domain/failure.ts'
import type { Secret } from '#domain/secret.ts'
import type { WayStop } from './way.ts'

export type CheckCredential =
  | { kind: 'password'; password: Secret }
  /** `privateKey` is PKCS#8 PEM, opened; `publicKey` is the SSH wire blob in base64. */
  | { kind: 'key'; privateKey: Secret; publicKey: string; algorithm: string }

export type CheckLease = {
  readonly id: CheckId
  /** Nobody for what Sallyport does by itself. */
  readonly operator: { readonly id: string; readonly name: string } | undefined
  readonly target: { readonly address: string; readonly port: number; readonly username: string }
  /** `ask`: nothing is given for the target itself. */
  readonly credential: CheckCredential | { kind: 'ask' }
  /** Host keys trusted for this check; another one gets neither signature nor password. Of a saved host the present rows count instead. */
  readonly hostKeys: readonly HostKey[]
  /** The saved host that is looked at. */
  readonly asset?: { readonly id: string; readonly name: string }
  /** The hosts on the way; their credentials are not held here. */
  readonly way?: readonly WayStop[]
}
type Held = { lease: CheckLease; expiresAt: number }

/** No check lasts longer: the probe itself is given up at 30 s. */
export const checkLeaseMs = 60_000
/** One administrator rarely has two open; more than this at once is refused with `rate_limited`. */
export const maxCheckLeases = 32

export class CheckLeases {
  readonly #held = new Map<string, Held>()
  readonly #now: () => number
  readonly #random: (bytes: number) => Uint8Array
  constructor(now: () => number = Date.now, random: (bytes: number) => Uint8Array = randomBytes) {
    this.#now = now
    this.#random = random
  }

  get size(): number {
    return this.#held.size
  }

  /** Holds a credential under a new lease. The caller closes it when the check is over; a forgotten one is dropped after 60 s. Throws `rate_limited` at 32. */
  open(facts: Omit<CheckLease, 'id'>): CheckLease {
    this.#dropExpired()
    if (this.#held.size >= maxCheckLeases) throw new Failure('rate_limited', 'Too many checks are running. Wait for one to end and try again.')
    const lease: CheckLease = { ...facts, id: makeId(CheckId, 'ck', this.#random(15)) }
    this.#held.set(lease.id, { lease, expiresAt: this.#now() + checkLeaseMs })
    // So that a secret does not stay until somebody asks for the next lease.
    setTimeout(() => this.close(lease.id), checkLeaseMs).unref()
    return lease
  }

  find(lease: string): CheckLease | undefined {
    this.#dropExpired()
    return this.#held.get(lease)?.lease
  }

  /** Ends the lease and overwrites its secrets. Closing twice does nothing. */
  close(lease: string): void {
    const held = this.#held.get(lease)
    if (!held) return
    this.#held.delete(lease)
    forget(held.lease.credential)
  }

  #dropExpired(): void {
    for (const [id, held] of this.#held) if (held.expiresAt <= this.#now()) this.close(id)
  }
}

function forget(credential: CheckLease['credential']): void {
  if (credential.kind === 'password') credential.password.forget()
  if (credential.kind === 'key') credential.privateKey.forget()
}
