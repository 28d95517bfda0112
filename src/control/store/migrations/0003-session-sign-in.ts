import type { Migration } from '../migrate.ts'

/** A session remembers the sign-in whose ticket opened it, so that it can end with it. Those that were live before know none. */
export const sessionSignIn: Migration = {
  name: '0003-session-sign-in',
  statements: (engine) => [
    `alter table sessions add column "signInId" text${engine === 'postgres' ? ' collate "C"' : ''}`,
    `create index "sessions_signIn" on sessions ("signInId") where state <> 'ended'`,
  ],
}
