// What the API asks about the chain.
import type { ChainView } from '#wire/api/audit.ts'
import type { Store } from '../store/open-store.ts'
import type { LedgerKey } from '../vault/ledger-key.ts'
import type { LedgerProblem } from './chain-check.ts'
import { verifyLedger } from './verify-ledger.ts'

export interface LedgerDesk {
  /** Reads the whole chain; whoever asks while it is being read gets the same answer. */
  verify(): Promise<ChainView>
}

/** `sinks`: names of the receivers that are set now; others are told of no more. */
export function openLedgerDesk({ store, ledgerKey, sinks }: { store: Store; ledgerKey: LedgerKey; sinks: readonly string[] }): LedgerDesk {
  let reading: Promise<ChainView> | undefined
  return {
    verify() {
      reading ??= view(store, ledgerKey, sinks).finally(() => (reading = undefined))
      return reading
    },
  }
}

async function view(store: Store, ledgerKey: LedgerKey, sinks: readonly string[]): Promise<ChainView> {
  const { state, rows, unchained, head, signed, problem } = await verifyLedger({ db: store.db, engine: store.engine, key: ledgerKey })
  const stored = new Map((await store.db.selectFrom('auditSinks').selectAll().execute()).map((row) => [row.name, row]))
  return {
    state,
    rows,
    unchained,
    keyFingerprint: ledgerKey.fingerprint,
    ...(head === undefined ? {} : { head }),
    ...(signed === undefined ? {} : { signedAt: new Date(signed.time).toISOString(), signedNumber: signed.number }),
    ...(problem === undefined ? {} : { problem: problemText(problem) }),
    receivers: sinks.map((name) => {
      const { sentNumber = 0, lastAt = null, failure = null } = stored.get(name) ?? {}
      return { name, sentNumber, ...(lastAt === null ? {} : { lastAt: new Date(lastAt).toISOString() }), ...(failure === null ? {} : { failure }) }
    }),
  }
}

/** The row's place first, so that it can be looked up. */
export function problemText({ number, seq, what }: LedgerProblem): string {
  const place = [...(number === undefined ? [] : [`number ${number}`]), ...(seq === undefined ? [] : [`ledger row ${seq}`])].join(', ')
  return place === '' ? what : `${place}: ${what}`
}
