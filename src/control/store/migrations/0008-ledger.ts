import type { Migration } from '../migrate.ts'

/** The ledger becomes a chain that nobody quietly changes: rows say what they changed, `auditChain` links them in commit order, and triggers refuse to change or remove either. */
export const ledger: Migration = {
  name: '0008-ledger',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    const add = (column: string) => `alter table audit add column "${column}" ${text}`
    const guarded = ['audit', '"auditChain"']
    return [
      ...['requestId', 'before', 'after'].map(add),
      `create index "audit_code" on audit (code, seq)`,
      `create index "audit_operator" on audit (operator, seq)`,
      `create table "auditChain" (number ${int} primary key, seq ${int} not null unique, hash ${text} not null, "chainedAt" ${int} not null)${end}`,
      `create table "auditHeads" (number ${int} primary key, hash ${text} not null, signature ${text} not null, "signedAt" ${int} not null)${end}`,
      `create table "auditSinks" (name ${text} primary key, "sentNumber" ${int} not null, "lastAt" ${int}, failure ${text})${end}`,
      ...(engine === 'postgres'
        ? [
            `create function sallyport_refuse_ledger_change() returns trigger language plpgsql as $$ begin raise exception 'the ledger is only ever added to'; end $$`,
            ...guarded.map(
              (table) => `create trigger ledger_only_grows before update or delete on ${table} for each row execute function sallyport_refuse_ledger_change()`,
            ),
            ...guarded.map(
              (table) => `create trigger ledger_is_kept before truncate on ${table} for each statement execute function sallyport_refuse_ledger_change()`,
            ),
          ]
        : guarded.flatMap((table) =>
            ['update', 'delete'].map(
              (act) =>
                `create trigger "${table.replaceAll('"', '')}_refuses_${act}" before ${act} on ${table} begin select raise(abort, 'the ledger is only ever added to'); end`,
            ),
          )),
    ]
  },
}
