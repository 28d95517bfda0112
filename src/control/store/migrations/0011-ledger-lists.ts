import type { Migration } from '../migrate.ts'

/** What the page of the ledger sorts by, and the intents whose outcome is not known yet: those that an earlier version left count as lost at the first start. */
export const ledgerLists: Migration = {
  name: '0011-ledger-lists',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    return [
      `create index "audit_outcome" on audit (outcome, seq)`,
      `create index "audit_source" on audit (source, seq)`,
      `create table "auditIntents" (seq ${int} primary key, code ${text} not null, object ${text})${end}`,
      `create index "auditIntents_object" on "auditIntents" (object)`,
    ]
  },
}
