// Knows whether the present flow of calls is inside a transaction, so that a second way into the database from there is refused instead of waiting for itself forever.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { KyselyPlugin } from 'kysely'

type Scope = { open: boolean }
const scopes = new AsyncLocalStorage<Scope>()

const isInside = () => scopes.getStore()?.open === true

/** Runs `work` inside a new scope. Throws when one is open already: transactions do not nest. */
export async function inTransactionScope<T>(work: () => Promise<T>): Promise<T> {
  if (isInside()) throw new Error('a transaction was begun inside another: hand the first one on instead')
  const scope: Scope = { open: true }
  try {
    return await scopes.run(scope, work)
  } finally {
    // Timers and promises left behind keep this scope as their context; they may use the database again.
    scope.open = false
  }
}

/** Refuses queries beside the running transaction: on SQLite they would wait for the one connection that it holds. */
export const refusesBesideTransaction: KyselyPlugin = {
  transformQuery({ node }) {
    if (isInside()) throw new Error('the store was asked beside the running transaction: use the transaction that was handed in')
    return node
  },
  transformResult: ({ result }) => Promise.resolve(result),
}
