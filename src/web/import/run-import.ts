// Sends an import: keys first, then hosts bite by bite; and takes it all back.
import { asFailure } from '#client/failure-answer.ts'
import { Failure } from '#domain/failure.ts'
import type { ImportOutcome } from '#wire/api/assets.ts'
import { baseName } from '#client/import/import-note.ts'
import { api } from '../api.ts'
import type { DraftRow, ImportChoices, Logins, RowField } from './import-rows.ts'
import { inOrder, makeRows } from './import-rows.ts'

export type GivenKey = { path: string; text: string; passphrase: string; username: string }
/** `unsent`: rows that could not be sent as they were. */
export type ImportRun = { outcomes: ImportOutcome[]; unsent: { name: string; fault: RowField }[]; credentials: string[]; stopped?: unknown }

/** A key that the server does not take; `path` is the one of the configuration. */
export class KeyRefused extends Error {
  readonly path: string
  readonly failure: Failure
  constructor(path: string, failure: Failure) {
    super(failure.message, { cause: failure })
    this.path = path
    this.failure = failure
  }
}

/** Ids of the shared credentials that tables name. Those that are not found are not in the map. */
export async function findCredentials(names: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of names.slice(0, 50)) {
    const { items } = await api.credentials.list({ q: name.slice(0, 200), page: 1, size: 200 }, { signal })
    const one = items.find((each) => each.name === name)
    if (one) found.set(name, one.id)
  }
  return found
}

/**
 * Stores the keys as shared credentials and then the hosts. Throws `KeyRefused` before any host is made, with nothing left behind; once hosts are made a failure is in
 * `stopped`, beside what was done.
 */
export async function runImport(
  drafts: readonly DraftRow[],
  choices: ImportChoices,
  keys: readonly GivenKey[],
  byName: Logins['byName'],
  onProgress: (done: number, total: number) => void,
): Promise<ImportRun> {
  const byKeyFile = new Map<string, string>()
  const credentials: string[] = []
  for (const key of keys) {
    try {
      const id = await storeKey(key)
      byKeyFile.set(key.path, id)
      credentials.push(id)
    } catch (error) {
      await removeCredentials(credentials)
      throw new KeyRefused(key.path, asFailure(error))
    }
  }
  const rows = makeRows(drafts, choices, { byKeyFile, byName }, false)
  const bites = inOrder(rows.flatMap((made) => ('row' in made ? [made] : [])))
  const total = bites.reduce((sum, bite) => sum + bite.length, 0)
  const unsent = rows.flatMap((made) => ('fault' in made ? [{ name: drafts[made.index]?.name ?? '', fault: made.fault }] : []))
  const run: ImportRun = { outcomes: [], unsent, credentials }
  onProgress(0, total)
  for (const bite of bites) {
    try {
      const { items } = await api.assets.importMany({ rows: bite.map(({ row }) => row), dryRun: false })
      run.outcomes.push(...items.map((item) => ({ ...item, index: bite[item.index]?.index ?? -1 })))
    } catch (error) {
      run.stopped = error
      break
    }
    onProgress(run.outcomes.length, total)
  }
  return run
}

/** The name of the file, or that with a number when it is taken. */
async function storeKey({ path, text, passphrase, username }: GivenKey): Promise<string> {
  const name = (baseName(path) || 'key').slice(0, 90)
  for (let count = 1; ; count += 1) {
    try {
      const auth = { kind: 'key' as const, privateKey: text, ...(passphrase === '' ? {} : { passphrase }) }
      return (await api.credentials.create({ name: count === 1 ? name : `${name} ${count}`, username, auth })).id
    } catch (error) {
      if (asFailure(error).code !== 'name_taken' || count >= 30) throw error
    }
  }
}

/** Deletes what an import made: those that others are reached through last. */
export async function undoImport({ outcomes, credentials }: ImportRun): Promise<void> {
  const ids = outcomes.flatMap(({ outcome, id }) => (outcome === 'created' && id !== undefined ? [id] : [])).reverse()
  for (let at = 0; at < ids.length; at += 500) await api.assets.removeMany({ ids: ids.slice(at, at + 500) })
  await removeCredentials(credentials)
}

async function removeCredentials(ids: readonly string[]): Promise<void> {
  for (const id of ids)
    try {
      await api.credentials.remove({ id })
    } catch (error) {
      // Somebody uses it by now, or took it away: either way it is theirs.
      if (!['conflict', 'not_found', 'credential_not_found'].includes(asFailure(error).code)) throw error
    }
}
