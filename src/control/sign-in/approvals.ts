// What waits in a terminal for somebody at a browser: a sign-in at the SSH door, or a key that wants to belong to them. The number that the terminal shows is typed, not clicked: nobody approves what is not before them.
import { randomInt } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import { readDoorUser } from '#domain/door-user.ts'
import type { GatewayId } from '#domain/id.ts'
import { readPublicKeyBlob } from '#ssh/public-key.ts'
import { type ApprovalView, approvalPath } from '#wire/api/door.ts'
import type { AnswerOf, Ask } from '#wire/link.ts'
import { record } from '../audit/ledger.ts'
import { plainText } from '../audit/plain-text.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { readProof } from './door-proofs.ts'
import { digestOf, isSameToken, makeToken, type Random } from './opaque-token.ts'
import { type AddKey, addKey, type KeyBy } from './operator-keys.ts'
import { findSignIn } from './sign-ins.ts'
import { sourcePrefix } from './source-prefix.ts'

export const approvalMs = 120_000
const maxOfName = 5
const maxOfSource = 20
const maxWaiting = 2000
const triesOfNumber = 3
/** Decided ones can be looked at for so long. */
const keptMs = 3_600_000

export type ApprovalParts = {
  readonly store: Store
  readonly random: Random
  /** Ms since the epoch. */
  now(): number
  /** Of the pages, without a slash at its end; undefined when it is not known. */
  webAddress(): string | undefined
}
type Told = AnswerOf<'ask-approval'>
type Waits = { kind: 'sign-in' | 'enroll'; name: string; operator?: string | undefined; source: string; client: string; publicKey?: string }
/** Whoever decides, by which sign-in. */
export type DecidedBy = KeyBy & { signInId: string }
type Taken = { state: 'waiting' | 'refused' } | { state: 'approved'; operator: string; secondFactor: boolean }

export class Approvals {
  readonly #parts: ApprovalParts
  constructor(parts: ApprovalParts) {
    this.#parts = parts
  }

  /** For whoever the name belongs to; one that belongs to nobody is answered alike and can never be approved. Throws `rate_limited`. */
  ask(gateway: GatewayId, asked: Omit<Extract<Ask, { ask: 'ask-approval' }>, 'ask'>): Promise<Told> {
    const user = readDoorUser(asked.typed)
    const name = user && 'operator' in user ? user.operator : ''
    return this.#parts.store.transaction(async (trx) => {
      const operator = await trx.selectFrom('operators').select('id').where('username', '=', name).where('enabled', '=', 1).executeTakeFirst()
      return this.#wait(trx, gateway, { kind: 'sign-in', name, operator: operator?.id, source: asked.source, client: asked.client })
    })
  }

  /** For a key that has signed with the user name `enroll`. Throws `sign_in_failed` when it has not, `public_key_unsupported`, `rate_limited`. */
  async askEnrollment(gateway: GatewayId, asked: Omit<Extract<Ask, { ask: 'ask-enrollment' }>, 'ask'>): Promise<Told> {
    const proven = readProof(asked, 'enroll')
    if (!proven) throw new Failure('sign_in_failed', 'The key has not signed this.')
    readPublicKeyBlob(proven.blob)
    const what = { kind: 'enroll', name: 'enroll', source: asked.source, client: asked.client, publicKey: proven.blob.toString('base64') } as const
    return this.#parts.store.transaction((trx) => this.#wait(trx, gateway, what))
  }

  /** How an enrollment stands, to the gateway that asked for it. `username`: to whom the key belongs now. */
  async enrollment(gateway: GatewayId, asked: { enrollment: string }): Promise<AnswerOf<'enrollment'>> {
    const { store, now } = this.#parts
    const row = await find(store.db, idOf(asked.enrollment))
    if (!row || row.kind !== 'enroll' || row.gatewayId !== gateway) return { state: 'over' }
    if (row.state === 'declined') return { state: 'declined' }
    if (row.state === 'waiting') return { state: row.expiresAt > now() ? 'waiting' : 'over' }
    const owner = await store.db.selectFrom('operators').select('username').where('id', '=', row.operatorId).executeTakeFirst()
    return { state: 'done', ...(owner ? { username: owner.username } : {}) }
  }

  /** Uses up an approval in the transaction that signs in. The sign-in that approved must hold still; `secondFactor`: it had shown one. */
  async take(trx: Trx, gateway: GatewayId, opaque: string, username: string): Promise<Taken> {
    const now = this.#parts.now()
    const row = await find(trx, idOf(opaque))
    if (!row || row.kind !== 'sign-in' || row.gatewayId !== gateway || row.username !== digestOfName(username) || row.expiresAt <= now)
      return { state: 'refused' }
    if (row.state === 'waiting') return { state: 'waiting' }
    if (row.state !== 'approved' || row.operatorId === null || row.decidedBy === null) return { state: 'refused' }
    await trx.updateTable('approvals').set({ state: 'used' }).where('id', '=', row.id).execute()
    const approver = await findSignIn(trx, row.decidedBy, now)
    if (!approver || approver.id !== row.operatorId) return { state: 'refused' }
    return { state: 'approved', operator: row.operatorId, secondFactor: approver.secondFactorAt !== null }
  }

  /** Throws `approval_not_found`, alike for one that is not there and one of somebody else. */
  async get(id: string, operator: string): Promise<ApprovalView> {
    return this.#view(own(await find(this.#parts.store.db, id), operator))
  }

  /** Throws `number_wrong` (the third declines it), `approval_not_found`, `conflict` when it is decided or over, and what `addKey` throws. */
  async approve(id: string, given: { number: string; name?: string | undefined }, by: DecidedBy): Promise<ApprovalView> {
    const decided = await this.#decide(id, by, async (trx, row, now) => {
      if (!isSameToken(given.number.trim(), row.number)) {
        const tries = row.tries + 1
        const state = tries >= triesOfNumber ? 'declined' : 'waiting'
        await this.#set(trx, row, { tries, state }, { ...by, why: 'wrong number', outcome: 'refused' }, now)
        return new Failure('number_wrong', 'The terminal shows another number.', { field: 'number', detail: { triesLeft: triesOfNumber - tries } })
      }
      if (row.kind === 'enroll') {
        const key: AddKey = { ...readPublicKeyBlob(Buffer.from(row.publicKey ?? '', 'base64')), name: given.name, comment: '', addedBy: 'enroll' }
        const added = await addKey(trx, key, by, this.#parts.random, now)
        if (added instanceof Failure) {
          await this.#set(trx, row, { state: 'declined' }, { ...by, why: added.code, outcome: 'refused' }, now)
          return added
        }
      }
      const next = { state: 'approved', decidedBy: by.signInId, operatorId: by.operator }
      await this.#set(trx, row, next, { ...by, outcome: 'done' }, now)
      return { ...row, ...next }
    })
    if (decided instanceof Failure) throw decided
    return this.#view(decided)
  }

  /** Throws `approval_not_found`, `conflict` when it is decided or over. */
  async decline(id: string, by: DecidedBy): Promise<ApprovalView> {
    return this.#view(
      await this.#decide(id, by, async (trx, row, now) => {
        const next = { state: 'declined', decidedBy: by.signInId }
        await this.#set(trx, row, next, { ...by, outcome: 'done' }, now)
        return { ...row, ...next }
      }),
    )
  }

  /** To be called every minute or so. */
  async sweep(): Promise<void> {
    const { store, now } = this.#parts
    await store.transaction((trx) =>
      trx
        .deleteFrom('approvals')
        .where('expiresAt', '<', now() - keptMs)
        .execute(),
    )
  }

  async #wait(trx: Trx, gateway: GatewayId, what: Waits): Promise<Told> {
    const { random, webAddress } = this.#parts
    const now = this.#parts.now()
    const name = digestOfName(what.name)
    const waiting = await trx
      .selectFrom('approvals')
      .select(['kind', 'username', 'source'])
      .where('state', '=', 'waiting')
      .where('expiresAt', '>', now)
      .limit(maxWaiting)
      .execute()
    const prefix = sourcePrefix(what.source)
    const ofName = waiting.filter((row) => row.kind === 'sign-in' && row.username === name).length
    const ofSource = waiting.filter((row) => sourcePrefix(row.source) === prefix).length
    if ((what.kind === 'sign-in' && ofName >= maxOfName) || ofSource >= maxOfSource || waiting.length >= maxWaiting)
      throw new Failure('rate_limited', 'Too many wait for an answer already. Try again in two minutes.')
    const opaque = makeToken(random)
    const number = String(randomInt(10_000)).padStart(4, '0')
    const id = idOf(opaque)
    const { kind, operator, source } = what
    const asker = { source: plainText(source, 64), client: plainText(what.client, 255) }
    const row = { id, kind, operatorId: operator ?? null, username: name, ...asker, gatewayId: gateway, number, publicKey: what.publicKey ?? null }
    await trx
      .insertInto('approvals')
      .values({ ...row, state: 'waiting', tries: 0, decidedBy: null, createdAt: now, expiresAt: now + approvalMs })
      .execute()
    const code = kind === 'enroll' ? 'enrollment.asked' : 'approval.asked'
    const key = what.publicKey === undefined ? {} : { key: readPublicKeyBlob(Buffer.from(what.publicKey, 'base64')).fingerprint }
    await record(trx, { code, outcome: 'done', operator, object: id, source, detail: { client: asker.client, gateway, ...key } }, now)
    return { approval: opaque, url: `${webAddress() ?? ''}${approvalPath(id)}`, number, minutes: approvalMs / 60_000 }
  }

  #decide<T>(id: string, by: DecidedBy, decide: (trx: Trx, row: Row<'approvals'>, now: number) => Promise<T>): Promise<T> {
    const { store, now } = this.#parts
    return store.transaction(async (trx) => {
      const row = own(await find(trx, id), by.operator)
      if (row.state !== 'waiting' || row.expiresAt <= now()) throw new Failure('conflict', 'This has been decided already, or its time is over. Connect again.')
      return decide(trx, row, now())
    })
  }

  async #set(
    trx: Trx,
    row: Row<'approvals'>,
    next: Partial<Row<'approvals'>>,
    how: KeyBy & { outcome: 'done' | 'refused'; why?: string },
    now: number,
  ): Promise<void> {
    const { operator, source, requestId, outcome, why } = how
    await trx.updateTable('approvals').set(next).where('id', '=', row.id).execute()
    const state = next.state ?? row.state
    const detail = { from: row.source, client: row.client, state, ...(why === undefined ? {} : { why }) }
    const code = row.kind === 'enroll' ? 'enrollment.decided' : 'approval.decided'
    await record(trx, { code, outcome, operator, object: row.id, source, requestId, before: { state: row.state }, after: { state }, detail }, now)
  }

  #view(row: Row<'approvals'>): ApprovalView {
    const { id, kind, source, client, publicKey, state } = row
    const { type, fingerprint } = publicKey === null ? {} : readPublicKeyBlob(Buffer.from(publicKey, 'base64'))
    const isOver = state === 'waiting' && row.expiresAt <= this.#parts.now()
    return {
      ...{ id, source, client, kind: kind === 'enroll' ? 'enroll' : 'sign-in' },
      ...(type === undefined || fingerprint === undefined ? {} : { key: { type, fingerprint } }),
      state: isOver ? 'over' : state === 'waiting' ? 'waiting' : state === 'declined' ? 'declined' : 'approved',
      createdAt: new Date(row.createdAt).toISOString(),
      expiresAt: new Date(row.expiresAt).toISOString(),
    }
  }
}

/** 128 bits of the digest: the gateway's own word cannot be made from what stands in the link. */
const idOf = (opaque: string): string => digestOf(opaque).slice(0, 32)
/** No name is kept as it was typed: people type passwords there. */
const digestOfName = (name: string): string => digestOf(`name ${name.normalize('NFC')}`).slice(0, 32)

function find(from: Store['db'] | Trx, id: string): Promise<Row<'approvals'> | undefined> {
  return from.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst()
}

/** What is decided belongs to who decided it; an enrollment that waits is anybody's who has its link. */
function own(row: Row<'approvals'> | undefined, operator: string): Row<'approvals'> {
  const isOpen = row?.kind === 'enroll' && row.operatorId === null
  if (!row || (!isOpen && row.operatorId !== operator)) throw new Failure('approval_not_found', 'Nothing waits here (any more).')
  return row
}
