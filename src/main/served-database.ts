// Commands of whoever owns the machine: they work on the database itself, beside the control that runs or without one.
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openStore, type Store } from '#control/store/open-store.ts'
import { CommandFailed } from './say.ts'
import type { Settings } from './settings.ts'

export type Where = Pick<Settings, 'data' | 'database'>

/** `dataFolder` is control's. Throws `CommandFailed` in words, whatever `work` throws. */
export async function onServedDatabase({ data, database }: Where, work: (store: Store, dataFolder: string) => Promise<unknown>): Promise<void> {
  const dataFolder = join(resolve(data), 'control')
  const sqliteFile = join(dataFolder, 'sallyport.db')
  const keys = join(dataFolder, 'keys')
  if (!existsSync(keys) || (database === undefined && !existsSync(sqliteFile)))
    throw new CommandFailed(
      `nothing has been served from ${data} yet: run "sallyport serve" first, or give --data its folder${database === undefined ? ' (and --database, if it has one)' : ''}`,
    )
  const owner = statSync(keys).uid
  // Files that another user makes here would be closed to the one that serves.
  if (process.getuid?.() !== owner) throw new CommandFailed(`the keys of ${data} belong to user ${owner}: run this as that user`)
  const quiet = { info: () => undefined, warn: (_facts: object, words: string) => void process.stderr.write(`sallyport: ${words}\n`), error: () => undefined }
  try {
    const store = await openStore(database === undefined ? { sqliteFile } : { databaseUrl: database }, quiet)
    try {
      await work(store, dataFolder)
    } finally {
      await store.close()
    }
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause
    throw new CommandFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
