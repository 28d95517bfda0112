import type { Migration } from '../migrate.ts'

/** Who watched which session, and since when; `mustLeave` is the sentence for a watcher whose right has ended. */
export const watches: Migration = {
  name: '0004-watches',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    return [
      `create table watches (
         id ${text} primary key, "sessionId" ${text} not null, "operatorId" ${text} not null, "signInId" ${text} not null, "gatewayId" ${text} not null,
         "startedAt" ${int} not null, "endedAt" ${int}, "mustLeave" ${text}
       )${end}`,
      `create index "watches_session" on watches ("sessionId", "startedAt")`,
      `create index "watches_gateway" on watches ("gatewayId") where "endedAt" is null`,
      `create index "watches_signIn" on watches ("signInId") where "endedAt" is null`,
      `create index "watches_endedAt" on watches ("endedAt")`,
    ]
  },
}
