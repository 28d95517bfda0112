// Signing in, in one request that holds everything. What is missing is named, and asked for anew together with what was given: half a sign-in leaves nothing behind that could open a door.
import { Failure, isFailure } from '#domain/failure.ts'
import { OperatorName, type Role } from '#domain/operator.ts'
import type { Secret } from '#domain/secret.ts'
import type { TotpSetup } from '#wire/api/second-factor.ts'
import { record } from '../audit/ledger.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Passwords } from './passwords.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import { beginSetup, confirmSetup, type Factors, factorSince, takeCode, type TakenCode } from './second-factors.ts'
import { type From, type OperatorRow, type SignedIn, type SignIns, slowed } from './sign-ins.ts'
import { countTry, type CountedTry, forgiveTry, takeBackTry } from './slowing.ts'

/** The answer to a wrong password, an unknown name and a disabled operator alike. */
const refusalWords = 'The user name or the password is wrong.'

export type EntranceNeeds = {
  readonly store: Store
  readonly passwords: Passwords
  readonly signIns: Pick<SignIns, 'begin' | 'endReplaced' | 'endOthersWithin'>
  readonly factors: Factors
  /** Ms since the epoch. */
  now(): number
  /** Whether everybody of this role must have a second factor. */
  mustHaveSecondFactor(role: Role): boolean
  /** Tells gateways of sessions and watches that end with an earlier sign-in, after the commit. */
  pushEnds(ends: readonly PendingEnd[]): void
}
/** `replaces`: the cookie that the browser had; it is void once this succeeds, so that none that was planted or left behind lives on. */
export type Given = {
  username: string
  password: Secret
  code?: string | undefined
  newPassword?: Secret | undefined
  replaces?: string | undefined
} & From
export type Step = { next: 'totp' | 'password' } | { next: 'setup'; setup: TotpSetup }
export type Entered = SignedIn & { /** Of a second factor that was set up with this sign-in; shown this once. */ recoveryCodes?: string[] }
type Outcome = { entered: Entered; ends: PendingEnd[] } | { step: Step } | { failure: Failure }

export class Entrance {
  readonly #needs: EntranceNeeds
  constructor(needs: EntranceNeeds) {
    this.#needs = needs
  }

  /**
   * Throws `sign_in_failed` for a wrong password, an unknown name and a disabled operator alike and at the same cost; `second_factor_wrong`; `password_too_weak` for a new password that is none;
   * `sign_in_slowed` with `detail.retryAfterSeconds`; `too_large`; `rate_limited`.
   */
  async enter(given: Given): Promise<Entered | Step> {
    const { passwords, store, now } = this.#needs
    for (const password of [given.password, ...(given.newPassword ? [given.newPassword] : [])]) passwords.refuseOversize(password)
    passwords.refuseWhenFull()
    const username = OperatorName.safeParse(given.username).data
    const { operator, counted } = await store.transaction(async (trx) => ({
      counted: await countTry(trx, { username: username ?? '', source: given.source, now: now() }),
      operator: await trx
        .selectFrom('operators')
        .selectAll()
        .where('username', '=', username ?? '')
        .executeTakeFirst(),
    }))
    if ('retryAfterSeconds' in counted) throw slowed(counted.retryAfterSeconds)
    const isRight = await passwords.isRight(operator?.passwordHash, given.password)
    const nextHash = isRight && operator && given.newPassword ? await this.#hashNext(given, given.newPassword, operator, counted) : undefined
    const outcome = await store.transaction(async (trx): Promise<Outcome> => {
      // Read again: it may have been disabled, or given another password, while this one was checked.
      const present = await trx
        .selectFrom('operators')
        .selectAll()
        .where('id', '=', operator?.id ?? '')
        .executeTakeFirst()
      if (isRight && present?.enabled === 1 && present.passwordHash === operator?.passwordHash) return this.#goOn(trx, present, given, counted, nextHash)
      // An unknown name is not kept: people type passwords into the field for the name.
      const why = operator === undefined ? 'unknown name' : isRight ? 'disabled' : 'wrong password'
      await record(trx, { code: 'operator.sign_in_failed', outcome: 'refused', operator: operator?.id, source: given.source, detail: { why } }, now())
      return { failure: new Failure('sign_in_failed', refusalWords) }
    })
    if ('failure' in outcome) throw outcome.failure
    if ('step' in outcome) return outcome.step
    this.#needs.pushEnds(outcome.ends)
    return outcome.entered
  }

  /** With the right password of somebody who is enabled. */
  async #goOn(
    trx: Trx,
    operator: OperatorRow & { mustChangePassword: number },
    given: Given,
    counted: CountedTry,
    nextHash: string | undefined,
  ): Promise<Outcome> {
    const { factors, signIns } = this.#needs
    const now = this.#needs.now()
    // Its own count alone: whoever knows the password could else wipe out their guesses at the code with it.
    const half = async (step: Step): Promise<Outcome> => {
      await takeBackTry(trx, counted)
      return { step }
    }
    const hasFactor = (await factorSince(trx, operator.id)) !== undefined
    const needsSetup = !hasFactor && this.#needs.mustHaveSecondFactor(operator.role as Role)
    const { code, source } = given
    // Before a code, which lives for half a minute only.
    if (operator.mustChangePassword === 1 && nextHash === undefined) return half({ next: 'password' })
    if (operator.mustChangePassword !== 1 && given.newPassword) {
      await takeBackTry(trx, counted)
      return { failure: new Failure('bad_request', 'This password need not be changed to sign in.', { field: 'newPassword' }) }
    }
    if (hasFactor && code === undefined) return half({ next: 'totp' })
    if (needsSetup && code === undefined) return half({ next: 'setup', setup: await beginSetup(trx, factors, operator, now) })
    let shown: TakenCode | undefined
    let recoveryCodes: string[] | undefined
    if (hasFactor) shown = await takeCode(trx, factors, operator.id, code ?? '', now)
    else if (needsSetup) {
      recoveryCodes = await confirmSetup(trx, factors, operator.id, code ?? '', now)
      shown = recoveryCodes && 'totp'
    }
    if (shown === undefined && (hasFactor || needsSetup)) {
      await record(trx, { code: 'second_factor.refused', outcome: 'refused', operator: operator.id, source, detail: { at: 'sign-in' } }, now)
      return { failure: wrongCode() }
    }
    await forgiveTry(trx, counted, now)
    const by = { operator: operator.id, source }
    const passwordHash = operator.mustChangePassword === 1 ? (nextHash ?? operator.passwordHash) : operator.passwordHash
    if (passwordHash !== operator.passwordHash) {
      await trx.updateTable('operators').set({ passwordHash, mustChangePassword: 0 }).where('id', '=', operator.id).execute()
      await record(trx, { code: 'operator.password_changed', outcome: 'done', ...by, detail: { at: 'sign-in' } }, now)
    }
    if (shown === 'recovery')
      await record(trx, { code: 'recovery_code.used', outcome: 'done', ...by, detail: { left: await recoveryCodesLeft(trx, operator.id) } }, now)
    if (recoveryCodes) await record(trx, { code: 'second_factor.set', outcome: 'done', ...by, object: operator.id, detail: { at: 'sign-in' } }, now)
    await record(trx, { code: 'operator.signed_in', outcome: 'done', ...by, detail: { agent: given.agent, ...(shown ? { secondFactor: shown } : {}) } }, now)
    const ends = given.replaces === undefined ? [] : await signIns.endReplaced(trx, given.replaces, source)
    const signedIn = await signIns.begin(trx, operator, { ...given, ...(shown ? { secondFactorAt: now } : {}) })
    if (recoveryCodes || passwordHash !== operator.passwordHash) {
      const text = recoveryCodes
        ? 'A second factor was set up, so what was opened without it ends.'
        : 'The password was changed, so what was opened with the old one ends.'
      ends.push(...(await signIns.endOthersWithin(trx, { operatorId: operator.id, name: operator.username, signInId: signedIn.signInId, source, text })).ends)
    }
    return { entered: { ...signedIn, ...(recoveryCodes ? { recoveryCodes } : {}) }, ends }
  }

  /** A new password that cannot be one is no guess at the present one: the try is not counted. */
  async #hashNext(given: Given, next: Secret, operator: OperatorRow, counted: CountedTry): Promise<string> {
    try {
      if (next.revealText().normalize('NFC') === given.password.revealText().normalize('NFC'))
        throw new Failure('password_too_weak', 'The new password must be another one.')
      return await this.#needs.passwords.hash(next, operator.username)
    } catch (error) {
      await this.#needs.store.transaction((trx) => takeBackTry(trx, counted))
      if (isFailure(error) && error.code === 'password_too_weak') throw new Failure(error.code, error.message, { field: 'newPassword', cause: error })
      throw error
    }
  }
}

export const wrongCode = () => new Failure('second_factor_wrong', 'The code is wrong, or was used already. Wait for the next one.', { field: 'code' })
