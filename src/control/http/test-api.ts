// The API as gateways reach it, for tests: the real store, vault, sign-in and sessions behind a real Unix socket. What lies across the link (hosts) and on the shelf is scripted by the test.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditCode } from '#domain/audit-event.ts'
import { Failure } from '#domain/failure.ts'
import { makeId, OperatorId } from '#domain/id.ts'
import type { Role } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import { gatewayHeaders, type Probe, type ProbeAnswer } from '#wire/link.ts'
import { grantTo } from '../access/test-grants.ts'
import { CheckLeases } from '../assets/check-leases.ts'
import { openLedgerDesk } from '../audit/ledger-desk.ts'
import { listLedger } from '../audit/ledger.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import { openSessionsDesk } from '../sessions/desk.ts'
import { Presence } from '../sessions/presence.ts'
import { LiveSettings } from '../settings/live-settings.ts'
import { usualValues } from '../settings/test-values.ts'
import { Claim } from '../sign-in/claim.ts'
import { openDoor } from '../sign-in/door.ts'
import { Entrance } from '../sign-in/entrance.ts'
import { OwnSecondFactor } from '../sign-in/own-second-factor.ts'
import { Passwords } from '../sign-in/passwords.ts'
import { SignIns } from '../sign-in/sign-ins.ts'
import { Tokens } from '../sign-in/tokens.ts'
import { openStore, type StorePlace } from '../store/open-store.ts'
import { silentLog } from '../store/test-engines.ts'
import { openLedgerKey } from '../vault/ledger-key.ts'
import { openVault } from '../vault/vault.ts'
import { buildApi } from './api-server.ts'
import type { RecordingsDesk } from './desks.ts'
import type { ApiParts } from './parts.ts'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; bytes: Buffer; json: Json }
export type Json = Record<string, unknown> & { error?: { code: string; message: string; field?: string; detail?: Record<string, unknown> } }
export type Asked = {
  body?: unknown
  raw?: string | Buffer
  headers?: Record<string, string>
  cookie?: string
  token?: string
  secure?: boolean
  csrf?: boolean
}

export const gatewayToken = 'a-token-of-a-gateway'
export const password = 'correct horse battery'

export async function startApi(options: { place?: StorePlace; listensOnLoopbackOnly?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-api-'))
  const store = await openStore(options.place ?? { sqliteFile: join(folder, 'db', 'sallyport.db') }, silentLog)
  const passwords = new Passwords()
  const signIns = new SignIns(store, passwords)
  const claim = new Claim({ store, passwords, signIns, dataFolder: folder })
  await claim.prepare()
  const logged: { event: string; facts: Record<string, unknown> }[] = []
  const log: ApiParts['log'] = (_level, event, facts) => void logged.push({ event, facts })
  const script = {
    probe: (_probe: Probe): Promise<ProbeAnswer> => Promise.reject(new Failure('gateway_unavailable', 'No gateway is connected.')),
    recordings: new Map<string, { bytes: Buffer; ended: boolean }>(),
    /** What gateways were told of at once. */
    pushed: [] as PendingEnd[],
  }
  const presence = new Presence()
  const vault = await openVault(store, folder)
  const settings = await LiveSettings.open({ store, start: usualValues, givenBy: {}, now: Date.now, log, onChange: () => undefined })
  const factors = { vault, random: randomBytes, machine: 'test-machine' }
  const pushEnds: ApiParts['pushEnds'] = (ends) => void script.pushed.push(...ends)
  const mustHaveSecondFactor = (role: Role) => settings.current().secondFactorFor.includes(role)
  const doorKeeping = { store, passwords, signIns, factors, now: Date.now, mustHaveSecondFactor, pushEnds }
  const door = openDoor({ ...doorKeeping, webAddress: () => 'https://bastion.example' })
  const parts: ApiParts = {
    store,
    passwords,
    signIns,
    tokens: new Tokens(store, pushEnds),
    entrance: new Entrance(doorKeeping),
    secondFactor: new OwnSecondFactor(doorKeeping),
    operatorKeys: door.operatorKeys,
    approvals: door.approvals,
    door: { keys: door.keys, place: () => ({ host: 'bastion.example', port: 2222 }) },
    claim,
    log,
    now: Date.now,
    vault,
    listeners: [{ host: '127.0.0.1', port: 8022 }],
    listensOnLoopbackOnly: options.listensOnLoopbackOnly ?? true,
    leases: new CheckLeases(),
    settings,
    machine: 'test-machine',
    sessions: openSessionsDesk({ store, now: Date.now, presence, push: () => Promise.resolve(true), log }),
    gateways: { list: () => Promise.resolve([]), isGatewayToken: (token) => token === gatewayToken, probe: (probe) => script.probe(probe) },
    ledger: openLedgerDesk({ store, ledgerKey: await openLedgerKey(store, folder), sinks: [] }),
    recordings: scriptedRecordings(script.recordings),
    pushEnds,
  }
  const api = await buildApi(parts)
  const socketPath = join(folder, 'control.sock')
  const server = createServer((incoming, response) => api.requestListener(incoming, response))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))

  const ask = (method: string, path: string, asked: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const payload = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body))
      const headers: Record<string, string> = {
        [gatewayHeaders.token]: asked.token ?? gatewayToken,
        [gatewayHeaders.source]: '192.0.2.1',
        ...(asked.secure === true ? { [gatewayHeaders.secure]: '1' } : {}),
        ...(asked.csrf === false || method === 'GET' ? {} : { 'x-sallyport': '1' }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
        ...(asked.cookie === undefined ? {} : { cookie: asked.cookie }),
        ...asked.headers,
      }
      const outgoing = request({ socketPath, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))))
      })
      outgoing.on('error', reject)
      outgoing.end(payload)
    })

  return {
    ask,
    parts,
    routes: api.routes,
    store,
    door,
    script,
    presence,
    logged,
    claimToken: () => claim.token() ?? '',
    ledger: (code: AuditCode) => listLedger(store.db, { code }),
    /** Claims with the printed token; returns the administrator's cookie. */
    async claimIt(): Promise<string> {
      const made = await ask('POST', '/api/v1/claim', { body: { token: claim.token(), username: 'alice', password } })
      return cookieOf(made)
    },
    /** An operator beside the first, signed in; an administrator with a grant to all hosts. */
    async addOperator(name: string, facts: { role: 'admin' | 'auditor' | 'member'; mayWatch?: boolean }): Promise<{ id: string; cookie: string }> {
      const id = makeId(OperatorId, 'op', randomBytes(15))
      const passwordHash = await passwords.hash(new Secret(password), name)
      const row = { id, username: name, name, role: facts.role, mayWatch: facts.mayWatch === true ? 1 : 0, enabled: 1, passwordHash, createdAt: Date.now() }
      await store.transaction(async (trx) => {
        await trx.insertInto('operators').values(row).execute()
        if (facts.role === 'admin') await grantTo(trx, { operators: [id] })
      })
      return { id, cookie: cookieOf(await ask('POST', '/api/v1/sign-in', { body: { username: name, password } })) }
    },
    async stop(): Promise<void> {
      await api.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type TestApi = Awaited<ReturnType<typeof startApi>>

export const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

function answerOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const text = bytes.toString('utf8')
  const isJson = headers['content-type']?.startsWith('application/json') === true
  return { status, headers, bytes, text, json: (isJson ? JSON.parse(text) : {}) as Json }
}

function scriptedRecordings(held: ReadonlyMap<string, { bytes: Buffer; ended: boolean }>): RecordingsDesk {
  return {
    async open(session, format) {
      const found = held.get(session)
      if (!found) throw new Failure('recording_not_found', 'There is no recording.')
      return {
        fileName: 'wéb_10.0.0.5_20260101T000000Z_alice.cast',
        ...(found.ended && format === 'v3' ? { lengthBytes: found.bytes.length } : {}),
        ...(found.ended ? { etag: 'f00d' } : {}),
        async *bytes(from = 0, until = found.bytes.length) {
          for (let at = from; at < until; at += 1000) yield found.bytes.subarray(at, Math.min(until, at + 1000))
        },
      }
    },
    async screens(session) {
      if (!held.has(session)) throw new Failure('recording_not_found', 'There is no recording.')
      return (async function* () {
        yield* ['{"offset":1}\n', '{"offset":2}\n']
      })()
    },
    verify: () => Promise.resolve({ state: 'verified', blocks: 1 }),
    remove: () => Promise.resolve(),
    disk: () => Promise.resolve({ usedShare: 0.5, recordingsBytes: 0, state: 'ok' }),
  }
}
