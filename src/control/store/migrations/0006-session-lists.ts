import type { Migration } from '../migrate.ts'

/**
 * `search` holds what a search of sessions looks through, folded (`sessions/search-text.ts`). What stands here already is folded by the database, which knows ASCII letters alone on SQLite.
 * The old index for searching goes, so writing costs what it did.
 */
export const sessionLists: Migration = {
  name: '0006-session-lists',
  statements: (engine) => [
    `alter table sessions add column search text${engine === 'postgres' ? ' collate "C"' : ''} not null default ''`,
    `update sessions set search = lower("operatorName" || chr(10) || "assetName" || chr(10) || address || ':' || port || chr(10) || account)`.replaceAll(
      'chr(10)',
      engine === 'sqlite' ? 'char(10)' : 'chr(10)',
    ),
    `drop index "sessions_search"`,
    `create index "sessions_search" on sessions (search, "operatorId", state, id)`,
  ],
}
