import type { Migration } from '../migrate.ts'

/** What was run, and what is to be done about it. A command is named by its session and its number there, so that it is kept once however often it is told. */
export const commands: Migration = {
  name: '0009-commands',
  statements(engine) {
    const [text, int, end] = engine === 'postgres' ? ['text collate "C"', 'bigint', ''] : ['text', 'integer', ' strict']
    return [
      `create table commands (
         "sessionId" ${text} not null, number ${int} not null, "operatorId" ${text} not null, "operatorName" ${text} not null, "assetId" ${text}, "assetName" ${text} not null,
         account ${text} not null, at ${int} not null, "sessionMs" ${int} not null, text ${text} not null, how ${text} not null, folder ${text}, "exitStatus" ${int},
         "durationMs" ${int}, rule ${text}, verdict ${text}, search ${text} not null, primary key ("sessionId", number)
       )${end}`,
      `create index "commands_at" on commands (at, "sessionId", number)`,
      `create index "commands_operator" on commands ("operatorId", at)`,
      `create table "commandRules" (
         id ${text} primary key, name ${text} not null unique, match ${text} not null, pattern ${text} not null, effect ${text} not null, enabled ${int} not null,
         note ${text} not null, "createdAt" ${int} not null
       )${end}`,
    ]
  },
}
