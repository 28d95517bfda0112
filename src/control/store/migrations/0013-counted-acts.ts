import type { Migration } from '../migrate.ts'

/** How many acts of a session were taken, so that each is kept once, whatever of it is told again. */
export const countedActs: Migration = {
  name: '0013-counted-acts',
  statements: (engine) => [`alter table sessions add column acts ${engine === 'postgres' ? 'bigint' : 'integer'} not null default 0`],
}
