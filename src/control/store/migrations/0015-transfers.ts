import type { Migration } from '../migrate.ts'

/**
 * Files that went in and out, as a list of their own: how they were checked, which grant refused them, where they stand in the recording, and from where and to which address they went.
 * `search` is folded like that of sessions; of what stands here already by the database, which knows ASCII letters alone on SQLite.
 */
export const transfers: Migration = {
  name: '0015-transfers',
  statements(engine) {
    const [text, int, feed] = engine === 'postgres' ? ['text collate "C"', 'bigint', 'chr(10)'] : ['text', 'integer', 'char(10)']
    const add = (name: string, type: string) => `alter table transfers add column "${name}" ${type}`
    const ofSession = (what: string) => `coalesce((select ${what} from sessions s where s.id = transfers."sessionId"), '')`
    const shown = `case when s.address like '%:%' then '[' || s.address || ']:' || s.port else s.address || ':' || s.port end`
    return [
      ...['verified', 'rule'].map((name) => add(name, text)),
      ...['atMs', 'ms'].map((name) => add(name, int)),
      ...['address', 'source', 'search'].map((name) => add(name, `${text} not null default ''`)),
      add('door', `${text} not null default 'ssh'`),
      `update transfers set address = ${ofSession(shown)}, source = ${ofSession('s.source')}`,
      `update transfers set search = lower("operatorName" || ${feed} || "assetName" || ${feed} || address || ${feed} || account || ${feed} || path || ${feed} || coalesce("toPath", ''))`,
      `create index "transfers_operatorId" on transfers ("operatorId", at)`,
      `create index "transfers_operatorName" on transfers ("operatorName")`,
      `create index "transfers_assetName" on transfers ("assetName")`,
      `create index "transfers_bytes" on transfers (bytes)`,
    ]
  },
}
