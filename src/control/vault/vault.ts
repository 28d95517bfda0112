// What seals and opens secrets. Sealing uses the key that is current in the database; opening, the key that a text names.
import { randomBytes } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { countByKey } from '../store/sealed-columns.ts'
import { KeyRing } from './key-ring.ts'
import { checkName, checkPlace, sealedPlaces } from './sealed-places.ts'
import { keyBytes, keyIdOf, openText, type Random, type SealedPlace, sealText, vaultKeyId } from './sealed-text.ts'

export type { Random, SealedPlace } from './sealed-text.ts'

export type Vault = {
  /** Of the key that seals now: `vk1_` and 16 characters, which name it without telling it. */
  readonly keyId: string
  /** `v2.<key id>.<nonce>.<wrapped data key>.<nonce>.<ciphertext>`. The same secret sealed twice gives two texts. */
  seal(place: SealedPlace, secret: Secret): string
  /** Throws `internal`, with the same words for every cause, when the text was altered, moved from another place, or sealed with a key that is not here. */
  unseal(place: SealedPlace, sealed: string): Secret
}

/** A vault over keys in files, which follows a rotation. */
export type LiveVault = Vault & {
  readonly ring: KeyRing
  /** From now on sealing uses this key, which the database says is current. Throws in words when no file has it; the one before goes on then. */
  follow(keyId: string): void
}

const checkText = 'this vault key is the right one'

/**
 * Reads the vault keys, or makes the first one at the first start, and proves against the database that they are the right ones. A database in which anything is sealed
 * with a key that no file has is refused in words that name the key's id; nothing is changed then.
 */
export async function openVault(store: Store, dataFolder: string, random: Random = randomBytes): Promise<LiveVault> {
  const ring = new KeyRing(dataFolder)
  ring.look()
  const { current, others } = await store.transaction(sealedKeyIds)
  for (const keyId of [...(current === undefined ? [] : [current]), ...others]) refuseMissing(ring, keyId, keyId === current)
  if (current === undefined && ring.ids.length > 1)
    throw new Error(`nothing is sealed yet, and ${ring.pathOf('…')} says that there are ${ring.ids.length} vault keys. Leave one of them in the folder.`)
  if (current === undefined && ring.ids.length === 0) {
    ring.write(ring.firstPath, random(keyBytes))
    ring.look()
  }
  const keyId = current ?? ring.ids[0] ?? ''
  const vault = vaultOf((id) => ring.get(id), keyId, random)
  await store.transaction((trx) => proveKey(trx, vault, ring))
  return Object.assign(vault, { ring })
}

/** The vault over one key of 32 bytes. */
export function makeVault(key: Uint8Array, random: Random = randomBytes): Vault {
  const keyId = vaultKeyId(key)
  return vaultOf((id) => (id === keyId ? key : undefined), keyId, random)
}

function vaultOf(find: (keyId: string) => Uint8Array | undefined, first: string, random: Random): Vault & Pick<LiveVault, 'follow'> {
  let current = first
  return {
    get keyId() {
      return current
    },
    seal(place, secret) {
      const key = find(current)
      if (!key) throw new Failure('internal', `The vault key ${current} is not here any more. Tell whoever runs this Sallyport.`)
      return sealText(key, place, secret, random)
    },
    unseal(place, text) {
      try {
        const key = find(keyIdOf(text))
        if (!key) throw new Error('no such key')
        return openText(key, place, text)
      } catch {
        // Which of the causes it was would help only someone who is trying out altered texts.
        throw new Failure('internal', `A sealed secret (${place.table}.${place.column}) does not open with the vault key ${current}. Enter the secret again.`)
      }
    },
    follow(keyId) {
      if (!find(keyId)) throw new Error(`the vault key ${keyId} became current, but no file here has it`)
      current = keyId
    },
  }
}

/** The current key as the database says it, and one that a rotation has left half way. A text that names any other was altered: it does not open, and stops nobody else. */
async function sealedKeyIds(trx: Trx): Promise<{ current: string | undefined; others: string[] }> {
  const found = new Map<string, number>()
  for (const place of sealedPlaces) for (const { keyId, count } of await countByKey(trx, place)) found.set(keyId, (found.get(keyId) ?? 0) + count)
  const byCount = [...found].toSorted(([, one], [, other]) => other - one).map(([keyId]) => keyId)
  // Without the check, what seals most is taken for current.
  const current = (await currentKeyId(trx)) ?? byCount[0]
  const leaving = await trx.selectFrom('vaultKeys').select('id').where('state', '=', 'leaving').execute()
  return { current, others: leaving.map(({ id }) => id).filter((id) => found.has(id)) }
}

/** Undefined before the first start. */
export async function currentKeyId(db: Store['db'] | Trx): Promise<string | undefined> {
  const check = await db.selectFrom('settings').select('value').where('name', '=', checkName).executeTakeFirst()
  return check && keyIdOf(check.value)
}

function refuseMissing(ring: KeyRing, keyId: string, isCurrent: boolean): void {
  if (ring.get(keyId)) return
  const sealed = isCurrent ? 'the secrets in the database were sealed with it' : 'some secrets in the database are still sealed with it'
  const retired = ring.isRetired(keyId) ? ` It lies in ${ring.retiredFolder}: move it back.` : ' Put its file back.'
  const others = ring.ids.length > 0 ? `; ${ring.firstPath.slice(0, ring.firstPath.lastIndexOf('/'))} holds ${ring.ids.join(', ')}` : ''
  throw new Error(`the vault key ${keyId} is missing, and ${sealed}${others}.${retired} Nothing has been changed.`)
}

async function proveKey(trx: Trx, vault: Vault, ring: KeyRing): Promise<void> {
  const check = await trx.selectFrom('settings').select('value').where('name', '=', checkName).executeTakeFirst()
  if (check) {
    // Two first starts on one database: the other was first, with a key of its own.
    refuseMissing(ring, keyIdOf(check.value), true)
    vault.unseal(checkPlace, check.value)
  } else
    await trx
      .insertInto('settings')
      .values({ name: checkName, value: sealCheck(vault) })
      .execute()
}

/** What stands in the settings for the current key. */
export const sealCheck = (vault: Vault): string => vault.seal(checkPlace, new Secret(checkText))
