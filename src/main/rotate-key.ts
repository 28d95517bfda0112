// `sallyport admin rotate-key`: a new vault key, while everything goes on. Works on the database itself, beside the control that runs or without one.
import { existsSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { openStore } from '#control/store/open-store.ts'
import { rotateKey } from '#control/vault/rotate-key.ts'
import { CommandFailed } from './say.ts'
import type { Settings } from './settings.ts'

/** Prints a line for each step. Throws `CommandFailed` in words; what was done is kept, and running it again goes on. */
export async function rotateVaultKey({ data, database }: Pick<Settings, 'data' | 'database'>): Promise<void> {
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
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const quiet = { info: () => undefined, warn: (_facts: object, words: string) => void process.stderr.write(`sallyport: ${words}\n`), error: () => undefined }
  try {
    const store = await openStore(database === undefined ? { sqliteFile } : { databaseUrl: database }, quiet)
    try {
      await rotateKey({ store, dataFolder, now: Date.now, say, by: userInfo().username })
    } finally {
      await store.close()
    }
  } catch (cause) {
    throw new CommandFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
