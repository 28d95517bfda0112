import type { Migration } from '../migrate.ts'

/** Until when a host may use algorithms with SHA-1 and CBC. */
export const oldAlgorithms: Migration = {
  name: '0014-old-algorithms',
  statements: (engine) => [`alter table assets add column "legacyUntil" ${engine === 'postgres' ? 'bigint' : 'integer'}`],
}
