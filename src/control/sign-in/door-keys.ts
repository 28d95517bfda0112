// The host keys of the SSH door: made once, sealed like every secret, handed to gateways, which keep them in memory alone.
import { generateKeyPair, type KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'
import type { GatewayId } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import { fingerprintOf, readPrivateKey } from '#ssh/private-key.ts'
import { record } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'

export type DoorKeyParts = { readonly store: Store; readonly vault: Vault; /** Ms since the epoch. */ now(): number }
/** `publicKey`: the blob of RFC 4253 section 6.6 in base64. */
export type DoorPublicKey = { type: string; publicKey: string; fingerprint: string }

const generate = promisify(generateKeyPair) as (type: string, options?: object) => Promise<KeyPairKeyObjectResult>
/** What OpenSSH's own server makes, in the order in which clients like them; RSA with 3072 bits as ssh-keygen does. */
const makers: Readonly<Record<string, () => Promise<KeyPairKeyObjectResult>>> = {
  'ssh-ed25519': () => generate('ed25519'),
  'ecdsa-sha2-nistp256': () => generate('ec', { namedCurve: 'P-256' }),
  'ssh-rsa': () => generate('rsa', { modulusLength: 3072 }),
}
const placeOf = (type: string): SealedPlace => ({ table: 'doorKeys', row: type, column: 'sealed' })

export class DoorKeys {
  readonly #parts: DoorKeyParts
  #making: Promise<void> | undefined
  constructor(parts: DoorKeyParts) {
    this.#parts = parts
  }

  /** The private keys as PKCS#8 PEM, for a gateway of this machine (no other is welcomed); each reading is written down. They are made when there are none, which takes seconds. */
  async read(gateway: GatewayId): Promise<{ keys: { type: string; privateKey: string }[] }> {
    await this.#make()
    const { store, vault, now } = this.#parts
    const rows = await store.transaction(async (trx) => {
      const found = await trx.selectFrom('doorKeys').selectAll().execute()
      await record(trx, { code: 'door_key.read', outcome: 'done', object: gateway, detail: { types: found.map(({ type }) => type) } }, now())
      return found
    })
    return { keys: rows.map(({ type, sealed }) => ({ type, privateKey: vault.unseal(placeOf(type), sealed).revealText() })) }
  }

  /** Those that there are, best first; none before the first gateway opened its door. */
  async list(): Promise<DoorPublicKey[]> {
    const rows = await this.#parts.store.db.selectFrom('doorKeys').select(['type', 'publicKey']).execute()
    const order = Object.keys(makers)
    return rows
      .toSorted((one, other) => order.indexOf(one.type) - order.indexOf(other.type))
      .map((row) => ({ ...row, fingerprint: fingerprintOf(Buffer.from(row.publicKey, 'base64')) }))
  }

  /** Gateways start together: their keys are made once. */
  #make(): Promise<void> {
    this.#making ??= this.#makeMissing().finally(() => (this.#making = undefined))
    return this.#making
  }

  async #makeMissing(): Promise<void> {
    const { store, vault, now } = this.#parts
    const there = new Set((await store.db.selectFrom('doorKeys').select('type').execute()).map(({ type }) => type))
    for (const [type, make] of Object.entries(makers)) {
      if (there.has(type)) continue
      const pem = (await make()).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      const { publicBlob, fingerprint } = readPrivateKey(pem)
      const row = { type, publicKey: publicBlob.toString('base64'), sealed: vault.seal(placeOf(type), new Secret(pem)), createdAt: now() }
      await store.transaction(async (trx) => {
        // Another control on this database may have been first: people have seen its key.
        const made = await trx
          .insertInto('doorKeys')
          .values(row)
          .onConflict((conflict) => conflict.column('type').doNothing())
          .returning('type')
          .executeTakeFirst()
        const facts = { type, fingerprint }
        if (made) await record(trx, { code: 'door_key.made', outcome: 'done', object: fingerprint, after: facts, detail: facts }, now())
      })
    }
  }
}
