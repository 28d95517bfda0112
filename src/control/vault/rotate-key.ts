// Changes the vault key while everything goes on. Each step is committed before the next and says in the database where it stands: whoever is killed in between runs it again, and it goes on from there.
import { randomBytes } from 'node:crypto'
import { isFailure } from '#domain/failure.ts'
import { record } from '../audit/ledger.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { countByKey, listOthers, replaceSealed, type SealedColumn } from '../store/sealed-columns.ts'
import { type Wait, waitForReplicas } from './replicas.ts'
import { checkName, sealedPlaces } from './sealed-places.ts'
import { keyBytes, vaultKeyId } from './sealed-text.ts'
import { currentKeyId, type LiveVault, openVault, sealCheck } from './vault.ts'

export type RotationParts = {
  store: Store
  dataFolder: string
  /** ms since the epoch */
  now(): number
  /** Progress, a line each. */
  say(line: string): void
  /** Who runs the command, for the ledger. */
  by?: string
  wait?: Partial<Wait>
  /** Texts in one transaction; the controls' own work goes in between. */
  rowsAtOnce?: number
}

const waitMs = 30_000
const usualRowsAtOnce = 100
/** Controls that have not yet heard of the new key seal with the old one for some seconds; each round finds what they have written. */
const maxRounds = 50

/**
 * Makes a new vault key beside the old one, waits until every live control has it, makes it current, seals every text anew with it, and retires the old key when no text
 * names it any more. Returns the key ids. Throws in words when a control lacks the key within 30 s, or when a text does not open; running it again goes on.
 */
export async function rotateKey(parts: RotationParts): Promise<{ from: string; to: string }> {
  const { store, say } = parts
  const vault = await openVault(store, parts.dataFolder)
  await tidy(store, vault)
  const half = await store.db.selectFrom('vaultKeys').select('id').where('state', '=', 'leaving').executeTakeFirst()
  const from = half?.id ?? vault.keyId
  if (half) say(`Going on with the rotation from ${from} to ${vault.keyId}, which was interrupted.`)
  else await change(parts, vault)
  await waitUntilFollowed(parts, vault.keyId)
  await sealAnew(parts, vault, from)
  await tidy(store, vault)
  say(`The vault key is ${vault.keyId}. The old one, ${from}, lies in ${vault.ring.retiredFolder}: backups from before open with it alone.`)
  say(`Keep a copy of ${vault.ring.pathOf(vault.keyId)} apart from the backups of the database.`)
  return { from, to: vault.keyId }
}

/** From "announced" to "current". */
async function change(parts: RotationParts, vault: LiveVault): Promise<void> {
  const { store, say, now } = parts
  const from = vault.keyId
  const to = await announce(parts, vault)
  say(`Waiting until every control has the new vault key ${to} …`)
  if (store.engine === 'postgres')
    say(
      `Control on another machine? Copy ${vault.ring.pathOf(to)} into the keys folder of its data (control/keys), mode 0600, owned by its user. It is noticed there within seconds.`,
    )
  const lacking = await waitForReplicas(store, (replica) => replica.keyIds.includes(to), { withinMs: waitMs, ...parts.wait })
  if (lacking.length > 0) {
    const names = lacking.map(({ name, problem }) => (problem === null ? name : `${name} (${problem})`)).join(', ')
    throw new Error(
      `nothing was rotated: control on ${names} does not have the new vault key ${to}. Copy ${vault.ring.pathOf(to)} into the keys folder there (control/keys, mode 0600, owned by its user), or stop that control, then run this again.`,
    )
  }
  vault.ring.look()
  await store.transaction(async (trx) => {
    const announced = await trx.selectFrom('vaultKeys').select('id').where('state', '=', 'next').executeTakeFirst()
    if ((await currentKeyId(trx)) !== from || announced?.id !== to) throw new Error('another rotation has overtaken this one. Run it again.')
    vault.follow(to)
    await trx
      .updateTable('settings')
      .set({ value: sealCheck(vault) })
      .where('name', '=', checkName)
      .execute()
    await trx.deleteFrom('vaultKeys').where('id', '=', to).execute()
    await trx.insertInto('vaultKeys').values({ id: from, state: 'leaving', changedAt: now() }).execute()
    await note(trx, parts, to, { step: 'current', from })
  })
  say(`New secrets are sealed with ${to} from now on.`)
}

/** Once the old key is retired the database refuses what is sealed with it, so nobody live may still be at it. */
async function waitUntilFollowed({ store, wait }: RotationParts, to: string): Promise<void> {
  const behind = await waitForReplicas(store, (replica) => replica.currentKey === to, { withinMs: waitMs, ...wait })
  if (behind.length === 0) return
  const names = behind.map(({ name, problem }) => (problem === null ? name : `${name} (${problem})`)).join(', ')
  throw new Error(`the old vault key is kept: control on ${names} still seals with it. Look at its log, or stop it, then run this again.`)
}

/** The row stands before the file, so that no key lies about which nobody knows. A run that was killed in between left a row without a file: nothing is sealed with that key, and another is made. */
async function announce({ store, now }: RotationParts, vault: LiveVault): Promise<string> {
  const earlier = await store.db.selectFrom('vaultKeys').select('id').where('state', '=', 'next').executeTakeFirst()
  if (earlier && vault.ring.ids.includes(earlier.id)) return earlier.id
  const key = randomBytes(keyBytes)
  const id = vaultKeyId(key)
  await store.transaction(async (trx) => {
    await trx.deleteFrom('vaultKeys').where('state', '=', 'next').execute()
    await trx.insertInto('vaultKeys').values({ id, state: 'next', changedAt: now() }).execute()
  })
  vault.ring.write(vault.ring.pathOf(id), key)
  vault.ring.look()
  return id
}

async function sealAnew(parts: RotationParts, vault: LiveVault, from: string): Promise<void> {
  const { store, say } = parts
  let done = 0
  for (let round = 0; round < maxRounds; round += 1) {
    const total = done + (await countOthers(store, vault.keyId))
    const closed: string[] = []
    for (const place of sealedPlaces)
      done = await sealPlaceAnew(parts, vault, place, closed, done, (count) => say(`${count} of ${Math.max(count, total)} secrets sealed anew.`))
    if (closed.length > 0)
      throw new Error(
        `${closed.length} sealed secrets do not open: ${closed.slice(0, 10).join(', ')}${closed.length > 10 ? ', …' : ''}. They were altered, or are of a key that is not here. Enter these secrets again, or delete what they belong to, then run this again; everything else has been sealed anew, and the old vault key stays.`,
      )
    if (await retire(parts, from, vault.keyId, done)) return say(`${done} of ${done} secrets sealed anew.`)
  }
  throw new Error(`secrets are still being sealed with the old vault key ${from}: a control has not noticed the new one. Look at its log, then run this again.`)
}

const tell = 1000

/** Small transactions, each text compared with what was read: what somebody has written meanwhile stays. */
async function sealPlaceAnew(
  { store, rowsAtOnce = usualRowsAtOnce }: RotationParts,
  vault: LiveVault,
  place: SealedColumn,
  closed: string[],
  before: number,
  say: (count: number) => void,
): Promise<number> {
  let done = before
  for (let after = ''; ;) {
    const rows = await listOthers(store.db, place, { keyId: vault.keyId, after, limit: rowsAtOnce })
    const last = rows.at(-1)
    if (!last) return done
    after = last.row
    const renewed = rows.flatMap(({ row, text }) => {
      const at = { table: place.table, row, column: place.column }
      try {
        const secret = vault.unseal(at, text)
        const sealed = vault.seal(at, secret)
        secret.forget()
        return [{ row, text, sealed }]
      } catch (error) {
        if (!isFailure(error)) throw error
        closed.push(`${place.table} ${row}`)
        return []
      }
    })
    const replaced = await store.transaction(async (trx) => {
      let count = 0
      for (const { row, text, sealed } of renewed) if (await replaceSealed(trx, place, row, text, sealed)) count += 1
      return count
    })
    if (Math.floor(done / tell) !== Math.floor((done + replaced) / tell)) say(done + replaced)
    done += replaced
  }
}

async function countOthers(store: Store, keyId: string): Promise<number> {
  let others = 0
  for (const place of sealedPlaces) for (const each of await countByKey(store.db, place)) if (each.keyId !== keyId) others += each.count
  return others
}

/** False while any text names the old key. In one transaction with the look: afterwards the database refuses texts of this key. */
async function retire(parts: RotationParts, from: string, to: string, texts: number): Promise<boolean> {
  return await parts.store.transaction(async (trx) => {
    for (const place of sealedPlaces) if ((await countByKey(trx, place)).some((each) => each.keyId === from)) return false
    const row = await trx
      .updateTable('vaultKeys')
      .set({ state: 'retired', changedAt: parts.now() })
      .where('id', '=', from)
      .where('state', '=', 'leaving')
      .executeTakeFirst()
    if (row.numUpdatedRows > 0n) await note(trx, parts, to, { step: 'retired', from, texts })
    return true
  })
}

/** Files of retired keys that a kill has left in their old place. */
async function tidy(store: Store, vault: LiveVault): Promise<void> {
  const retired = await store.db.selectFrom('vaultKeys').select('id').where('state', '=', 'retired').execute()
  for (const { id } of retired) if (id !== vault.keyId) vault.ring.retire(id)
}

const note = (trx: Trx, { now, by }: RotationParts, to: string, detail: Record<string, unknown>) =>
  record(
    trx,
    { code: 'vault.key_rotated', outcome: 'done', object: to, source: 'command line', detail: { ...detail, ...(by === undefined ? {} : { by }) } },
    now(),
  )
