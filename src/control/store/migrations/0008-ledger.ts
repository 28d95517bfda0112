import type { Engine } from '../engine.ts'
import type { Migration } from '../migrate.ts'

/** The ledger becomes a chain that nobody quietly changes: rows say what they changed, `auditChain` links them in commit order, and triggers refuse to change or remove either. */
export const ledger: Migration = {
  name: '0008-ledger',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    const add = (column: string) => `alter table audit add column "${column}" ${text}`
    return [
      ...['requestId', 'before', 'after'].map(add),
      `create index "audit_code" on audit (code, seq)`,
      `create index "audit_operator" on audit (operator, seq)`,
      `create table "auditChain" (number ${int} primary key, seq ${int} not null unique, hash ${text} not null, "chainedAt" ${int} not null)${end}`,
      `create table "auditHeads" (number ${int} primary key, hash ${text} not null, signature ${text} not null, "signedAt" ${int} not null, key ${text} not null)${end}`,
      `create table "auditSinks" (name ${text} primary key, "sentNumber" ${int} not null, "lastAt" ${int}, failure ${text}, "saidAt" ${int})${end}`,
      // What the sequencer has not chained yet. Numbers are committed in any order, so that no highest number could tell.
      `create table "auditWaiting" (seq ${int} primary key)${end}`,
      `insert into "auditWaiting" (seq) select seq from audit`,
      ...guards(engine),
    ]
  },
}

const refused = 'the ledger is only ever added to'
const guarded = ['audit', 'auditChain']

function guards(engine: Engine): string[] {
  if (engine === 'postgres')
    return [
      `create function sallyport_refuse_ledger_change() returns trigger language plpgsql as $$ begin raise exception '${refused}'; end $$`,
      `create function sallyport_queue_ledger_row() returns trigger language plpgsql as $$ begin insert into "auditWaiting" (seq) values (new.seq); return null; end $$`,
      ...guarded.map(
        (table) => `create trigger ledger_only_grows before update or delete on "${table}" for each row execute function sallyport_refuse_ledger_change()`,
      ),
      ...guarded.map(
        (table) => `create trigger ledger_is_kept before truncate on "${table}" for each statement execute function sallyport_refuse_ledger_change()`,
      ),
      `create trigger ledger_is_chained after insert on audit for each row execute function sallyport_queue_ledger_row()`,
    ]
  const abort = `select raise(abort, '${refused}')`
  return [
    ...guarded.flatMap((table) =>
      ['update', 'delete'].map((act) => `create trigger "${table}_refuses_${act}" before ${act} on "${table}" begin ${abort}; end`),
    ),
    // REPLACE removes a row without asking the triggers of DELETE (https://sqlite.org/lang_conflict.html). A number that SQLite is to choose is -1 here.
    `create trigger "audit_refuses_replace" before insert on audit when exists (select 1 from audit where seq = new.seq) begin ${abort}; end`,
    `create trigger "auditChain_refuses_replace" before insert on "auditChain"
       when new.number <> (select coalesce(max(number), 0) + 1 from "auditChain") or exists (select 1 from "auditChain" where seq = new.seq) begin ${abort}; end`,
    `create trigger "audit_is_chained" after insert on audit
       begin select raise(abort, '${refused}') where new.seq < 1 or new.seq < (select max(seq) from audit); insert into "auditWaiting" (seq) values (new.seq); end`,
  ]
}
