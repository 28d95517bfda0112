// Writing the end of a session, once, whoever says it: the gateway, or control when nobody ever will.
import type { SessionEnd } from '#domain/session.ts'
import { failureCodes } from '#domain/failure.ts'
import { beforeTerminal } from '#domain/end-reason.ts'
import { record } from '../audit/ledger.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

/** A whole number that both databases can hold: what a gateway says may be a fraction, negative, or beyond them. */
export const whole = (value: number): number => (Number.isFinite(value) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(value))) : 0)

/** Marks the row ended with its ledger rows, and everyone who watched it gone. An ended row stays as it is: the first word counts. Returns whether it changed anything. */
export async function endSession(trx: Trx, row: Row<'sessions'>, end: SessionEnd, bytes: { in: number; out: number }, now: number): Promise<boolean> {
  if (row.state === 'ended') return false
  // A gateway's clock may be wrong; no session ends before it starts or later than now.
  const endedAt = Math.min(now, Math.max(row.startedAt, whole(end.at)))
  const failure = failureCodes.find((code) => code === end.failure)
  const exitStatus = end.exitStatus === undefined ? null : Math.max(-2_147_483_648, Math.min(2_147_483_647, Math.trunc(end.exitStatus)))
  await trx
    .updateTable('sessions')
    .set({
      state: 'ended',
      endedAt,
      endReason: end.reason,
      endMessage: end.message,
      failure: failure ?? null,
      exitStatus,
      signal: end.signal ?? null,
      bytesIn: Math.max(row.bytesIn, whole(bytes.in)),
      bytesOut: Math.max(row.bytesOut, whole(bytes.out)),
      idleMs: null,
      // Nothing was ever shown, so there is no recording, unless its first block has come.
      ...(row.beganAt === null && row.recordingBytes === 0 ? { recordingState: null } : {}),
    })
    .where('id', '=', row.id)
    .execute()
  if (row.command !== null && row.beganAt !== null) await noteCommandEnd(trx, row.id, { exitStatus, durationMs: endedAt - row.beganAt })
  await trx.updateTable('watches').set({ endedAt: now }).where('sessionId', '=', row.id).where('endedAt', 'is', null).execute()
  await record(
    trx,
    {
      code: 'session.ended',
      outcome: failure !== undefined || beforeTerminal.has(end.reason) ? 'failed' : 'done',
      operator: row.operatorId,
      object: row.id,
      source: row.source,
      detail: {
        reason: end.reason,
        failure,
        exitStatus: end.exitStatus,
        signal: end.signal,
        bytesIn: whole(bytes.in),
        bytesOut: whole(bytes.out),
        gateway: row.gatewayId,
      },
    },
    now,
  )
  if (row.mustEnd !== null)
    await record(
      trx,
      {
        code: 'session.terminated',
        outcome: 'done',
        object: row.id,
        detail: { by: row.mustEndBy, wished: row.mustEnd, ended: end.reason, owner: row.operatorId },
      },
      now,
    )
  return true
}

/** The one command that the session was for ended with it. */
async function noteCommandEnd(trx: Trx, session: string, end: { exitStatus: number | null; durationMs: number }): Promise<void> {
  const ofSession = trx.updateTable('commands').set(end).where('sessionId', '=', session).where('number', '=', 0)
  await ofSession.where('how', '=', 'exec').where('durationMs', 'is', null).execute()
}
