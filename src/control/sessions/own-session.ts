// What a gateway may speak about: its own sessions. A gateway that names another's is broken or taken, so the ledger is told.
import { Failure } from '#domain/failure.ts'
import type { Refusals } from '../link/refusals.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

/** The row, or undefined when there is none or it is another gateway's: both look the same to the one who asks. */
export async function ownSession(from: Store['db'] | Trx, gateway: string, session: string): Promise<Row<'sessions'> | undefined> {
  return from.selectFrom('sessions').selectAll().where('id', '=', session).where('gatewayId', '=', gateway).executeTakeFirst()
}

/** Writes that a gateway named a session (or a check) that is not its own, and gives the failure to answer with. To be called outside a transaction. */
export async function refuseForeign(refusals: Refusals, gateway: string, what: string, object: string): Promise<Failure> {
  await refusals.note(gateway, `${what}: not a session of this gateway`, object)
  return new Failure('forbidden', 'This is not a session of this gateway.')
}
