// Tickets: the page asks here, and shows the ticket at the WebSocket, where everything is decided again.
import { parseTarget } from '#domain/asset.ts'
import { Failure } from '#domain/failure.ts'
import { AssetId, SessionId } from '#domain/id.ts'
import { terminalPath } from '#wire/api.ts'
import { openAccounts, refuseWithoutReason } from '../../access/host-access.ts'
import { issueTicket, type TicketBody } from '../../access/tickets.ts'
import { refuseForbiddenAddress } from '../../assets/allowed-address.ts'
import { noSuchSession, reachSession, type Reach } from '../../sessions/reach-session.ts'
import type { Trx } from '../../store/open-store.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

const noAsset = () => new Failure('asset_not_found', 'There is no such host.', { field: 'asset' })

export function ticketRoutes(routes: Routes['tickets'], parts: ApiParts) {
  return {
    create: routes.create.handler(async ({ input, context: call }) => {
      const { kind } = input
      if (kind === 'files') throw new Failure('bad_request', 'Tickets for files are not yet given.', { field: 'kind' })
      if (kind !== 'shell') return await ticketForLive(parts, call, kind, input)
      if (input.session !== undefined) throw new Failure('bad_request', 'A shell is opened to a host, not to a session.', { field: 'session' })
      if (input.address !== undefined) refuseQuickConnect(parts, call, { ...input, address: input.address })
      const { ticket, expiresAt } = await parts.store.transaction(async (trx) => {
        const body: TicketBody = input.address === undefined ? await bodyForAsset(trx, call, input, parts.now()) : { kind: 'shell', address: input.address }
        return await issueTicket(trx, { operator: call.me.asker, signInId: call.me.signInId, body, now: parts.now(), source: call.source })
      })
      return { ticket, url: terminalPath, expiresAt: new Date(expiresAt).toISOString() }
    }),
  }
}

type Named = { asset?: string | undefined; account?: string | undefined; address?: string | undefined; session?: string | undefined }

async function ticketForLive(parts: ApiParts, call: Call, kind: Reach, input: Named) {
  for (const field of ['asset', 'account', 'address'] as const)
    if (input[field] !== undefined) throw new Failure('bad_request', 'Name the session alone.', { field })
  if (input.session === undefined) throw new Failure('bad_request', 'Name the session.', { field: 'session' })
  const session = SessionId.safeParse(input.session).data
  if (session === undefined) throw noSuchSession()
  const { asker: operator, signInId } = call.me
  const { ticket, expiresAt } = await parts.store.transaction(async (trx) => {
    if (!(await reachSession(trx, kind, { session, operator, source: call.source, now: parts.now() }))) throw noSuchSession()
    return await issueTicket(trx, { operator, signInId, body: { kind, session }, now: parts.now(), source: call.source })
  })
  return { ticket, url: `${terminalPath}/${session}`, expiresAt: new Date(expiresAt).toISOString() }
}

function refuseQuickConnect(parts: ApiParts, call: Call, input: { asset?: string | undefined; account?: string | undefined; address: string }): void {
  mustBePermitted(call, { action: 'quick-connect' })
  if (input.asset !== undefined) throw new Failure('bad_request', 'Give a host or an address, not both.', { field: 'asset' })
  if (input.account !== undefined) throw new Failure('bad_request', 'The account stands in the address: user@host:port.', { field: 'account' })
  const target = parseTarget(input.address)
  if (!target) throw new Failure('address_invalid', 'Write the address as user@host or user@host:port.', { field: 'address' })
  refuseForbiddenAddress(parts, target.address, target.port, false)
}

/** Finds the account by id or by name, among those that the asker may use; when none is named, the only one. */
async function bodyForAsset(trx: Trx, call: Call, input: Named & { reason?: string | undefined }, nowMs: number): Promise<TicketBody> {
  if (input.asset === undefined) throw new Failure('bad_request', 'Name the host.', { field: 'asset' })
  const asset = AssetId.safeParse(input.asset).data
  const open = asset && (await openAccounts(trx, { operator: call.me.asker, asset, actions: ['shell'], source: call.source }, nowMs))
  // Absent and forbidden answer alike, down to the words.
  if (asset === undefined || open === undefined) throw noAsset()
  const { accounts, closed, hasAccounts } = open
  if (!hasAccounts) throw new Failure('account_not_found', 'The host has no account yet. Add one first.', { field: 'account' })
  if (input.account === undefined && accounts.length > 1) throw new Failure('bad_request', 'The host has several accounts: name one.', { field: 'account' })
  const named = <Account extends { id: string; username: string }>(some: readonly Account[]) =>
    some.find(({ id }) => id === input.account) ?? some.find(({ username }) => username === input.account)
  const account = input.account === undefined ? accounts[0] : named(accounts)
  const seen = named(closed)
  if (!account && seen) throw seen.failure
  if (!account) throw new Failure('account_not_found', 'The host has no such account.', { field: 'account' })
  refuseWithoutReason(account.permit, input.reason)
  return { kind: 'shell', asset, account: account.id, ...(input.reason === undefined ? {} : { reason: input.reason }) }
}
