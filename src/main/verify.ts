// `sallyport verify --audit`: whether the ledger is what was written. Reads and changes nothing, whether the product runs or not.
import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { HeadKey } from '#control/audit/head-check.ts'
import { readHeads } from '#control/audit/heads-folder.ts'
import { problemText } from '#control/audit/ledger-desk.ts'
import { verifyLedger, type LedgerVerdict } from '#control/audit/verify-ledger.ts'
import { verifyLines } from '#control/audit/verify-lines.ts'
import { fingerprintOf } from '#control/vault/ledger-key.ts'
import { openLedger } from './ledger-place.ts'
import { CommandFailed } from './say.ts'

/** `file`: exported lines instead of a database. `heads`: a folder. `trust`: a public key, PEM. */
export type VerifyGiven = { file?: string; data: string; database?: string | undefined; heads?: string; trust?: string; json?: boolean }

/** Prints the verdict, and returns the exit code: 1 when something is wrong. Throws `CommandFailed` in words when it cannot be read at all. */
export async function verifyAudit(given: VerifyGiven): Promise<number> {
  const key = given.trust === undefined ? keyBeside(given) : readKey(given.trust)
  const unreadable: string[] = []
  const parts = {
    key,
    ...(given.heads === undefined ? {} : { outside: readHeads(given.heads, (where) => unreadable.length < 10 && unreadable.push(where)) }),
  }
  let verdict: LedgerVerdict & { from?: number }
  try {
    verdict = given.file === undefined ? await verifyDatabase(given, parts) : await verifyLines(given.file, parts)
  } catch (cause) {
    throw new CommandFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
  const isVerified = given.trust !== undefined && verdict.signed !== undefined
  const state = verdict.state === 'broken' ? 'broken' : isVerified ? 'verified' : 'consistent'
  process.stdout.write(given.json === true ? `${JSON.stringify(asJson(state, verdict, key, unreadable))}\n` : inWords(state, verdict, key, given, unreadable))
  return state === 'broken' ? 1 : 0
}

async function verifyDatabase(given: VerifyGiven, parts: Pick<Parameters<typeof verifyLedger>[0], 'key' | 'outside'>): Promise<LedgerVerdict> {
  const reading = await openLedger(given)
  try {
    return await verifyLedger({ ...parts, db: reading.db, engine: reading.engine })
  } finally {
    await reading.close()
  }
}

/** What lies beside the ledger proves nothing to whoever suspects that machine, but finds what was changed by others. */
function keyBeside({ data, database, file }: VerifyGiven): HeadKey | undefined {
  const path = join(resolve(data), 'control', 'keys', 'ledger.pub')
  return file === undefined && database === undefined && existsSync(path) ? readKey(path) : undefined
}

function readKey(path: string): HeadKey {
  try {
    const publicKey = createPublicKey(readFileSync(path, 'utf8'))
    if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key')
    return { publicKey, fingerprint: fingerprintOf(publicKey) }
  } catch (cause) {
    throw new CommandFailed(`the key ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function asJson(
  state: string,
  { signed, problem, ...rest }: LedgerVerdict & { from?: number },
  key: HeadKey | undefined,
  unreadable: readonly string[],
): object {
  return {
    ...rest,
    state,
    ...(key ? { key: key.fingerprint } : {}),
    ...(signed ? { signedNumber: signed.number, signedAt: new Date(signed.time).toISOString() } : {}),
    ...(problem ? { problem } : {}),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  }
}

function inWords(
  state: string,
  verdict: LedgerVerdict & { from?: number },
  key: HeadKey | undefined,
  given: VerifyGiven,
  unreadable: readonly string[],
): string {
  const { rows, from = 1, unchained, firstUnchained, head, signed, problem } = verdict
  const lines = [state === 'broken' && problem ? `broken: ${problemText(problem)}` : `${state}: ${rows} rows${from === 1 ? '' : ` from number ${from} on`}`]
  if (state !== 'broken') {
    if (head !== undefined) lines.push(`head: number ${from + rows - 1} ${head}`)
    const who = key ? ` with ${key.fingerprint}${given.trust === undefined ? ', which lies beside the ledger: give --trust a copy from elsewhere' : ''}` : ''
    const unlooked = key ? '' : '; signatures were not looked at, for want of a key (--trust)'
    lines.push(signed ? `signed: up to number ${signed.number} at ${new Date(signed.time).toISOString()}${who}${unlooked}` : 'signed: nothing yet')
    if (given.file === undefined && given.heads === undefined) lines.push('without --heads: a chain that was calculated anew with its heads would not be seen')
    if (unchained > 0) lines.push(`not chained yet: ${unchained}, from ledger row ${firstUnchained ?? 0} on`)
  }
  for (const where of unreadable) lines.push(`no head: ${where}`)
  return `${lines.join('\n')}\n`
}
