// Credentials for a dial: control signs or releases only for a session that is opening on the gateway that asks, or for a check that was sent to it; and for the hosts on its way.
import { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import { parseUserauthBlob } from '#ssh/userauth-blob.ts'
import type { Ask } from '#wire/link.ts'
import type { AuditCode } from '#domain/audit-event.ts'
import type { CheckLeases } from '../assets/check-leases.ts'
import { forgetCredential, openAccountCredential, type Credential } from '../assets/credential.ts'
import { stopsOf, type WayStop } from '../assets/way.ts'
import { record } from '../audit/ledger.ts'
import type { Refusals } from '../link/refusals.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { Vault } from '../vault/vault.ts'
import { ownSession, refuseForeign } from './own-session.ts'

export type LeaseParts = {
  store: Store
  vault: Vault
  checks: CheckLeases
  refusals: Refusals
  now(): number
  /** Whether a probe runs under this lease that was sent to this gateway. */
  isProbing(gateway: GatewayId, lease: string): boolean
}

/** One for the dial, and two for a server that asks again after a second factor. */
export const signsPerLease = 3

/** Who signs in where: the host at the end of the lease's way, or the one on it that was asked for. */
type Leased = { id: string; operator: string | undefined; username: string; assetId: string | null; open(trx: Trx): Promise<Credential>; forget: boolean }
type Asked = { lease: string; hop?: number | undefined }

/** Signs what authenticates the leased account with its own key, and nothing else. The signature is the inner one, without the algorithm's name. At most 3 for a lease and each host on its way. Throws `forbidden`, `credential_missing`. */
export async function signFor(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'sign' }>): Promise<{ signature: string }> {
  const data = Buffer.from(ask.data, 'base64')
  return give(parts, gateway, ask, 'sign', 'credential.signed', signsPerLease, (credential, leased) => {
    if (credential.kind !== 'key') return new Failure('credential_missing', 'The account has no key.')
    const blob = parseUserauthBlob(data)
    const fits =
      blob !== undefined &&
      blob.username === leased.username &&
      blob.service === 'ssh-connection' &&
      blob.algorithm === ask.algorithm &&
      blob.publicKey.toString('base64') === credential.publicKey
    if (!fits) return new Failure('forbidden', 'Control signs only what authenticates the leased account with its own key.')
    const key = readPrivateKey(credential.privateKey.revealText())
    if (!key.signatureAlgorithms.some((algorithm) => algorithm === ask.algorithm))
      return new Failure('key_type_unsupported', 'The key does not sign with this algorithm.')
    return { signature: key.sign(data, ask.algorithm).toString('base64') }
  })
}

/** The account's password, once for a lease and each host on its way. Throws `forbidden`, `credential_missing`. */
export function releaseFor(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'release' }>): Promise<{ password: string }> {
  return give(parts, gateway, ask, 'release', 'credential.released', 1, (credential) =>
    credential.kind === 'password' ? { password: credential.password.revealText() } : new Failure('credential_missing', 'The account has no password.'),
  )
}

/** Counts the lease's ledger rows and adds one in the same transaction: the count outlives a restart, and what is given is given after its row is committed. */
async function give<Given>(
  parts: LeaseParts,
  gateway: GatewayId,
  asked: Asked,
  what: string,
  code: AuditCode,
  limit: number,
  use: (credential: Credential, leased: Leased) => Given | Failure,
): Promise<Given> {
  const { store, refusals } = parts
  const { lease, hop } = asked
  const answer = await store.transaction(async (trx): Promise<Given | Failure | undefined> => {
    const leased = await leasedTo(parts, trx, gateway, asked)
    if (!leased) return undefined
    if ((await timesGiven(trx, leased.id, code, hop)) >= limit) return new Failure('forbidden', 'This was given for the session already.')
    const credential = await leased.open(trx)
    try {
      const given = use(credential, leased)
      if (!(given instanceof Failure))
        await record(
          trx,
          {
            code,
            outcome: 'done',
            operator: leased.operator,
            object: leased.id,
            detail: { account: leased.username, asset: leased.assetId ?? undefined, hop, gateway },
          },
          parts.now(),
        )
      return given
    } finally {
      if (leased.forget) forgetCredential(credential)
    }
  })
  if (answer === undefined) throw await refuseForeign(refusals, gateway, what, lease)
  if (answer instanceof Failure) {
    await refusals.note(gateway, `${what}: ${answer.message}`, lease)
    throw answer
  }
  return answer
}

/** By the ledger: a host on the way has its own count, so the few rows of the lease are read. */
async function timesGiven(trx: Trx, lease: string, code: AuditCode, hop: number | undefined): Promise<number> {
  const rows = await trx.selectFrom('audit').select('detail').where('object', '=', lease).where('code', '=', code).limit(100).execute()
  return rows.filter(({ detail }) => Given.parse(JSON.parse(detail ?? '{}')).hop === hop).length
}
const Given = z.object({ hop: z.number().optional() })

async function leasedTo(parts: LeaseParts, trx: Trx, gateway: GatewayId, { lease, hop }: Asked): Promise<Leased | undefined> {
  const check = parts.checks.find(lease)
  if (check) {
    if (!parts.isProbing(gateway, lease)) return undefined
    const { id, operator, credential, target, way = [] } = check
    if (hop !== undefined) return onTheWay(parts, { id, operator: operator?.id }, way[hop])
    return { id, operator: operator?.id, username: target.username, assetId: null, open: () => Promise.resolve(credential), forget: false }
  }
  const row = await openingSession(trx, gateway, lease)
  if (!row) return undefined
  if (hop !== undefined) return onTheWay(parts, { id: row.id, operator: row.operatorId }, stopsOf(row)[hop])
  return {
    id: row.id,
    operator: row.operatorId,
    username: row.account,
    assetId: row.assetId,
    open: (inside) => openAccount(parts.vault, inside, { account: row.accountId, username: row.account }),
    forget: true,
  }
}

function onTheWay(parts: LeaseParts, whose: Pick<Leased, 'id' | 'operator'>, stop: WayStop | undefined): Leased | undefined {
  return stop && { ...whose, username: stop.username, assetId: stop.asset, open: (inside) => openAccount(parts.vault, inside, stop), forget: true }
}

/** The row while the gateway may still dial for it: a session that is live or has ended, or must end, gets nothing more. */
export async function openingSession(trx: Trx, gateway: GatewayId, lease: string): Promise<Row<'sessions'> | undefined> {
  const row = await ownSession(trx, gateway, lease)
  return row?.state === 'opening' && row.mustEnd === null ? row : undefined
}

/** Read anew and by name too: an account that was changed or removed since the admission gives nothing under its old name. */
async function openAccount(vault: Vault, trx: Trx, { account: id, username }: { account: string | null; username: string }): Promise<Credential> {
  if (id === null) return { kind: 'ask' }
  const account = await trx.selectFrom('accounts').selectAll().where('id', '=', id).where('username', '=', username).executeTakeFirst()
  return account ? await openAccountCredential(vault, trx, account) : { kind: 'ask' }
}
