import { grantActions } from '#domain/grant.ts'
import type { Migration } from '../migrate.ts'

/** Whoever was an administrator until now could do everything: they become a group with a grant that can be changed like any other. */
const group = 'gr_aaaaaaaaaaaaaaaaaaaaaaaa'
const grant = 'gt_aaaaaaaaaaaaaaaaaaaaaaaa'
const terms = JSON.stringify({ actions: grantActions, accounts: 'all', record: 'must', secondFactor: false, reason: false })

/** People, groups, grants, second factors and tokens. */
export const access: Migration = {
  name: '0007-access',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    const add = (table: string, column: string, type: string) => `alter table ${table} add column "${column}" ${type}`
    const to = (table: string) => `${text} not null references ${table} (id) on delete cascade`
    const now = engine === 'postgres' ? '(extract(epoch from now()) * 1000)::bigint' : "cast(unixepoch('subsec') * 1000 as integer)"
    return [
      add('operators', 'mustChangePassword', `${int} not null default 0`),
      add('operators', 'lastSignInAt', int),
      add('"signIns"', 'secondFactorAt', int),
      ...['grants', 'reason', 'duties'].map((column) => add('sessions', column, text)),
      add('sessions', 'endsAt', int),
      add('sessions', 'secondFactor', `${int} not null default 0`),
      `create table groups (id ${text} primary key, name ${text} not null unique, "createdAt" ${int} not null)${end}`,
      `create table "groupMembers" ("groupId" ${to('groups')}, "operatorId" ${to('operators')}, primary key ("groupId", "operatorId"))${end}`,
      `create index "groupMembers_operator" on "groupMembers" ("operatorId")`,
      `create table grants (
         id ${text} primary key, name ${text} not null, note ${text} not null, "allAssets" ${int} not null, tags ${text} not null, terms ${text} not null,
         "createdAt" ${int} not null, "changedAt" ${int} not null
       )${end}`,
      `create table "grantOperators" ("grantId" ${to('grants')}, "operatorId" ${to('operators')}, primary key ("grantId", "operatorId"))${end}`,
      `create index "grantOperators_operator" on "grantOperators" ("operatorId")`,
      `create table "grantGroups" ("grantId" ${to('grants')}, "groupId" ${to('groups')}, primary key ("grantId", "groupId"))${end}`,
      `create index "grantGroups_group" on "grantGroups" ("groupId")`,
      `create table "grantAssets" ("grantId" ${to('grants')}, "assetId" ${to('assets')}, primary key ("grantId", "assetId"))${end}`,
      `create index "grantAssets_asset" on "grantAssets" ("assetId")`,
      `create table "secondFactors" (
         "operatorId" ${text} primary key references operators (id) on delete cascade, sealed ${text} not null, "createdAt" ${int} not null,
         "confirmedAt" ${int}, "lastStep" ${int} not null
       )${end}`,
      `create table "recoveryCodes" ("operatorId" ${to('operators')}, hash ${text} not null, "usedAt" ${int}, primary key ("operatorId", hash))${end}`,
      `create table tokens (
         id ${text} primary key, hash ${text} not null unique, "operatorId" ${to('operators')}, name ${text} not null, scopes ${text} not null,
         "createdAt" ${int} not null, "expiresAt" ${int}, "lastUsedAt" ${int}, "lastSource" ${text}
       )${end}`,
      `create index "tokens_operator" on tokens ("operatorId", "createdAt")`,
      // What was claimed before goes on as it was.
      `insert into groups (id, name, "createdAt") select '${group}', 'administrators', ${now} where exists (select 1 from operators)`,
      `insert into "groupMembers" ("groupId", "operatorId") select '${group}', id from operators where role = 'admin'`,
      `insert into grants (id, name, note, "allAssets", tags, terms, "createdAt", "changedAt")
         select '${grant}', 'administrators: all hosts', '', 1, '[]', '${terms}', ${now}, ${now} where exists (select 1 from operators)`,
      `insert into "grantGroups" ("grantId", "groupId") select '${grant}', '${group}' where exists (select 1 from operators)`,
    ]
  },
}
