// Slows guessing, by account and by source, with delays that grow and never become a lock. A try counts as failed before its password is looked at, so that many at once cannot slip through together.
//
// An account under attack from elsewhere must not lock out its owner: a source from which the account has signed in before
// ("known") has a counter of its own for that account, and is not slowed by the tries of strangers.
import { createHash } from 'node:crypto'
import type { Trx } from '../store/open-store.ts'
import { sourcePrefix } from './source-prefix.ts'

/** Tries before the first delay, which is 1 s and doubles up to `maxMs`. Many people may share one source, so it has more free tries. */
const accountPace = { free: 5, maxMs: 60_000 }
const sourcePace = { free: 10, maxMs: 60_000 }
/** Failures are forgotten after an hour without a try; a known source after 30 days. */
const forgetMs = 3_600_000
const forgetKnownMs = 30 * 24 * forgetMs
/** Beyond it the oldest rows go: some 3 MB. */
export const maxTries = 20_000

/** A try that was let through: what it was counted on. */
export type CountedTry = { readonly account: string; readonly known: string; readonly source: string; readonly isKnown: boolean }
export type Slowed = { readonly retryAfterSeconds: number }

/** Counts a try as failed, or says how long to wait; a try that must wait is not counted, so waiting ends by itself. `now` in ms. */
export async function countTry(trx: Trx, facts: { username: string; source: string; now: number }): Promise<CountedTry | Slowed> {
  const { now } = facts
  // Only a digest: people type passwords into the field for the name.
  const name = createHash('sha256').update(facts.username.normalize('NFC')).digest('hex').slice(0, 32)
  const prefix = sourcePrefix(facts.source)
  const [account, known, source] = [`account:${name}`, `known:${name}@${prefix}`, `source:${prefix}`]
  const rows = await trx.selectFrom('signInTries').selectAll().where('what', 'in', [account, known, source]).execute()
  const failuresOf = (what: string) => {
    const row = rows.find((candidate) => candidate.what === what)
    return row && now - row.lastAt < forgetMs ? row : { failures: 0, lastAt: now }
  }
  const isKnown = rows.some((row) => row.what === known && now - row.lastAt < forgetKnownMs)
  const counted = isKnown ? known : account
  const waitMs = Math.max(waitOf(failuresOf(counted), accountPace, now), waitOf(failuresOf(source), sourcePace, now))
  if (waitMs > 0) return { retryAfterSeconds: Math.ceil(waitMs / 1000) }
  for (const what of [counted, source]) await put(trx, what, failuresOf(what).failures + 1, now)
  return { account, known, source, isKnown }
}

/** Counts a failed try that names nobody, a wrong API token say, on its source alone; or says how long to wait, and then counts nothing. `now` in ms. */
export async function countSource(trx: Trx, from: string, now: number): Promise<Slowed | undefined> {
  const what = `source:${sourcePrefix(from)}`
  const row = await trx.selectFrom('signInTries').selectAll().where('what', '=', what).executeTakeFirst()
  const known = row && now - row.lastAt < forgetMs ? row : { failures: 0, lastAt: now }
  const waitMs = waitOf(known, sourcePace, now)
  if (waitMs > 0) return { retryAfterSeconds: Math.ceil(waitMs / 1000) }
  await put(trx, what, known.failures + 1, now)
  return undefined
}

/** The try was right: takes its own failure back, and remembers the source for this account. Never more than its own from the source, or someone with an account of their own could wipe their guesses at others. */
export async function forgiveTry(trx: Trx, counted: CountedTry, now: number): Promise<void> {
  await put(trx, counted.known, 0, now)
  if (!counted.isKnown) await trx.deleteFrom('signInTries').where('what', '=', counted.account).execute()
  await trx
    .updateTable('signInTries')
    .set((row) => ({ failures: row('failures', '-', 1) }))
    .where('what', '=', counted.source)
    .where('failures', '>', 0)
    .execute()
}

/** The try was neither right nor wrong, since something is still missing: takes its own counts back and nothing else. */
export async function takeBackTry(trx: Trx, counted: CountedTry): Promise<void> {
  await trx
    .updateTable('signInTries')
    .set((row) => ({ failures: row('failures', '-', 1) }))
    .where('what', 'in', [counted.isKnown ? counted.known : counted.account, counted.source])
    .where('failures', '>', 0)
    .execute()
}

/** Deletes what is forgotten, and the oldest rows beyond the bound. */
export async function sweepTries(trx: Trx, now: number, keep = maxTries): Promise<void> {
  await trx
    .deleteFrom('signInTries')
    .where((row) => row.or([row('lastAt', '<', now - forgetKnownMs), row.and([row('lastAt', '<', now - forgetMs), row('what', 'not like', 'known:%')])]))
    .execute()
  const oldest = await trx.selectFrom('signInTries').select('lastAt').orderBy('lastAt', 'desc').offset(keep).limit(1).executeTakeFirst()
  if (oldest) await trx.deleteFrom('signInTries').where('lastAt', '<=', oldest.lastAt).execute()
}

function waitOf(row: { failures: number; lastAt: number }, pace: { free: number; maxMs: number }, now: number): number {
  if (row.failures < pace.free) return 0
  const delayMs = Math.min(1000 * 2 ** Math.min(row.failures - pace.free, 16), pace.maxMs)
  // A clock that was set back must not make the wait longer than the delay itself.
  return Math.min(row.lastAt + delayMs - now, delayMs)
}

async function put(trx: Trx, what: string, failures: number, lastAt: number): Promise<void> {
  await trx
    .insertInto('signInTries')
    .values({ what, failures, lastAt })
    .onConflict((conflict) => conflict.column('what').doUpdateSet({ failures, lastAt }))
    .execute()
}
