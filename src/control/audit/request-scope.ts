// Which request of the API is being served, so that every ledger row that it leads to names it, whatever the row's author knows.
import { AsyncLocalStorage } from 'node:async_hooks'

const scopes = new AsyncLocalStorage<{ requestId: string }>()

/** Runs `work`, and what it leads to, as part of the request. */
export const inRequest = <T>(requestId: string, work: () => T): T => scopes.run({ requestId }, work)

/** Undefined outside: what gateways report, and what control does by the clock. */
export const presentRequest = (): string | undefined => scopes.getStore()?.requestId
