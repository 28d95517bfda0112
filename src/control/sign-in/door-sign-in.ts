// Signing in at the SSH door, by key, password, code or a word in the browser. Whatever is wrong answers alike: the gateway, and whoever asks through it, learns only whether the way in is open.
import { isFailure } from '#domain/failure.ts'
import { readDoorUser } from '#domain/door-user.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Role } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import { fingerprintOf } from '#ssh/private-key.ts'
import type { DoorSignIn as Answer } from '#wire/door.ts'
import type { Ask } from '#wire/link.ts'
import { record } from '../audit/ledger.ts'
import { plainText } from '../audit/plain-text.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Approvals } from './approvals.ts'
import { Halves, type Half, readProof, type SignedKey, UsedProofs } from './door-proofs.ts'
import { beginAtDoor } from './door-rows.ts'
import { doorText, languageOf } from './door-texts.ts'
import { isFactorAsked } from './factor-asked.ts'
import type { Passwords } from './passwords.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import { type Factors, factorSince, takeCode } from './second-factors.ts'
import { askerOf, type OperatorRow } from './sign-ins.ts'
import { countSource, countTry, forgiveTry, takeBackTry } from './slowing.ts'

export type DoorSignInParts = {
  readonly store: Store
  readonly passwords: Passwords
  readonly factors: Factors
  readonly approvals: Pick<Approvals, 'take'>
  /** Ms since the epoch. */
  now(): number
  /** Whether everybody of this role must have a second factor. */
  mustHaveSecondFactor(role: Role): boolean
  /** Of the pages, for whoever has to go there first; undefined when it is not known. */
  webAddress(): string | undefined
}
type Asked = Omit<Extract<Ask, { ask: 'sign-in' }>, 'ask'>
type DoorOperator = OperatorRow & { mustChangePassword: number }
/** How far somebody has proven who they are. `shown`: when they have shown a second factor, ms since the epoch. */
type Came = {
  operator: DoorOperator
  by: Half['by']
  keyId?: string | undefined
  fingerprint?: string
  shown?: number | undefined
  factor?: 'totp' | 'recovery'
}
type Settled = { answer: Answer } | { half: Half }

const refused: Answer = { state: 'refused' }

export class DoorSignIn {
  readonly #parts: DoorSignInParts
  readonly #used = new UsedProofs()
  readonly #halves: Halves
  constructor(parts: DoorSignInParts) {
    this.#parts = parts
    this.#halves = new Halves(parts.factors.random)
  }

  /** Whether a key that has signed nothing yet would sign this name in. Has no other effect. */
  async offered(asked: { typed: string; publicKey: string }): Promise<{ isKnown: boolean }> {
    const name = operatorIn(asked.typed)
    const found = await keyOf(this.#parts.store.db, name, fingerprintOf(Buffer.from(asked.publicKey, 'base64')))
    return { isKnown: found !== undefined }
  }

  /** Answers `refused` alike, and at the same cost, for what is unknown, disabled, wrong, used before or slowed. Throws `rate_limited` while too many passwords are being checked, whoever asks. */
  async signIn(gateway: GatewayId, asked: Asked): Promise<Answer> {
    const { proof } = asked
    switch (proof.by) {
      case 'key':
        return this.#byKey(gateway, asked, proof)
      case 'password':
        return this.#byPassword(gateway, asked, new Secret(proof.password))
      case 'code':
        return (
          (await this.#halves.try(proof.half, { gateway, typed: asked.typed }, this.#parts.now(), (half) => this.#byCode(asked, half, proof.code))) ?? refused
        )
      case 'approval':
        return this.#byApproval(gateway, asked, proof.approval)
    }
  }

  /** A right key is never slowed, since nobody guesses one, and others must not keep its owner out; a wrong one counts against its source. */
  async #byKey(gateway: GatewayId, asked: Asked, proof: SignedKey): Promise<Answer> {
    const { store } = this.#parts
    const proven = readProof(proof, asked.typed)
    const name = operatorIn(asked.typed)
    const find = async (from: Store['db'] | Trx) => {
      const key = proven && (await keyOf(from, name, proven.fingerprint))
      return key?.blob === proven?.blob.toString('base64') ? key : undefined
    }
    const known = proven && (await find(store.db))
    if (!proven || !known || !this.#used.use(gateway, proven.digest))
      return this.#refuseKey(asked, name, proven && known ? 'the same signature again' : 'wrong key')
    return this.#finish(
      await store.transaction(async (trx): Promise<Settled> => {
        const key = await find(trx)
        const operator = key && (await operatorBy(trx, key.operatorId))
        if (!operator) return { answer: refused }
        return this.#settle(trx, gateway, asked, { operator, by: 'key', keyId: key.id, fingerprint: proven.fingerprint })
      }),
    )
  }

  async #refuseKey(asked: Asked, name: string, why: string): Promise<Answer> {
    const { store, now } = this.#parts
    await store.transaction(async (trx) => {
      // Uncounted, keys of strangers would fill the ledger.
      if (await countSource(trx, asked.source, now())) return
      const operator = await trx.selectFrom('operators').select(['id', 'enabled']).where('username', '=', name).executeTakeFirst()
      const told = operator === undefined ? 'unknown name' : operator.enabled === 1 ? why : 'disabled'
      await noteFailure(trx, { operator: operator?.id, source: asked.source, why: told, by: 'key' }, now())
    })
    return refused
  }

  async #byPassword(gateway: GatewayId, asked: Asked, password: Secret): Promise<Answer> {
    const { store, passwords, now } = this.#parts
    try {
      passwords.refuseOversize(password)
    } catch (error) {
      if (isFailure(error)) return refused
      throw error
    }
    passwords.refuseWhenFull()
    const name = operatorIn(asked.typed)
    const { operator, counted } = await store.transaction(async (trx) => ({
      counted: await countTry(trx, { username: name, source: asked.source, now: now() }),
      operator: await trx.selectFrom('operators').selectAll().where('username', '=', name).executeTakeFirst(),
    }))
    if ('retryAfterSeconds' in counted) return refused
    const isRight = await passwords.isRight(operator?.passwordHash, password)
    return this.#finish(
      await store.transaction(async (trx): Promise<Settled> => {
        // Read again: it may have been disabled, or given another password, while this one was checked.
        const present = operator && (await operatorBy(trx, operator.id))
        if (isRight && present && present.passwordHash === operator?.passwordHash) {
          const settled = await this.#settle(trx, gateway, asked, { operator: present, by: 'password' })
          await (isIn(settled) ? forgiveTry(trx, counted, now()) : takeBackTry(trx, counted))
          return settled
        }
        const why = operator === undefined ? 'unknown name' : isRight ? 'disabled' : 'wrong password'
        await noteFailure(trx, { operator: operator?.id, source: asked.source, why, by: 'password' }, now())
        return { answer: refused }
      }),
    )
  }

  /** The second step. Codes are counted like passwords: six digits can be guessed. */
  async #byCode(asked: Asked, half: Half, code: string): Promise<{ isOver: boolean; value: Answer }> {
    const { store, factors, now } = this.#parts
    const name = operatorIn(asked.typed)
    const settled = await store.transaction(async (trx): Promise<Settled> => {
      const counted = await countTry(trx, { username: name, source: asked.source, now: now() })
      if ('retryAfterSeconds' in counted) return { answer: refused }
      const operator = await operatorBy(trx, half.operator)
      const key =
        half.keyId === undefined ? undefined : await trx.selectFrom('operatorKeys').select('fingerprint').where('id', '=', half.keyId).executeTakeFirst()
      // Whoever was disabled, given another password, or whose key was removed meanwhile begins anew.
      if (!operator || operator.passwordHash !== half.passwordHash || (half.keyId !== undefined && !key)) return { answer: refused }
      const factor = await takeCode(trx, factors, operator.id, code, now())
      if (factor === undefined) {
        const detail = { at: 'ssh door' }
        await record(trx, { code: 'second_factor.refused', outcome: 'refused', operator: operator.id, source: asked.source, detail }, now())
        return { answer: refused }
      }
      const came: Came = { operator, by: half.by, keyId: half.keyId, shown: now(), factor, ...(key ? { fingerprint: key.fingerprint } : {}) }
      const done = await this.#settle(trx, half.gateway, asked, came)
      await (isIn(done) ? forgiveTry(trx, counted, now()) : takeBackTry(trx, counted))
      return done
    })
    const value = this.#finish(settled)
    return { isOver: value.state !== 'refused' || value.text !== undefined, value }
  }

  async #byApproval(gateway: GatewayId, asked: Asked, approval: string): Promise<Answer> {
    const { store, approvals, now } = this.#parts
    return this.#finish(
      await store.transaction(async (trx): Promise<Settled> => {
        const taken = await approvals.take(trx, gateway, approval, operatorIn(asked.typed))
        if (taken.state !== 'approved') return { answer: { state: taken.state } }
        const operator = await operatorBy(trx, taken.operator)
        if (!operator) return { answer: refused }
        return this.#settle(trx, gateway, asked, { operator, by: 'approval', shown: taken.secondFactor ? now() : undefined })
      }),
    )
  }

  /** What is still missing, for somebody who has proven who they are; nothing when the answer is `signed-in`. */
  async #settle(trx: Trx, gateway: GatewayId, asked: Asked, came: Came): Promise<Settled> {
    const now = this.#parts.now()
    const { operator, by, keyId } = came
    const stop = (what: Parameters<typeof doorText>[0]): Settled => ({
      answer: { state: 'refused', text: doorText(what, operator.language, this.#parts.webAddress()) },
    })
    if (operator.mustChangePassword === 1) return stop('password')
    if (came.shown === undefined) {
      const mustHave = this.#parts.mustHaveSecondFactor(operator.role as Role)
      const hasFactor = (await factorSince(trx, operator.id)) !== undefined
      if (!hasFactor && mustHave) return stop('setup')
      if (hasFactor && (by === 'password' || mustHave || (await this.#isFactorAsked(trx, asked, operator, now))))
        return { half: { gateway, typed: asked.typed, operator: operator.id, passwordHash: operator.passwordHash, by, keyId } }
    }
    const { source, client } = asked
    const begun = { operator: operator.id, gateway, keyId, source, client, secondFactorAt: came.shown }
    const signIn = await beginAtDoor(trx, begun, now, this.#parts.factors.random)
    if (signIn === undefined) return stop('connections')
    if (came.factor === 'recovery') {
      const detail = { left: await recoveryCodesLeft(trx, operator.id) }
      await record(trx, { code: 'recovery_code.used', outcome: 'done', operator: operator.id, source, detail }, now)
    }
    const how = {
      door: 'ssh',
      by,
      agent: plainText(client, 256),
      gateway,
      key: came.fingerprint,
      secondFactor: came.factor ?? (came.shown === undefined ? undefined : 'browser'),
    }
    await record(trx, { code: 'operator.signed_in', outcome: 'done', operator: operator.id, source, detail: how }, now)
    const language = languageOf(operator.language)
    const { id, username, name } = operator
    return { answer: { state: 'signed-in', signIn, operator: { id, username, name }, ...(language ? { language } : {}) } }
  }

  async #isFactorAsked(trx: Trx, asked: Asked, operator: DoorOperator, now: number): Promise<boolean> {
    const user = readDoorUser(asked.typed)
    const whither = user && 'operator' in user ? { asset: user.asset, account: user.account } : {}
    return isFactorAsked(trx, await askerOf(trx, operator, false), { ...whither, source: asked.source }, now)
  }

  /** After the commit: what is kept in memory must not outlive a transaction that was undone. */
  #finish(settled: Settled): Answer {
    return 'half' in settled ? { state: 'code', half: this.#halves.add(settled.half, this.#parts.now()) } : settled.answer
  }
}

const isIn = (settled: Settled) => 'answer' in settled && settled.answer.state === 'signed-in'

/** The operator's name in what was typed; empty when it is none, which nobody is called. */
function operatorIn(typed: string): string {
  const user = readDoorUser(typed)
  return user && 'operator' in user ? user.operator : ''
}

/** Of somebody who is enabled. */
function operatorBy(trx: Trx, id: string) {
  return trx.selectFrom('operators').selectAll().where('id', '=', id).where('enabled', '=', 1).executeTakeFirst()
}

function keyOf(from: Store['db'] | Trx, username: string, fingerprint: string) {
  return from
    .selectFrom('operatorKeys')
    .innerJoin('operators', 'operators.id', 'operatorKeys.operatorId')
    .select(['operatorKeys.id', 'operatorKeys.blob', 'operatorKeys.operatorId'])
    .where('operatorKeys.fingerprint', '=', fingerprint)
    .where('operators.username', '=', username)
    .where('operators.enabled', '=', 1)
    .executeTakeFirst()
}

/** An unknown name is not kept: people type passwords into the place of the name. */
function noteFailure(trx: Trx, failed: { operator: string | undefined; source: string; why: string; by: string }, now: number): Promise<number> {
  const { operator, source, why, by } = failed
  return record(trx, { code: 'operator.sign_in_failed', outcome: 'refused', operator, source, detail: { why, door: 'ssh', by } }, now)
}
