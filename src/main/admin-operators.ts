// `sallyport admin create-operator` and `admin reset-password`: for whoever owns the machine.
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import type { Actor } from '#control/http/desks.ts'
import { removeSecondFactor, setPassword } from '#control/operators/operator-access.ts'
import { createOperator, type OperatorParts } from '#control/operators/write-operator.ts'
import { Passwords } from '#control/sign-in/passwords.ts'
import type { Store } from '#control/store/open-store.ts'
import { base32, OperatorId } from '#domain/id.ts'
import { OperatorName, type Role } from '#domain/operator.ts'
import { PersonName } from '#wire/api/people.ts'
import { CommandFailed, WrongUsage } from './say.ts'
import { onServedDatabase, type Where } from './served-database.ts'

/** Prints the password, which holds for one sign-in. Throws `CommandFailed` and `WrongUsage` in words. */
export async function createByCommand(where: Where, made: { username: string; name?: string; role: Role; mayWatch: boolean }): Promise<void> {
  const username = OperatorName.safeParse(made.username)
  if (!username.success) throw new WrongUsage(`the user name ${username.error.issues[0]?.message ?? 'is not allowed'}`)
  const name = PersonName.optional().safeParse(made.name)
  if (!name.success) throw new WrongUsage(`--name ${name.error.issues[0]?.message ?? 'is not allowed'}`)
  const password = oneTimePassword()
  await onServedDatabase(where, async (store) => {
    // Whoever claims gets the group and the grant that others are given theirs from.
    if (!(await store.db.selectFrom('operators').select('id').limit(1).executeTakeFirst()))
      throw new CommandFailed('nobody has claimed this Sallyport yet: "sallyport admin claim-link" prints the link')
    await createOperator(
      partsOf(store),
      { username: username.data, name: name.data, role: made.role, mayWatch: made.mayWatch, groups: [], password },
      byCommand(),
    )
  })
  sayPassword(password)
}

/** The same for somebody who is there: all that is open of theirs ends within seconds, and their API tokens. */
export async function resetByCommand(where: Where, asked: { username: string; removeSecondFactor: boolean }): Promise<void> {
  const password = oneTimePassword()
  await onServedDatabase(where, async (store) => {
    const named = store.db.selectFrom('operators').select('id').where('username', '=', asked.username.normalize('NFC'))
    const row = await named.executeTakeFirst()
    if (!row) throw new CommandFailed(`there is nobody with the user name ${JSON.stringify(asked.username)}`)
    await setPassword(partsOf(store), row.id, password, byCommand())
    if (asked.removeSecondFactor) await removeSecondFactor(partsOf(store), row.id, byCommand())
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

// What must end stands in the rows; the control that runs tells gateways with their next beat.
const partsOf = (store: Store): OperatorParts => ({ store, passwords: new Passwords(), now: Date.now, pushEnds: () => undefined })
