import type { Migration } from '../migrate.ts'

/** How a host is reached and known, credentials that many share, and what is one person's own: favourites and what they used last. */
export const hosts: Migration = {
  name: '0005-hosts',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    const add = (table: string, column: string, type: string) => `alter table ${table} add column "${column}" ${type}`
    return [
      add('assets', 'hostKeyPolicy', `${text} not null default 'strict'`),
      ...['viaAssetId', 'viaAccountId', 'reachState', 'reachFailure'].map((column) => add('assets', column, text)),
      ...['reachAt', 'reachRttMs'].map((column) => add('assets', column, int)),
      `create index "assets_via" on assets ("viaAssetId") where "viaAssetId" is not null`,
      `create table credentials (
         id ${text} primary key, name ${text} not null unique, username ${text} not null, "authKind" ${text} not null, "publicKey" ${text}, "keyAlgorithm" ${text},
         sealed ${text}, "createdAt" ${int} not null, "rotatedAt" ${int} not null
       )${end}`,
      add('accounts', 'credentialId', `${text} references credentials (id)`),
      `create index "accounts_credential" on accounts ("credentialId") where "credentialId" is not null`,
      `create table favourites (
         "operatorId" ${text} not null references operators (id) on delete cascade, "assetId" ${text} not null references assets (id) on delete cascade,
         "createdAt" ${int} not null, primary key ("operatorId", "assetId")
       )${end}`,
      `create table "assetUses" (
         "operatorId" ${text} not null references operators (id) on delete cascade, "assetId" ${text} not null references assets (id) on delete cascade,
         "accountId" ${text}, "usedAt" ${int} not null, primary key ("operatorId", "assetId")
       )${end}`,
      `create table "keyChanges" (
         id ${text} primary key, "assetId" ${text} not null references assets (id) on delete cascade, type ${text} not null, key ${text} not null,
         fingerprint ${text} not null, "firstSeenAt" ${int} not null, "lastSeenAt" ${int} not null, times ${int} not null, "operatorName" ${text}, "gatewayId" ${text},
         unique ("assetId", fingerprint)
       )${end}`,
      add('sessions', 'via', text),
    ]
  },
}
