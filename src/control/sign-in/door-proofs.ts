// What proves somebody at the SSH door: a signature over this very connection and name, once; and the halves of sign-ins that wait for a code.
import { createHash } from 'node:crypto'
import type { GatewayId } from '#domain/id.ts'
import { fingerprintOf } from '#ssh/private-key.ts'
import { verifySignature } from '#ssh/signature.ts'
import { parseUserauthBlob } from '#ssh/userauth-blob.ts'
import { digestOf, makeToken, type Random } from './opaque-token.ts'

/** As a gateway passes it on: each in base64, but for the algorithm's name. */
export type SignedKey = { algorithm: string; publicKey: string; data: string; signature: string }
/** `digest`: of what was signed, which holds the session's id and so is like no other. */
export type ProvenKey = { blob: Buffer; fingerprint: string; digest: string }

/** The key, when it signed what RFC 4252 section 7 says for this user name and nothing else; undefined otherwise. Costs the same whoever the name belongs to. */
export function readProof(proof: SignedKey, typed: string): ProvenKey | undefined {
  const [blob, data, signature] = [proof.publicKey, proof.data, proof.signature].map((text) => Buffer.from(text, 'base64'))
  if (!blob || !data || !signature) return undefined
  const said = parseUserauthBlob(data)
  if (!said || said.username !== typed || said.algorithm !== proof.algorithm || !said.publicKey.equals(blob)) return undefined
  if (!verifySignature(blob, proof.algorithm, data, signature)) return undefined
  return { blob, fingerprint: fingerprintOf(blob), digest: createHash('sha256').update(data).digest('base64') }
}

/** Some days of a busy door; 1 MB for each gateway. */
const maxUsedProofs = 10_000

/** Gateways that are remembered: a container may bring a new identity at each start. */
const maxGateways = 100

/** A signature opens the door once: whoever holds a gateway's memory cannot use it again. The oldest are forgotten, a gateway's own alone. */
export class UsedProofs {
  readonly #byGateway = new Map<GatewayId, Set<string>>()

  /** False when it was used before, by whichever gateway. */
  use(gateway: GatewayId, digest: string): boolean {
    for (const used of this.#byGateway.values()) if (used.has(digest)) return false
    const used = this.#byGateway.get(gateway) ?? new Set()
    // The last to have used one is the last to be forgotten.
    this.#byGateway.delete(gateway)
    this.#byGateway.set(gateway, used)
    for (const oldest of this.#byGateway.keys()) {
      if (this.#byGateway.size <= maxGateways) break
      this.#byGateway.delete(oldest)
    }
    used.add(digest)
    for (const oldest of used) {
      if (used.size <= maxUsedProofs) break
      used.delete(oldest)
    }
    return true
  }
}

const halfMs = 120_000
const triesOfHalf = 3
const maxHalves = 5000
const maxHalvesOfOne = 10

/** Who has shown half of what they must, and how: nothing that could open a door by itself. */
export type Half = {
  readonly gateway: GatewayId
  readonly typed: string
  readonly operator: string
  readonly passwordHash: string
  readonly by: 'key' | 'password' | 'approval'
  readonly keyId?: string | undefined
}
type Held = Half & { readonly until: number; triesLeft: number; isBusy: boolean }

/** Kept in memory alone: a control that starts anew has forgotten them, and the person types the password again. */
export class Halves {
  readonly #held = new Map<string, Held>()
  readonly #random: Random
  constructor(random: Random) {
    this.#random = random
  }

  add(half: Half, now: number): string {
    for (const [key, held] of this.#held) if (held.until <= now || this.#held.size >= maxHalves) this.#held.delete(key)
    const own = [...this.#held].filter(([, held]) => held.operator === half.operator)
    for (const [key] of own.slice(0, Math.max(0, own.length + 1 - maxHalvesOfOne))) this.#held.delete(key)
    const token = makeToken(this.#random)
    this.#held.set(digestOf(token), { ...half, until: now + halfMs, triesLeft: triesOfHalf, isBusy: false })
    return token
  }

  /** Runs one try with it, and forgets it when that was right or the last. Undefined for one that is not there, is another gateway's or of another name, or is being tried. */
  async try<T>(
    token: string,
    by: { gateway: GatewayId; typed: string },
    now: number,
    attempt: (half: Half) => Promise<{ isOver: boolean; value: T }>,
  ): Promise<T | undefined> {
    const key = digestOf(token)
    const held = this.#held.get(key)
    if (!held || held.until <= now || held.gateway !== by.gateway || held.typed !== by.typed || held.isBusy) return undefined
    held.isBusy = true
    held.triesLeft -= 1
    try {
      const { isOver, value } = await attempt(held)
      if (isOver) this.#held.delete(key)
      return value
    } finally {
      held.isBusy = false
      if (held.triesLeft <= 0) this.#held.delete(key)
    }
  }
}
