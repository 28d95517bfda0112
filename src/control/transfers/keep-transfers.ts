// Files that went in or out, as gateways tell them: a row each, beside the ledger's.
import { formatAddress } from '#domain/asset.ts'
import type { SessionAct } from '#domain/session-act.ts'
import { plainText } from '../audit/plain-text.ts'
import { whole } from '../sessions/end-session.ts'
import { folded } from '../sessions/search-text.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type FileAct = Extract<SessionAct, { act: 'file' }>
const maxPathLength = 4096
const maxRuleLength = 200

/** `timeOf`: of an act, within the life of its session. An act that is there already stays as it is. */
export async function keepTransfers(
  trx: Trx,
  row: Row<'sessions'>,
  acts: readonly { number: number; told: FileAct }[],
  timeOf: (at: number) => number,
): Promise<void> {
  if (acts.length === 0) return
  await trx
    .insertInto('transfers')
    .values(acts.map(({ number, told }) => ({ sessionId: row.id, number, ...whoAndWhere(row), ...factsOf(row, told), at: timeOf(told.at) })))
    .onConflict((conflict) => conflict.columns(['sessionId', 'number']).doNothing())
    .execute()
}

const whoAndWhere = (row: Row<'sessions'>) => ({
  ...{ operatorId: row.operatorId, operatorName: row.operatorName, assetId: row.assetId, assetName: row.assetName, account: row.account },
  ...{ address: formatAddress(row.address, row.port), source: row.source, door: row.door },
})

function factsOf(row: Row<'sessions'>, told: FileAct) {
  const path = plainText(told.path, maxPathLength)
  const toPath = told.to === undefined ? null : plainText(told.to, maxPathLength)
  const { operatorName, assetName, address, account } = whoAndWhere(row)
  return {
    ...{ way: told.way, deed: told.deed, path, toPath, outcome: told.outcome, sha256: told.sha256 ?? null, verified: told.verified ?? null },
    bytes: told.bytes === undefined ? null : whole(told.bytes),
    atMs: told.atMs === undefined ? null : whole(told.atMs),
    ms: told.ms === undefined ? null : whole(told.ms),
    rule: told.rule === undefined ? null : plainText(told.rule, maxRuleLength),
    failure: told.failure === undefined ? null : plainText(told.failure),
    search: folded([operatorName, assetName, address, account, path, toPath ?? ''].map((text) => text.replace(/\s+/g, ' ')).join('\n')),
  }
}
