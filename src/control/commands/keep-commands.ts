// Commands that a gateway told, as rows: each once, however often it is told, with what the rules say of it.
import { effectOf } from '#domain/command-rule.ts'
import type { ToldCommand } from '#wire/told-command.ts'
import { recordMany } from '../audit/ledger.ts'
import { folded } from '../sessions/search-text.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { readRules } from './rule-rows.ts'

const rowsAtOnce = 200
type Of = Pick<Row<'sessions'>, 'id' | 'operatorId' | 'operatorName' | 'assetId' | 'assetName' | 'account' | 'startedAt'>

/**
 * In one transaction: the rows that are not there yet, how those that are there ended, and a ledger row for each that a rule speaks of. The texts are a stranger's: the link has bounded them,
 * the gateway has cleaned them, and here controls are taken out once more, for a gateway may be taken too.
 */
export async function keepCommands(store: Store, session: Of, told: readonly ToldCommand[], now: number): Promise<void> {
  if (told.length > 0) await store.transaction((trx) => keepCommandsIn(trx, session, told, now))
}

/** The same in the caller's transaction. */
export async function keepCommandsIn(trx: Trx, session: Of, told: readonly ToldCommand[], now: number): Promise<void> {
  const rules = await readRules(trx)
  const fresh = told.filter(({ text, how }) => text !== '' || how === 'hidden')
  const rows = fresh.map((command) => {
    const text = plain(command.text)
    const effect = command.denied === undefined ? effectOf(rules, text, { kind: command.how === 'exec' ? 'exec' : 'pty', hasIntegration: false }) : undefined
    return {
      sessionId: session.id,
      number: command.number,
      operatorId: session.operatorId,
      operatorName: session.operatorName,
      assetId: session.assetId,
      assetName: session.assetName,
      account: session.account,
      at: Math.round(session.startedAt + command.atMs),
      sessionMs: Math.round(command.atMs),
      text,
      how: command.how,
      folder: command.folder === undefined ? null : plain(command.folder),
      exitStatus: null,
      durationMs: null,
      rule: command.denied ?? effect?.rule ?? null,
      verdict: command.denied === undefined ? (effect === undefined ? null : 'noticed') : 'denied',
      search: commandSearchText(session, text),
    }
  })
  const added = new Set<number>()
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const inserted = await trx
      .insertInto('commands')
      .values(rows.slice(from, from + rowsAtOnce))
      .onConflict((conflict) => conflict.columns(['sessionId', 'number']).doNothing())
      .returning('number')
      .execute()
    for (const { number } of inserted) added.add(Number(number))
  }
  await noteEnds(trx, session.id, told)
  const spoken = rows.filter(({ number, verdict }) => verdict !== null && added.has(number))
  await recordMany(
    trx,
    spoken.map(({ number, how, rule, verdict, sessionMs }) => ({
      code: verdict === 'denied' ? ('command.denied' as const) : ('command.noticed' as const),
      // What was asked for word for word was never run; in a terminal the line was taken back.
      outcome: verdict === 'denied' && how === 'exec' ? ('refused' as const) : ('done' as const),
      operator: session.operatorId,
      object: session.id,
      // Not its text: commands expire, the ledger does not.
      detail: { rule, number, seconds: sessionMs / 1000, host: session.assetName, account: session.account },
    })),
    now,
  )
}

/** How commands ended whose shell says so; the first word of it stays. */
async function noteEnds(trx: Trx, session: string, told: readonly ToldCommand[]): Promise<void> {
  for (const { number, exitStatus, durationMs } of told) {
    if (durationMs === undefined) continue
    await trx
      .updateTable('commands')
      .set({ exitStatus: exitStatus ?? null, durationMs })
      .where('sessionId', '=', session)
      .where('number', '=', number)
      .where('durationMs', 'is', null)
      .execute()
  }
}

export const plain = (text: string): string => text.toWellFormed().replaceAll(/[^\P{Cc}\t\n]/gu, '')

/** What a search of commands looks through: no word holds the line feeds between. */
export const commandSearchText = (of: Pick<Of, 'operatorName' | 'assetName' | 'account'>, text: string): string =>
  folded([text, of.operatorName, of.assetName, of.account].map((part) => part.replaceAll(/\s+/g, ' ')).join('\n'))
