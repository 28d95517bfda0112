// What sessions without a screen did, as gateways tell it: each act once, in the ledger, and files and forwards in lists of their own.
import type { AuditEvent } from '#domain/audit-event.ts'
import { formatAddress } from '#domain/asset.ts'
import type { GatewayId } from '#domain/id.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { Report } from '#wire/link.ts'
import { recordMany } from '../audit/ledger.ts'
import { plainText } from '../audit/plain-text.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { keepTransfers } from '../transfers/keep-transfers.ts'
import { whole } from './end-session.ts'
import { ownSession, refuseForeign } from './own-session.ts'
import type { RefusedRows } from './refused-rows.ts'
import type { ReportParts } from './take-report.ts'

type Act<Kind extends SessionAct['act']> = Extract<SessionAct, { act: Kind }>
type Numbered<Told extends SessionAct> = { number: number; told: Told }

/**
 * Keeps what was not taken before: acts count from 0, and a report that comes again, or a part of it, changes nothing. Also after the session's end, since the last acts are told behind it.
 * Refused forwards stand in the ledger within the bounds of `RefusedRows`, all others with a row each. Throws `forbidden` for another gateway's session.
 */
export async function takeActs(
  { store, refusals }: ReportParts,
  refused: RefusedRows,
  gateway: GatewayId,
  { session, from, acts }: Extract<Report, { report: 'acts' }>,
  now: number,
): Promise<void> {
  const taken = await store.transaction(async (trx) => {
    const row = await ownSession(trx, gateway, session)
    if (!row) return undefined
    const fresh = acts.map((told, at) => ({ number: from + at, told })).filter(({ number }) => number >= row.acts)
    if (fresh.length === 0) return { row, fresh }
    await trx
      .updateTable('sessions')
      .set({ acts: from + acts.length })
      .where('id', '=', row.id)
      .execute()
    await keepTransfers(trx, row, fresh.filter(isOf('file')), (at) => timeOf(row, at, now))
    await keepForwards(trx, row, fresh.filter(isOf('forward')), now)
    const missed = from > row.acts ? from - row.acts : 0
    const events = fresh.filter(({ told }) => !isRefusedForward(told)).map(({ told }) => eventOf(row, told))
    const [first, ...others] = events
    if (first) await recordMany(trx, [missed === 0 ? first : { ...first, detail: { ...first.detail, missed } }, ...others], now)
    return { row, fresh }
  })
  if (!taken) throw await refuseForeign(refusals, gateway, 'report acts', session)
  for (const { told } of taken.fresh.filter(isOf('forward')))
    if (isRefusedForward(told)) await refused.noteAgain(taken.row.signInId ?? session, whatOf(told.way, told), eventOf(taken.row, told))
}

const isOf =
  <Kind extends SessionAct['act']>(kind: Kind) =>
  (act: Numbered<SessionAct>): act is Numbered<Act<Kind>> =>
    act.told.act === kind
const isRefusedForward = (told: SessionAct): told is Act<'forward'> => told.act === 'forward' && told.outcome === 'refused'

/** What a refused forward is called, so that it is known again when the gateway tells of it. */
export const whatOf = (way: 'local' | 'remote', { host, port }: { host: string; port: number }) => JSON.stringify(['forward', way, host, port])

/** A gateway's clock may be wrong: nothing was done before the session or later than now. */
const timeOf = (row: Row<'sessions'>, at: number, now: number) => Math.min(now, Math.max(row.startedAt, whole(at)))

async function keepForwards(trx: Trx, row: Row<'sessions'>, acts: readonly Numbered<Act<'forward'>>[], now: number): Promise<void> {
  if (acts.length === 0) return
  await trx
    .insertInto('forwards')
    .values(
      acts.map(({ number, told }) => ({
        sessionId: row.id,
        number,
        at: timeOf(row, told.at, now),
        way: told.way,
        host: plainText(told.host),
        port: whole(told.port),
        bytesIn: whole(told.bytesIn),
        bytesOut: whole(told.bytesOut),
        ms: whole(told.ms),
        outcome: told.outcome,
        failure: told.failure === undefined ? null : plainText(told.failure),
      })),
    )
    .onConflict((conflict) => conflict.columns(['sessionId', 'number']).doNothing())
    .execute()
}

function eventOf(row: Row<'sessions'>, told: SessionAct): AuditEvent {
  const of = { operator: row.operatorId, object: row.id, source: row.source }
  const where = { asset: row.assetName, account: row.account }
  switch (told.act) {
    case 'file': {
      const { act: _act, at: _at, outcome, ...detail } = told
      const isTransfer = told.deed === 'upload' || told.deed === 'download'
      return { ...of, code: isTransfer ? 'file.transferred' : 'file.changed', outcome, detail: { ...detail, ...where } }
    }
    case 'forward': {
      const { act: _act, at: _at, outcome, host, port, ...detail } = told
      return {
        ...of,
        code: outcome === 'refused' ? 'forward.refused' : 'forward.opened',
        outcome,
        detail: { destination: formatAddress(host, port), ...detail, ...where },
      }
    }
    case 'agent': {
      const { act: _act, at: _at, outcome, ...detail } = told
      return { ...of, code: 'agent.used', outcome, detail: { ...detail, ...where } }
    }
    case 'dropped': {
      const { act: _act, at: _at, ...detail } = told
      return { ...of, code: 'request.dropped', outcome: 'refused', detail }
    }
    case 'output': {
      const { act: _act, at: _at, ...detail } = told
      return { ...of, code: 'output.counted', outcome: 'done', detail }
    }
  }
}
