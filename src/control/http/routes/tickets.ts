// Tickets: the page asks here, and shows the ticket at the WebSocket, where everything is decided again.
import { parseTarget } from '#domain/asset.ts'
import { Failure } from '#domain/failure.ts'
import { AssetId, SessionId } from '#domain/id.ts'
import { actionsOf } from '#domain/session-kind.ts'
import { terminalPath } from '#wire/api.ts'
import { filesPath } from '#wire/files.ts'
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
      if (kind === 'files') return await ticketForFiles(parts, call, input)
      if (kind !== 'shell') return await ticketForLive(parts, call, kind, input)
      if (input.session !== undefined) throw new Failure('bad_request', 'A shell is opened to a host, not to a session.', { field: 'session' })
      if (input.address !== undefined) refuseQuickConnect(parts, call, { ...input, address: input.address })
      const { ticket, expiresAt } = await parts.store.transaction(async (trx) => {
        const body: TicketBody =
          input.address === undefined ? await bodyForAsset(trx, call, { ...input, kind: 'shell' }, parts.now()) : { kind: 'shell', address: input.address }
        return await issueTicket(trx, { operator: call.me.asker, signInId: call.me.signInId, body, now: parts.now(), source: call.source })
      })
      return { ticket, url: terminalPath, expiresAt: new Date(expiresAt).toISOString() }
    }),
  }
}

/** One of these is needed. */
const actionsFor = { shell: actionsOf.shell, files: actionsOf.sftp } as const
type AskedFiles = Named & { reason?: string | undefined }
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

/** To a host and an account, or beside one's own live terminal, whose host and account are meant then. */
async function ticketForFiles(parts: ApiParts, call: Call, input: AskedFiles) {
  if (input.address !== undefined) throw new Failure('bad_request', 'Open a terminal there first, then name its session.', { field: 'address' })
  if (input.session !== undefined)
    for (const field of ['asset', 'account'] as const) if (input[field] !== undefined) throw new Failure('bad_request', 'Name the session alone.', { field })
  const { asker: operator, signInId } = call.me
  const { ticket, expiresAt } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const body =
      input.session === undefined ? await bodyForAsset(trx, call, { ...input, kind: 'files' }, now) : await bodyBeside(trx, call, input, input.session, now)
    return await issueTicket(trx, { operator, signInId, body, now, source: call.source })
  })
  return { ticket, url: filesPath, expiresAt: new Date(expiresAt).toISOString() }
}

/** Throws what the host would answer if it were named itself; who has said why for the terminal has said it. */
async function bodyBeside(trx: Trx, call: Call, { reason }: AskedFiles, named: string, nowMs: number): Promise<TicketBody> {
  const session = SessionId.safeParse(named).data
  const row = session && (await reachSession(trx, 'attach', { session, operator: call.me.asker, source: call.source, now: nowMs }))
  if (!session || !row) throw noSuchSession()
  if (row.assetId !== null)
    await bodyForAsset(
      trx,
      call,
      { kind: 'files', asset: row.assetId, account: row.accountId ?? row.account, reason: reason ?? row.reason ?? undefined },
      nowMs,
    )
  return { kind: 'files', session, ...(reason === undefined ? {} : { reason }) }
}

/** Finds the account by id or by name, among those that the asker may use; when none is named, the only one. */
async function bodyForAsset(trx: Trx, call: Call, input: AskedFiles & { kind: 'shell' | 'files' }, nowMs: number): Promise<TicketBody> {
  if (input.asset === undefined) throw new Failure('bad_request', 'Name the host.', { field: 'asset' })
  const asset = AssetId.safeParse(input.asset).data
  const open = asset && (await openAccounts(trx, { operator: call.me.asker, asset, actions: actionsFor[input.kind], source: call.source }, nowMs))
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
  return { kind: input.kind, asset, account: account.id, ...(input.reason === undefined ? {} : { reason: input.reason }) }
}
