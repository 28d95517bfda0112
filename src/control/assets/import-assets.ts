// Many new hosts at once, from an OpenSSH `config` or a table: each row is judged for itself, and what can be made is made in one transaction.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditEvent } from '#domain/audit-event.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { AccountId, AssetId, makeId } from '#domain/id.ts'
import type { ImportOutcome, ImportRow } from '#wire/api/assets.ts'
import { recordMany } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { accountRow } from './accounts.ts'
import { refuseForbiddenAddress } from './allowed-address.ts'
import { foldName, namesInStore } from './asset-names.ts'
import { forgetCredential, readAuth, type AccountAuth } from './credential.ts'
import { checkHostKeys, hostKeyRows } from './host-keys.ts'
import { planImport, type InStore, type Planned, type ReadRow } from './import-plan.ts'
import { byWhom, random, type AssetParts } from './parts.ts'
import { storedWays } from './via.ts'
import { assetRow, factsOf, factsOfAccounts, refuseTwice } from './write-asset.ts'

/** A key with a passphrase takes a third of a second or more of control's one thread. */
export const maxLockedKeys = 20
/** Rows of one statement: SQLite takes 32,766 values in one, and a row has at most 18. */
const atOnce = 500

type Account = { id: string; username: string; auth: AccountAuth }
type Read = Omit<ReadRow, 'row' | 'accounts'> & { row: ImportRow; accounts: Account[]; trusted: HostKey[] }

/** One outcome for each row, in their order. With `dryRun` nothing is written, and rows that would be made are told as `created` without an id. */
export async function importAssets(parts: AssetParts, rows: readonly ImportRow[], dryRun: boolean, actor: Actor): Promise<ImportOutcome[]> {
  const read = await readRows(parts, rows, dryRun)
  try {
    const planned = await parts.store.transaction(async (trx) => {
      const plan = planImport(await refuseUnknownCredentials(trx, read), await inStore(trx, read))
      if (!dryRun) await write(parts, trx, read, plan, actor)
      return plan
    })
    return planned.map((each, index) => outcomeOf(each, index, read[index], dryRun))
  } finally {
    for (const { auth } of read.flatMap(({ accounts }) => accounts)) forgetCredential(auth)
  }
}

/** Keys are opened here, outside of the transaction, and with pauses in which others are served. */
async function readRows(parts: AssetParts, rows: readonly ImportRow[], dryRun: boolean): Promise<Read[]> {
  const read: Read[] = []
  let locked = 0
  for (const row of rows) {
    const accounts: Account[] = []
    let trusted: HostKey[] = []
    let failure: Failure | undefined
    try {
      refuseForbiddenAddress(parts, row.address, row.port, row.via !== undefined)
      trusted = checkHostKeys(row.trusted, 'trusted')
      refuseTwice(row.accounts.map(({ username }) => username))
      for (const [index, { username, auth }] of row.accounts.entries()) {
        const at = `accounts.${index}.auth`
        if (auth.kind === 'key' && auth.passphrase !== undefined && auth.passphrase !== '' && ++locked > maxLockedKeys)
          throw new Failure('bad_request', `At most ${maxLockedKeys} keys with a passphrase are opened at once. Import the rest after these.`, {
            field: `${at}.passphrase`,
          })
        // A pair that nobody will use need not be made.
        accounts.push({ id: makeId(AccountId, 'ac', random(15)), username, auth: dryRun && auth.kind === 'generate' ? { kind: 'ask' } : readAuth(auth, at) })
      }
    } catch (error) {
      if (!isFailure(error)) throw error
      failure = error
    }
    read.push({ row, id: makeId(AssetId, 'as', random(15)), accounts, trusted, failure })
    if (row.accounts.length > 0) await nextTurn()
  }
  return read
}

async function refuseUnknownCredentials(trx: Trx, read: readonly Read[]): Promise<Read[]> {
  const known = new Set((await trx.selectFrom('credentials').select('id').execute()).map(({ id }) => id))
  return read.map((each) => {
    const index = each.accounts.findIndex(({ auth }) => auth.kind === 'credential' && !known.has(auth.id))
    if (index < 0 || each.failure) return each
    return { ...each, failure: new Failure('credential_not_found', 'There is no such shared credential (any more).', { field: `accounts.${index}.auth.id` }) }
  })
}

async function inStore(trx: Trx, read: readonly Read[]): Promise<InStore> {
  const names = await namesInStore(trx)
  const wanted = [...new Set(read.flatMap(({ row }) => names.get(foldName(row.via?.name ?? '')) ?? []))]
  const rows = wanted.length === 0 ? [] : await trx.selectFrom('accounts').select(['id', 'assetId', 'username']).where('assetId', 'in', wanted).execute()
  return { names, accounts: Map.groupBy(rows, ({ assetId }) => assetId), ways: await storedWays(trx) }
}

async function write(parts: AssetParts, trx: Trx, read: readonly Read[], plan: readonly Planned[], actor: Actor): Promise<void> {
  const now = parts.now()
  const made = plan.flatMap((planned, index) => {
    const each = read[index]
    if (planned.outcome !== 'created' || !each) return []
    const accounts = each.accounts.map((account) => accountRow(parts.vault, each.id, account, now))
    return [{ asset: assetRow(each.id, { ...each.row, via: planned.via }, now), accounts, hostKeys: hostKeyRows(each.id, each.trusted, actor, now) }]
  })
  for (const part of chunksOf(made.map(({ asset }) => asset))) await trx.insertInto('assets').values(part).execute()
  for (const part of chunksOf(made.flatMap(({ accounts }) => accounts))) await trx.insertInto('accounts').values(part).execute()
  for (const part of chunksOf(made.flatMap(({ hostKeys }) => hostKeys))) await trx.insertInto('hostKeys').values(part).execute()
  const events = made.map(({ asset, accounts, hostKeys }): AuditEvent => {
    const trusted = hostKeys.map(({ fingerprint }) => fingerprint)
    const detail = { ...factsOf(asset), ...factsOfAccounts(accounts), trusted, imported: true }
    return { code: 'asset.created', outcome: 'done', ...byWhom(actor), object: asset.id, detail, after: detail }
  })
  await recordMany(trx, events, now)
}

const chunksOf = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / atOnce) }, (_, index) => items.slice(index * atOnce, (index + 1) * atOnce))

function outcomeOf(planned: Planned, index: number, read: Read | undefined, dryRun: boolean): ImportOutcome {
  const name = read?.row.name ?? ''
  switch (planned.outcome) {
    case 'created':
      return { index, name, outcome: 'created', ...(dryRun || !read ? {} : { id: read.id }) }
    case 'exists':
      return { index, name, outcome: 'exists', ...(planned.id === undefined ? {} : { id: planned.id }) }
    case 'refused': {
      const { code, message, field } = planned.failure
      return { index, name, outcome: 'refused', failure: { code, message, ...(field === undefined ? {} : { field }) } }
    }
  }
}
