import type { Migration } from '../migrate.ts'

/** Keys of people, the door's own keys, what waits for somebody at a browser, and what sessions without a screen did. */
export const sshDoor: Migration = {
  name: '0012-ssh-door',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    return [
      `alter table "signIns" add column door ${text} not null default 'web'`,
      `alter table "signIns" add column "gatewayId" ${text}`,
      `alter table "signIns" add column "keyId" ${text}`,
      `alter table operators add column language ${text}`,
      `alter table sessions add column command ${text}`,
      `alter table sessions add column may ${text}`,
      `create table "operatorKeys" (
         id ${text} primary key, "operatorId" ${text} not null references operators (id) on delete cascade, name ${text} not null, type ${text} not null, blob ${text} not null, fingerprint ${text} not null,
         "addedBy" ${text} not null, "createdAt" ${int} not null, "lastUsedAt" ${int}, "lastSource" ${text}
       )${end}`,
      `create unique index "operatorKeys_fingerprint" on "operatorKeys" (fingerprint)`,
      `create index "operatorKeys_operatorId" on "operatorKeys" ("operatorId")`,
      `create table "doorKeys" (type ${text} primary key, "publicKey" ${text} not null, sealed ${text} not null, "createdAt" ${int} not null)${end}`,
      `create table approvals (
         id ${text} primary key, kind ${text} not null, "operatorId" ${text} references operators (id) on delete cascade, username ${text} not null, source ${text} not null, client ${text} not null, "gatewayId" ${text} not null,
         number ${text} not null, "publicKey" ${text}, state ${text} not null, tries ${int} not null, "decidedBy" ${text}, "createdAt" ${int} not null, "expiresAt" ${int} not null
       )${end}`,
      `create index "approvals_expiresAt" on approvals ("expiresAt")`,
      `create table transfers (
         "sessionId" ${text} not null, number ${int} not null, "operatorId" ${text} not null, "operatorName" ${text} not null, "assetId" ${text}, "assetName" ${text} not null,
         account ${text} not null, at ${int} not null, way ${text} not null, deed ${text} not null, path ${text} not null, "toPath" ${text}, bytes ${int}, sha256 ${text},
         outcome ${text} not null, failure ${text}, primary key ("sessionId", number)
       )${end}`,
      `create index "transfers_at" on transfers (at, "sessionId", number)`,
      `create table forwards (
         "sessionId" ${text} not null, number ${int} not null, at ${int} not null, way ${text} not null, host ${text} not null, port ${int} not null,
         "bytesIn" ${int} not null, "bytesOut" ${int} not null, ms ${int} not null, outcome ${text} not null, failure ${text}, primary key ("sessionId", number)
       )${end}`,
      `create index "forwards_at" on forwards (at)`,
    ]
  },
}
