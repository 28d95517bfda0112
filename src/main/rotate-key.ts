// `sallyport admin rotate-key`: a new vault key, while everything goes on.
import { userInfo } from 'node:os'
import { rotateKey } from '#control/vault/rotate-key.ts'
import { onServedDatabase, type Where } from './served-database.ts'

/** Prints a line for each step. Throws `CommandFailed` in words; what was done is kept, and running it again goes on. */
export async function rotateVaultKey(where: Where): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  await onServedDatabase(where, (store, dataFolder) => rotateKey({ store, dataFolder, now: Date.now, say, by: userInfo().username }))
}
