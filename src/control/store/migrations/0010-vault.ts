import type { Migration } from '../migrate.ts'

/** Tables with a column `sealed`; `vault/sealed-places.ts` has the list that rotation goes by. */
const sealedTables = ['accounts', 'credentials', '"secondFactors"']
const refusal = 'sealed with a vault key that has been retired'

/**
 * Which vault keys are on their way in or out, and which control has which. A text of a retired key is refused by the database itself: a control that slept through
 * a rotation cannot write one when it wakes.
 */
export const vault: Migration = {
  name: '0010-vault',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    return [
      `create table "vaultKeys" (id ${text} primary key, state ${text} not null, "changedAt" ${int} not null)${end}`,
      `create table "controlReplicas" (id ${text} primary key, name ${text} not null, "keyIds" ${text} not null, "currentKey" ${text} not null, problem ${text},
         beat ${int} not null, "lastBeatAt" ${int} not null)${end}`,
      ...(engine === 'postgres'
        ? [
            `create function sallyport_refuse_retired_key() returns trigger language plpgsql as $$ begin
               if exists (select 1 from "vaultKeys" where state = 'retired' and id = split_part(new.sealed, '.', 2)) then raise exception '${refusal}'; end if;
               return new; end $$`,
            ...sealedTables.map(
              (table) =>
                `create trigger refuses_retired_key before insert or update of sealed on ${table} for each row when (new.sealed is not null) execute function sallyport_refuse_retired_key()`,
            ),
          ]
        : sealedTables.flatMap((table) =>
            ['insert', 'update of sealed'].map(
              (act) =>
                `create trigger "${table.replaceAll('"', '')}_refuses_retired_key_${act.slice(0, 6)}" before ${act} on ${table} when new.sealed is not null begin
                   select raise(abort, '${refusal}') from "vaultKeys" where state = 'retired' and instr(substr(new.sealed, 3), '.' || id || '.') = 1; end`,
            ),
          )),
    ]
  },
}
