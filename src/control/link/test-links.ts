// The link and the rooms behind it, for tests: real store, vault, shelf and sockets; a clock that tests move; gateways that tests play.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { AuthInput } from '#domain/credential.ts'
import type { AuditCode } from '#domain/audit-event.ts'
import { AccountId, AssetId, makeId, OperatorId } from '#domain/id.ts'
import { DiskShelf } from '#recording/shelf-disk.ts'
import { Redeemed } from '#wire/link.ts'
import { randomBytes } from 'node:crypto'
import { issueTicket, type TicketBody } from '../access/tickets.ts'
import { grantTo } from '../access/test-grants.ts'
import { CheckLeases } from '../assets/check-leases.ts'
import { readAuth, sealAuth } from '../assets/credential.ts'
import { listLedger } from '../audit/ledger.ts'
import type { Role } from '#domain/operator.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import { openDoor } from '../sign-in/door.ts'
import { Passwords } from '../sign-in/passwords.ts'
import { Presence } from '../sessions/presence.ts'
import { Blocks } from '../recordings/keep-block.ts'
import type { TestEngine } from '../store/test-engines.ts'
import { openLedgerKey } from '../vault/ledger-key.ts'
import { openVault } from '../vault/vault.ts'
import { GatewayWork } from './gateway-work.ts'
import { LiveLinks } from './live-links.ts'
import { Refusals } from './refusals.ts'
import { TestGateway } from './test-gateway.ts'

export const localSecret = 'ab'.repeat(32)
const sessionsPerOperator = 5
export type TestLinks = Awaited<ReturnType<typeof openTestLinks>>

export async function openTestLinks(engine: TestEngine) {
  const store = await engine.open()
  const folder = engine.makeFolder()
  const vault = await openVault(store, folder)
  const ledgerKey = await openLedgerKey(store, folder)
  const shelf = await DiskShelf.open(join(folder, 'recordings'))
  const clock = { now: 1_795_251_758_121 }
  const now = () => clock.now
  const logged: { event: string; facts: Record<string, unknown> }[] = []
  const log = (_level: string, event: string, facts: Record<string, unknown>) => void logged.push({ event, facts })
  const state: { refusing: string | undefined; isLow: boolean; sealed: number } = { refusing: undefined, isLow: false, sealed: 0 }
  const checks = new CheckLeases(now)
  const presence = new Presence()
  const refusals = new Refusals(store, now, (event, facts) => log('error', event, facts))
  const passwords = new Passwords()
  const factors = { vault, random: randomBytes, machine: 'bastion' }
  const required = new Set<Role>()
  const webAddress = () => 'https://bastion.example'
  const pushed: PendingEnd[] = []
  const pushEnds = (ends: readonly PendingEnd[]) => void pushed.push(...ends)
  const door = openDoor({ store, passwords, factors, now, mustHaveSecondFactor: (role) => required.has(role), webAddress, pushEnds })
  const rules = { store, vault, now, listeners: [{ host: '127.0.0.1', port: 8022 }], listensOnLoopbackOnly: true }
  const links: LiveLinks = new LiveLinks(
    new GatewayWork({
      ...rules,
      localSecret,
      limits: { idleMs: 900_000, maxMs: 86_400_000, idleOn: 'input' },
      sessionsPerOperator,
      refusing: () => state.refusing,
      checks,
      refusals,
      isProbing: (gateway, lease) => links.isProbing(gateway, lease),
      shelf,
      ledgerKey,
      onSealed: () => void (state.sealed += 1),
      blocks: new Blocks({ store, shelf, refusals, disk: state }),
      presence,
      door,
      log,
    }),
  )
  const socketPath = join(folder, 'control.sock')
  const server = createServer((_request, response) => response.end())
  server.on('upgrade', (request, socket, head) => links.upgrade(request, socket, head))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const gateways: TestGateway[] = []

  const dial = (...more: ConstructorParameters<typeof TestGateway> extends [string, ...infer Rest] ? Rest : never) => {
    const gateway = new TestGateway(socketPath, ...more)
    gateways.push(gateway)
    return gateway
  }
  const seedOperator = async (change: { role?: 'admin' | 'auditor' | 'member'; username?: string } = {}) => {
    const id = makeId(OperatorId, 'op', randomBytes(15))
    const username = change.username ?? `ann-${id.slice(-6)}`
    const signInId = randomBytes(32).toString('hex')
    await store.transaction(async (trx) => {
      await trx
        .insertInto('operators')
        .values({ id, username, name: username, role: change.role ?? 'admin', mayWatch: 1, enabled: 1, passwordHash: 'x', createdAt: clock.now })
        .execute()
      const times = { createdAt: clock.now, lastSeenAt: clock.now, expiresAt: clock.now + 3_600_000 }
      await trx
        .insertInto('signIns')
        .values({ id: signInId, operatorId: id, ...times, source: '192.0.2.1', agent: 'test' })
        .execute()
      if ((change.role ?? 'admin') === 'admin') await grantTo(trx, { operators: [id] })
    })
    return { id, username, signInId }
  }
  const seedAsset = async (
    auth: AuthInput = { kind: 'password', password: 'hunter2 hunter2' },
    change: { address?: string; port?: number; name?: string; hostKeyPolicy?: string; via?: { id: string; account: string } } = {},
  ) => {
    const id = makeId(AssetId, 'as', randomBytes(15))
    const account = makeId(AccountId, 'ac', randomBytes(15))
    const asset = { id, name: change.name ?? `web-${id.slice(-6)}`, address: change.address ?? '192.0.2.10', port: change.port ?? 22 }
    await store.transaction(async (trx) => {
      await trx
        .insertInto('assets')
        .values({
          ...asset,
          protocol: 'ssh',
          tags: '[]',
          createdAt: clock.now,
          lastUsedAt: null,
          confirmedLoopback: 0,
          hostKeyPolicy: change.hostKeyPolicy ?? 'strict',
          viaAssetId: change.via?.id ?? null,
          viaAccountId: change.via?.account ?? null,
        })
        .execute()
      await trx
        .insertInto('accounts')
        .values({ id: account, assetId: id, username: 'root', createdAt: clock.now, ...sealAuth(vault, account, readAuth(auth, 'auth')) })
        .execute()
    })
    return { ...asset, account }
  }
  type Person = Awaited<ReturnType<typeof seedOperator>>
  const ticketFor = async (person: Person, body: TicketBody) =>
    (await store.transaction((trx) => issueTicket(trx, { operator: { id: OperatorId.parse(person.id) }, signInId: person.signInId, body, now: clock.now })))
      .ticket

  return {
    store,
    vault,
    shelf,
    ledgerKey,
    links,
    checks,
    presence,
    clock,
    door,
    passwords,
    factors,
    /** Roles that must have a second factor. */
    required,
    pushed,
    state,
    sessionsPerOperator,
    rules,
    socketPath,
    dial,
    seedOperator,
    seedAsset,
    ticketFor,
    logged,
    /** A gateway that is linked. */
    async join(more: Record<string, unknown> = {}, keys = generateKeyPairSync('ed25519')) {
      const gateway = dial(keys)
      const welcome = await gateway.join(localSecret, more)
      return Object.assign(gateway, { id: welcome.gateway, welcome, keys })
    },
    /** A session that is opening on the gateway. */
    async open(gateway: TestGateway, how: { person?: Person; asset?: { id: string; account: string }; address?: string } = {}) {
      const person = how.person ?? (await seedOperator())
      const asset = how.address === undefined ? (how.asset ?? (await seedAsset())) : undefined
      const body: TicketBody = asset ? { kind: 'shell', asset: asset.id, account: asset.account } : { kind: 'shell', address: how.address }
      const { body: answer, failure } = await gateway.ask(redeem(await ticketFor(person, body)))
      if (failure) throw new Error(`${failure.code}: ${failure.message}`)
      const redeemed = Redeemed.parse(answer)
      if (redeemed.kind !== 'shell') throw new Error(`a ticket for ${redeemed.kind}`)
      return redeemed.admission
    },
    row: (session: string) => store.db.selectFrom('sessions').selectAll().where('id', '=', session).executeTakeFirstOrThrow(),
    /** Details of the ledger rows with this code, oldest first. */
    async ledger(code: AuditCode) {
      await refusals.settled()
      const rows = await listLedger(store.db, { code })
      return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail ?? '{}') as Record<string, unknown> }))
    },
    async close() {
      for (const gateway of gateways) gateway.close()
      await links.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await refusals.settled()
    },
  }
}

export const redeem = (ticket: string) => ({ ask: 'redeem' as const, ticket, source: '192.0.2.1', cols: 80, rows: 24, term: 'xterm-256color' })
