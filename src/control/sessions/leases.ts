// Credentials for a dial: control signs or releases only for a session that is opening on the gateway that asks, or for a check that was sent to it.
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import { parseUserauthBlob } from '#ssh/userauth-blob.ts'
import type { Ask } from '#wire/link.ts'
import type { AuditCode } from '#domain/audit-event.ts'
import type { CheckLeases } from '../assets/check-leases.ts'
import { forgetCredential, openAccountCredential, type Credential } from '../assets/credential.ts'
import { record } from '../audit/ledger.ts'
import type { CheckProbe } from '../link/live-links.ts'
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
  /** The check that runs under this lease, when it was sent to this gateway. */
  checkOf(gateway: GatewayId, lease: string): CheckProbe | undefined
}

/** One for the dial, and two for a server that asks again after a second factor. */
export const signsPerLease = 3

type Leased = { id: string; operator: string; username: string; assetId: string | null; open(trx: Trx): Promise<Credential>; forget: boolean }

/** Signs what authenticates the leased account with its own key, and nothing else. The signature is the inner one, without the algorithm's name. At most 3 for a lease. Throws `forbidden`, `credential_missing`. */
export async function signFor(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'sign' }>): Promise<{ signature: string }> {
  const data = Buffer.from(ask.data, 'base64')
  return give(parts, gateway, ask.lease, 'sign', 'credential.signed', signsPerLease, (credential, leased) => {
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

/** The account's password, once for a lease. Throws `forbidden`, `credential_missing`. */
export function releaseFor(parts: LeaseParts, gateway: GatewayId, ask: Extract<Ask, { ask: 'release' }>): Promise<{ password: string }> {
  return give(parts, gateway, ask.lease, 'release', 'credential.released', 1, (credential) =>
    credential.kind === 'password' ? { password: credential.password.revealText() } : new Failure('credential_missing', 'The account has no password.'),
  )
}

/** Counts the lease's ledger rows and adds one in the same transaction: the count outlives a restart, and what is given is given after its row is committed. */
async function give<Given>(
  parts: LeaseParts,
  gateway: GatewayId,
  lease: string,
  what: string,
  code: AuditCode,
  limit: number,
  use: (credential: Credential, leased: Leased) => Given | Failure,
): Promise<Given> {
  const { store, refusals } = parts
  const answer = await store.transaction(async (trx): Promise<Given | Failure | undefined> => {
    const leased = await leasedTo(parts, trx, gateway, lease)
    if (!leased) return undefined
    const { count } = await trx
      .selectFrom('audit')
      .select((eb) => eb.fn.countAll().as('count'))
      .where('object', '=', leased.id)
      .where('code', '=', code)
      .executeTakeFirstOrThrow()
    if (Number(count) >= limit) return new Failure('forbidden', 'This was given for the session already.')
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
            detail: { account: leased.username, asset: leased.assetId ?? undefined, gateway },
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

async function leasedTo(parts: LeaseParts, trx: Trx, gateway: GatewayId, lease: string): Promise<Leased | undefined> {
  const check = parts.checks.find(lease)
  if (check) {
    if (!parts.checkOf(gateway, lease)) return undefined
    return {
      id: check.id,
      operator: check.operator.id,
      username: check.target.username,
      assetId: null,
      open: () => Promise.resolve(check.credential),
      forget: false,
    }
  }
  const row = await openingSession(trx, gateway, lease)
  if (!row) return undefined
  return {
    id: row.id,
    operator: row.operatorId,
    username: row.account,
    assetId: row.assetId,
    open: (inside) => openAccount(parts.vault, inside, row),
    forget: true,
  }
}

/** The row while the gateway may still dial for it: a session that is live or has ended, or must end, gets nothing more. */
export async function openingSession(trx: Trx, gateway: GatewayId, lease: string): Promise<Row<'sessions'> | undefined> {
  const row = await ownSession(trx, gateway, lease)
  return row?.state === 'opening' && row.mustEnd === null ? row : undefined
}

async function openAccount(vault: Vault, trx: Trx, row: Row<'sessions'>): Promise<Credential> {
  // Read anew and by name too: an account that was changed or removed since the admission gives nothing under its old name.
  const account =
    row.accountId === null
      ? undefined
      : await trx.selectFrom('accounts').selectAll().where('id', '=', row.accountId).where('username', '=', row.account).executeTakeFirst()
  return account ? await openAccountCredential(vault, trx, account) : { kind: 'ask' }
}
