// The first tables. Kept in step with ../schema.ts, which says what the columns mean.
import type { Engine } from '../engine.ts'
import type { Migration } from '../migrate.ts'

export const firstTables: Migration = {
  name: '0001-first-tables',
  statements(engine) {
    const { table } = words(engine)
    return [
      table(
        'operators',
        `id TEXT primary key, username TEXT not null unique, name TEXT not null, role TEXT not null, "mayWatch" INT not null, enabled INT not null, "passwordHash" TEXT not null, "createdAt" INT not null`,
      ),
      table(
        '"signIns"',
        `id TEXT primary key, "operatorId" TEXT not null references operators (id) on delete cascade, "createdAt" INT not null, "lastSeenAt" INT not null, "expiresAt" INT not null, source TEXT not null, agent TEXT not null`,
      ),
      `create index "signIns_operator" on "signIns" ("operatorId", "createdAt")`,
      `create index "signIns_expiry" on "signIns" ("expiresAt")`,
      table('"signInTries"', `what TEXT primary key, failures INT not null, "lastAt" INT not null`),
      `create index "signInTries_lastAt" on "signInTries" ("lastAt")`,
      table(
        'assets',
        `id TEXT primary key, name TEXT not null unique, address TEXT not null, port INT not null, protocol TEXT not null, tags TEXT not null, "createdAt" INT not null, "lastUsedAt" INT, "confirmedLoopback" INT not null`,
      ),
      ...['address', 'createdAt', 'lastUsedAt'].map((column) => `create index "assets_${column}" on assets ("${column}", id)`),
      table(
        'accounts',
        `id TEXT primary key, "assetId" TEXT not null references assets (id) on delete cascade, username TEXT not null, "authKind" TEXT not null, "publicKey" TEXT, "keyAlgorithm" TEXT, sealed TEXT, "createdAt" INT not null, unique ("assetId", username)`,
      ),
      table(
        '"hostKeys"',
        `place TEXT not null, type TEXT not null, key TEXT not null, fingerprint TEXT not null, "trustedAt" INT not null, "trustedBy" TEXT not null, primary key (place, fingerprint)`,
      ),
      table('tickets', `id TEXT primary key, "operatorId" TEXT not null, "signInId" TEXT not null, body TEXT not null, "expiresAt" INT not null, "usedAt" INT`),
      `create index "tickets_operator" on tickets ("operatorId", "expiresAt")`,
      `create index "tickets_expiry" on tickets ("expiresAt")`,
      ...sessions(engine),
      table(
        'gateways',
        `id TEXT primary key, "publicKey" TEXT not null unique, name TEXT not null, state TEXT not null, version TEXT not null, since INT not null, "lastBeatAt" INT not null, load TEXT`,
      ),
      table('audit', `seq SEQUENCE, at INT not null, code TEXT not null, outcome TEXT not null, operator TEXT, object TEXT, source TEXT, detail TEXT`),
      `create index "audit_at" on audit (at)`,
      `create index "audit_object" on audit (object)`,
      table('settings', `name TEXT primary key, value TEXT not null`),
    ]
  },
}

function sessions(engine: Engine): string[] {
  const { table } = words(engine)
  const sorted = ['startedAt', 'endedAt', 'operatorName', 'assetName', 'address', 'account', 'bytesOut', 'state', 'door', 'endReason']
  return [
    table(
      'sessions',
      `id TEXT primary key, "operatorId" TEXT not null, "operatorName" TEXT not null, "assetId" TEXT, "assetName" TEXT not null, address TEXT not null, port INT not null,
       account TEXT not null, "accountId" TEXT, door TEXT not null, kind TEXT not null, state TEXT not null, source TEXT not null, "gatewayId" TEXT not null,
       "startedAt" INT not null, "beganAt" INT, "endedAt" INT, "endReason" TEXT, "endMessage" TEXT, failure TEXT, "exitStatus" INT, signal TEXT,
       "bytesIn" INT not null, "bytesOut" INT not null, "idleMs" INT, "lastBeatAt" INT, "mustEnd" TEXT, "mustEndBy" TEXT, "mustEndText" TEXT,
       "recordingState" TEXT, "recordingFile" TEXT, "recordingSeconds" REAL not null, "recordingBytes" INT not null, "recordingHead" TEXT`,
    ),
    // The id makes the order whole, so that a page never shows a row twice.
    ...sorted.map((column) => `create index "sessions_${column}" on sessions ("${column}", id)`),
    `create index "sessions_owner" on sessions ("operatorId", "startedAt")`,
    `create index "sessions_gateway" on sessions ("gatewayId", state)`,
    // A search looks into the middle of words, so it reads rows one by one: from this narrow copy instead of the table.
    `create index "sessions_search" on sessions ("operatorName", "assetName", address, account, "operatorId", state, id)`,
    `create index "sessions_unended" on sessions ("gatewayId") where state <> 'ended'`,
  ]
}

/** Whole numbers hold times and sizes beyond 2^31. Text is compared by its bytes on both engines, so that both sort alike; SQLite's tables are strict, so that both refuse the same values. */
function words(engine: Engine) {
  const types: Record<string, string> =
    engine === 'postgres'
      ? { TEXT: 'text collate "C"', INT: 'bigint', REAL: 'double precision', SEQUENCE: 'bigint generated always as identity primary key' }
      : { TEXT: 'text', INT: 'integer', REAL: 'real', SEQUENCE: 'integer primary key autoincrement' }
  const table = (name: string, columns: string) =>
    `create table ${name} (${columns.replace(/\b(?:TEXT|INT|REAL|SEQUENCE)\b/g, (word) => types[word] ?? word)})${engine === 'sqlite' ? ' strict' : ''}`
  return { table }
}
