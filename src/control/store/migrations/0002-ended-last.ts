import type { Migration } from '../migrate.ts'

/** The sessions list puts what has not ended last, also when sorted downwards. SQLite reads its indices so already; PostgreSQL puts nulls first there and would sort everything. */
export const endedLast: Migration = {
  name: '0002-ended-last',
  statements: (engine) =>
    engine === 'sqlite'
      ? []
      : ['endedAt', 'endReason'].map((column) => `create index "sessions_${column}_down" on sessions ("${column}" desc nulls last, id desc)`),
}
