// `sallyport admin create-operator` and `admin reset-password`: for whoever owns the machine. They work on the database itself, beside the control that runs or without one.
import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import type { Actor } from '#control/http/desks.ts'
import { removeSecondFactor, setPassword } from '#control/operators/operator-access.ts'
import { createOperator, type OperatorParts } from '#control/operators/write-operator.ts'
import { Passwords } from '#control/sign-in/passwords.ts'
import { openStore } from '#control/store/open-store.ts'
import { base32, OperatorId } from '#domain/id.ts'
import { OperatorName, type Role } from '#domain/operator.ts'
import { PersonName } from '#wire/api/people.ts'
import { CommandFailed, WrongUsage } from './say.ts'
import type { Settings } from './settings.ts'

type Where = Pick<Settings, 'data' | 'database'>

/** Prints the password, which holds for one sign-in. Throws `CommandFailed` and `WrongUsage` in words. */
export async function createByCommand(where: Where, made: { username: string; name?: string; role: Role; mayWatch: boolean }): Promise<void> {
  const username = OperatorName.safeParse(made.username)
  if (!username.success) throw new WrongUsage(`the user name ${username.error.issues[0]?.message ?? 'is not allowed'}`)
  const name = PersonName.optional().safeParse(made.name)
  if (!name.success) throw new WrongUsage(`--name ${name.error.issues[0]?.message ?? 'is not allowed'}`)
  const password = oneTimePassword()
  await onDatabase(where, async (parts) => {
    // Whoever claims gets the group and the grant that others are given theirs from.
    if (!(await parts.store.db.selectFrom('operators').select('id').limit(1).executeTakeFirst()))
      throw new CommandFailed('nobody has claimed this Sallyport yet: "sallyport admin claim-link" prints the link')
    await createOperator(parts, { username: username.data, name: name.data, role: made.role, mayWatch: made.mayWatch, groups: [], password }, byCommand())
  })
  sayPassword(password)
}

/** The same for somebody who is there: all that is open of theirs ends within seconds, and their API tokens. */
export async function resetByCommand(where: Where, asked: { username: string; removeSecondFactor: boolean }): Promise<void> {
  const password = oneTimePassword()
  await onDatabase(where, async (parts) => {
    const named = parts.store.db.selectFrom('operators').select('id').where('username', '=', asked.username.normalize('NFC'))
    const row = await named.executeTakeFirst()
    if (!row) throw new CommandFailed(`there is nobody with the user name ${JSON.stringify(asked.username)}`)
    await setPassword(parts, row.id, password, byCommand())
    if (asked.removeSecondFactor) await removeSecondFactor(parts, row.id, byCommand())
  })
  sayPassword(password)
}

/** 120 bits in groups that can be read out. */
const oneTimePassword = () => base32(randomBytes(15)).replace(/(.{4})(?=.)/g, '$1-')

/** The password alone on stdout, so that a script can take it. */
function sayPassword(password: string): void {
  process.stdout.write(`${password}\n`)
  process.stderr.write('sallyport: this password is for one sign-in, which asks for another\n')
}

/** As the ledger names them: nobody who has signed in. */
const byCommand = (): Actor => {
  const operator = {
    id: 'command line' as OperatorId,
    name: 'the command line',
    role: 'admin',
    enabled: true,
    mayWatch: false,
    groups: [],
    secondFactor: false,
  } as const
  return { operator, source: `user ${userInfo().username} of the machine` }
}

async function onDatabase({ data, database }: Where, work: (parts: OperatorParts) => Promise<void>): Promise<void> {
  const folder = join(resolve(data), 'control')
  const sqliteFile = join(folder, 'sallyport.db')
  if (!existsSync(folder) || (database === undefined && !existsSync(sqliteFile)))
    throw new CommandFailed(
      `nothing has been served from ${data} yet: run "sallyport serve" first, or give --data its folder${database === undefined ? ' (and --database, if it has one)' : ''}`,
    )
  const owner = statSync(folder).uid
  // Files that another user makes beside the database would be closed to the one that serves.
  if (process.getuid?.() !== owner) throw new CommandFailed(`${data} belongs to user ${owner}: run this as that user`)
  const quiet = { info: () => undefined, warn: (_facts: object, words: string) => void process.stderr.write(`sallyport: ${words}\n`), error: () => undefined }
  try {
    const store = await openStore(database === undefined ? { sqliteFile } : { databaseUrl: database }, quiet)
    try {
      // What must end stands in the rows; the control that runs tells gateways with their next beat.
      await work({ store, passwords: new Passwords(), now: Date.now, pushEnds: () => undefined })
    } finally {
      await store.close()
    }
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause
    throw new CommandFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
