// A session of an ssh client begins here: which host, which account, what it is that they run, whether they may, all on present rows and in one transaction.
import type { Asker, Question } from '#domain/access.ts'
import { kindOfCommand } from '#domain/command-kind.ts'
import { effectOf } from '#domain/command-rule.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { fileDirections } from '#domain/file-rule.ts'
import type { GrantAction } from '#domain/grant.ts'
import type { GatewayId } from '#domain/id.ts'
import { actionsOf, recordedOutputBytes, type SessionKind } from '#domain/session-kind.ts'
import type { Ask } from '#wire/link.ts'
import type { DoorAdmitted } from '#wire/door.ts'
import { askedAsset, grantsOf } from '../access/grant-rows.ts'
import { openAccounts, type Openings } from '../access/host-access.ts'
import { plain } from '../commands/keep-commands.ts'
import { readRules } from '../commands/rule-rows.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { type AdmitParts, beginSession, goalOf } from './begin-session.ts'
import { doorAsker } from './door-asker.ts'
import { type FilesTold, filesTold } from './files-told.ts'
import { meantHosts } from './meant-hosts.ts'
import type { RefusedRows } from './refused-rows.ts'

type AskAdmit = Extract<Ask, { ask: 'admit' }>
/** What a client asks to run, as it is decided about. */
type Wanted = { kind: SessionKind; actions: readonly GrantAction[]; command: string | undefined }

const noSuchHost = () => new Failure('asset_not_found', 'There is no such host.')

/**
 * Admits, or says which accounts there are to choose from. Throws `unauthenticated`, `asset_not_found` for absent and forbidden alike, `account_not_found`, `not_granted`, `access_not_now`,
 * `second_factor_needed`, `reason_required`, `command_denied`, `too_many_sessions`, `disk_full`, `address_not_allowed`, `via_invalid`, `credential_missing`, `bad_request`. Each refusal of
 * somebody who is signed in leaves a ledger row, within bounds.
 */
export async function admitAtDoor(parts: AdmitParts, refusedRows: RefusedRows, gateway: GatewayId, ask: AskAdmit): Promise<DoorAdmitted> {
  const { store } = parts
  const now = parts.now()
  const who: { operator?: Asker } = {}
  try {
    const outcome = await store.transaction(async (trx) => {
      const operator = await doorAsker(trx, gateway, ask.signIn, now)
      who.operator = operator
      return admitWithin(parts, trx, { gateway, ask, operator, now })
    })
    if (outcome instanceof Failure) throw outcome
    return outcome
  } catch (error) {
    if (who.operator && isFailure(error) && error.code !== 'command_denied') await noteRefusal(refusedRows, who.operator, gateway, ask, error)
    throw error
  }
}

type Asked = { gateway: GatewayId; ask: AskAdmit; operator: Asker; now: number }

async function admitWithin(parts: AdmitParts, trx: Trx, { gateway, ask, operator, now }: Asked): Promise<DoorAdmitted | Failure> {
  const refusing = parts.refusing()
  if (refusing !== undefined) return new Failure('disk_full', refusing)
  const wanted = wantedBy(ask)
  const { asset, openings } = await openHost(trx, ask, { operator, actions: wanted.actions, source: ask.source }, now)
  const chosen = chooseAccount(openings, ask.account)
  if (chosen === undefined) return { state: 'choose', asset: asset.name, accounts: openings.accounts.map(({ username }) => username) }
  const { permit, may } = chosen
  if (permit.duties.reason && (ask.reason ?? '').trim() === '')
    return new Failure('reason_required', `Say why you need this session, it is kept with it: ssh -o 'SetEnv=SALLYPORT_REASON="why"' …`, { field: 'reason' })
  const account = await trx.selectFrom('accounts').selectAll().where('id', '=', chosen.id).executeTakeFirstOrThrow()
  const goal = await goalOf(parts, trx, { asset, account, permit })
  if (goal instanceof Failure) return goal
  const { kind, command } = wanted
  const deniedBy = command === undefined ? undefined : await denyingRule(trx, command, kind)
  const signInId = ask.signIn
  const files = await filesOf(trx, { operator, asset: askedAsset(asset), account: account.username, door: 'ssh', source: ask.source }, may, now)
  const admission = await beginSession(parts, trx, goal, {
    ...{ gateway, source: ask.source, operator, signInId, door: 'ssh', kind, may, files, command, deniedBy, now },
    reason: ask.reason?.trim() === '' ? undefined : ask.reason,
  })
  if (admission instanceof Failure) return admission
  return {
    state: 'admitted',
    admission,
    kind,
    may: [...may],
    files: [...(files?.rules ?? [])],
    forwardAgent: permit.forwardAgent,
    outputBytes: recordedOutputBytes,
    digests: true,
  }
}

/** What a session that moves files may move where, and until when; undefined of any other. */
async function filesOf(trx: Trx, question: Omit<Question, 'action'>, may: readonly GrantAction[], now: number): Promise<FilesTold | undefined> {
  const directions = fileDirections.filter((direction) => may.includes(direction))
  return directions.length === 0 ? undefined : filesTold(question, directions, await grantsOf(trx, question.operator), now)
}

/** A terminal that runs one command runs a command. Throws `bad_request` for a command with a zero byte, which no shell sees whole. */
function wantedBy({ kind, command }: AskAdmit): Wanted {
  if (kind === 'exec' && command === undefined) throw new Failure('bad_request', 'Name the command to run.')
  if (command === undefined || kind === 'sftp' || kind === 'forward') return { kind, actions: actionsOf[kind], command: undefined }
  const bytes = Buffer.from(command, 'base64')
  if (bytes.includes(0)) throw new Failure('bad_request', 'A command holds no zero byte.')
  const text = bytes.toString('utf8')
  if (kind === 'shell') return { kind, actions: actionsOf.exec, command: text }
  const read = kindOfCommand(bytes)
  return { kind: read.kind, actions: 'direction' in read ? [read.direction] : actionsOf[read.kind], command: text }
}

type Asking = { operator: Asker; actions: readonly GrantAction[]; source: string }

/** The host that is meant, with the accounts of it that may be used. Of several with one address it is the one that may be used, with the account that was named; the first by name among those. */
async function openHost(trx: Trx, { to, account }: AskAdmit, asking: Asking, now: number): Promise<{ asset: Row<'assets'>; openings: Openings }> {
  let why: Failure | undefined
  let open: { asset: Row<'assets'>; openings: Openings } | undefined
  for (const asset of await meantHosts(trx, to)) {
    try {
      const openings = await openAccounts(trx, { ...asking, asset: asset.id, door: 'ssh' }, now)
      if (openings === undefined) continue
      if (account === undefined ? openings.accounts.length > 0 : openings.accounts.some(({ username }) => username === account)) return { asset, openings }
      open ??= { asset, openings }
    } catch (error) {
      if (!isFailure(error)) throw error
      why ??= error
    }
  }
  if (open) return open
  throw why ?? noSuchHost()
}

/** Undefined when there are several and none was named. */
function chooseAccount({ accounts, closed, hasAccounts }: Openings, named: string | undefined) {
  if (!hasAccounts) throw new Failure('account_not_found', 'The host has no account yet.')
  const [first, second] = accounts
  if (named === undefined && second !== undefined) return undefined
  const chosen = named === undefined ? first : accounts.find(({ username }) => username === named)
  if (chosen) return chosen
  throw closed.find(({ username }) => username === named)?.failure ?? new Failure('account_not_found', 'The host has no such account.')
}

/** Compared as it came and as it is kept: what a shell never sees must not keep a rule from speaking. */
async function denyingRule(trx: Trx, command: string, kind: SessionKind): Promise<string | undefined> {
  const rules = await readRules(trx)
  const asKind = kind === 'scp' ? 'scp' : kind === 'sftp' || kind === 'rsync' ? 'subsystem' : 'exec'
  for (const text of new Set([command, plain(command)])) {
    const effect = effectOf(rules, text, { kind: asKind, hasIntegration: false })
    if (effect?.effect === 'deny') return effect.rule
  }
  return undefined
}

async function noteRefusal(refusedRows: RefusedRows, operator: Asker, gateway: GatewayId, { signIn, to, account, kind, source }: AskAdmit, failure: Failure) {
  const where = 'asset' in to ? { asset: to.asset } : to.destination
  const detail = { failure: failure.code, door: 'ssh', kind, ...where, account, gateway }
  const what = JSON.stringify([failure.code, where, account])
  await refusedRows.note(signIn, what, { code: 'session.refused', outcome: 'refused', operator: operator.id, source, detail })
}
