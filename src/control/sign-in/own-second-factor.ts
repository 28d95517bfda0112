// One's own second factor: set up, taken away, its recovery codes made anew. Each asks for the password or a code again, since whoever finds a browser open must not take the account over.
import { Failure } from '#domain/failure.ts'
import type { Role } from '#domain/operator.ts'
import type { Secret } from '#domain/secret.ts'
import type { SecondFactorView, TotpSetup } from '#wire/api/second-factor.ts'
import { grantsOf, groupsOf } from '../access/grant-rows.ts'
import { record } from '../audit/ledger.ts'
import type { Trx } from '../store/open-store.ts'
import type { EntranceNeeds } from './entrance.ts'
import { wrongCode } from './entrance.ts'
import { recoveryCodesLeft, renewRecoveryCodes } from './recovery-codes.ts'
import { beginSetup, confirmSetup, factorSince, takeCode } from './second-factors.ts'
import { type OperatorRow, slowed } from './sign-ins.ts'
import { countTry, type CountedTry, forgiveTry, takeBackTry } from './slowing.ts'

type Needs = Omit<EntranceNeeds, 'signIns'> & { readonly signIns: Pick<EntranceNeeds['signIns'], 'endOthersWithin'> }
/** Whose it is, by which sign-in they ask, and from where. */
export type Own = { operatorId: string; signInId: string; source: string; requestId?: string }
type Proven = { trx: Trx; operator: OperatorRow; now: number }

const noFactor = () => new Failure('conflict', 'There is no second factor to change. Set one up first.')

export class OwnSecondFactor {
  readonly #needs: Needs
  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** `required`: by their role, or by a grant that names them. */
  async view(operatorId: string): Promise<SecondFactorView> {
    const { db } = this.#needs.store
    const since = await factorSince(db, operatorId)
    const recoveryCodesLeftNow = since === undefined ? 0 : await recoveryCodesLeft(db, operatorId)
    const row = await db.selectFrom('operators').select('role').where('id', '=', operatorId).executeTakeFirst()
    const required = row !== undefined && (await this.#isRequired(db, operatorId, row.role))
    return {
      set: since !== undefined,
      ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
      recoveryCodesLeft: recoveryCodesLeftNow,
      required,
    }
  }

  /** Throws `second_factor_set` when there is one, `sign_in_failed`, `sign_in_slowed`. */
  async begin(own: Own, password: Secret): Promise<TotpSetup> {
    return this.#prove(own, { password }, async ({ trx, operator, now }) => {
      await refuseSecond(trx, operator.id)
      return beginSetup(trx, this.#needs.factors, operator, now)
    })
  }

  /** Every other sign-in ends. The one that asks goes on as it was: it counts as one with a second factor when the person signs in with it. Throws `second_factor_wrong`, `second_factor_set`. */
  async confirm(own: Own, code: string): Promise<string[]> {
    const { codes, ends } = await this.#prove(own, {}, async ({ trx, operator, now }) => {
      await refuseSecond(trx, operator.id)
      const made = await confirmSetup(trx, this.#needs.factors, operator.id, code, now)
      if (!made) return 'wrong'
      await record(trx, { code: 'second_factor.set', outcome: 'done', ...byOwn(own), before: { set: false }, after: { set: true } }, now)
      const text = 'A second factor was set up, so what was opened without it ends.'
      const ended = await this.#needs.signIns.endOthersWithin(trx, { ...own, name: operator.username, text })
      return { codes: made, ends: ended.ends }
    })
    this.#needs.pushEnds(ends)
    return codes
  }

  /** Throws `second_factor_needed` where it is required, `sign_in_failed`, `second_factor_wrong`, `conflict` when there is none. */
  async remove(own: Own, password: Secret, code: string): Promise<void> {
    await this.#prove(own, { password }, async ({ trx, operator, now }) => {
      if (await this.#isRequired(trx, operator.id, operator.role))
        throw new Failure(
          'second_factor_needed',
          'You must have a second factor: your role or a grant asks for it. An administrator can take it away for you to set up another.',
        )
      if ((await factorSince(trx, operator.id)) === undefined) throw noFactor()
      if ((await takeCode(trx, this.#needs.factors, operator.id, code, now)) === undefined) return 'wrong'
      await trx.deleteFrom('secondFactors').where('operatorId', '=', operator.id).execute()
      await trx.deleteFrom('recoveryCodes').where('operatorId', '=', operator.id).execute()
      await trx.updateTable('signIns').set({ secondFactorAt: null }).where('operatorId', '=', operator.id).execute()
      await record(trx, { code: 'second_factor.removed', outcome: 'done', ...byOwn(own), before: { set: true }, after: { set: false } }, now)
      return {}
    })
  }

  /** The old ones are void. Throws `sign_in_failed`, `second_factor_wrong`, `conflict` when there is no second factor. */
  async renewCodes(own: Own, password: Secret, code: string): Promise<string[]> {
    return this.#prove(own, { password }, async ({ trx, operator, now }) => {
      if ((await factorSince(trx, operator.id)) === undefined) throw noFactor()
      if ((await takeCode(trx, this.#needs.factors, operator.id, code, now)) === undefined) return 'wrong'
      await record(trx, { code: 'recovery_codes.renewed', outcome: 'done', ...byOwn(own) }, now)
      return renewRecoveryCodes(trx, operator.id, this.#needs.factors.random)
    })
  }

  /** Counts the try like a sign-in before anything is compared; a wrong password or code stays counted, a right one is forgiven, and what failed otherwise is taken back. */
  async #prove<T>(own: Own, given: { password?: Secret }, act: (proven: Proven) => Promise<T | 'wrong'>): Promise<T> {
    const { store, passwords, now } = this.#needs
    if (given.password) passwords.refuseOversize(given.password)
    if (given.password) passwords.refuseWhenFull()
    const { operator, counted } = await store.transaction(async (trx) => {
      const row = await trx.selectFrom('operators').selectAll().where('id', '=', own.operatorId).where('enabled', '=', 1).executeTakeFirst()
      if (!row) throw new Failure('unauthenticated', 'Sign in again.')
      return { operator: row, counted: await countTry(trx, { username: row.username, source: own.source, now: now() }) }
    })
    if ('retryAfterSeconds' in counted) throw slowed(counted.retryAfterSeconds)
    if (given.password && !(await passwords.isRight(operator.passwordHash, given.password))) {
      await this.#noteRefusal(own, 'wrong password')
      throw new Failure('sign_in_failed', 'The password is wrong.', { field: 'password' })
    }
    const outcome = await this.#acted(counted, () =>
      store.transaction(async (trx) => {
        const present = await trx.selectFrom('operators').selectAll().where('id', '=', own.operatorId).where('enabled', '=', 1).executeTakeFirst()
        if (present?.passwordHash !== operator.passwordHash) throw new Failure('unauthenticated', 'Sign in again.')
        const done = await act({ trx, operator: present, now: now() })
        if (done !== 'wrong') await forgiveTry(trx, counted, now())
        return done
      }),
    )
    if (outcome !== 'wrong') return outcome
    await this.#noteRefusal(own, 'wrong code')
    throw wrongCode()
  }

  async #acted<T>(counted: CountedTry, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      await this.#needs.store.transaction((trx) => takeBackTry(trx, counted))
      throw error
    }
  }

  #noteRefusal(own: Own, why: string): Promise<unknown> {
    const event = { code: 'second_factor.refused', outcome: 'refused', ...byOwn(own), detail: { at: 'My account', why } } as const
    return this.#needs.store.transaction((trx) => record(trx, event, this.#needs.now()))
  }

  async #isRequired(from: Parameters<typeof grantsOf>[0], operatorId: string, role: string): Promise<boolean> {
    if (this.#needs.mustHaveSecondFactor(role as Role)) return true
    const grants = await grantsOf(from, { id: operatorId as Parameters<typeof grantsOf>[1]['id'], groups: await groupsOf(from, operatorId) })
    return grants.some(({ terms }) => terms.secondFactor)
  }
}

async function refuseSecond(trx: Trx, operatorId: string): Promise<void> {
  if ((await factorSince(trx, operatorId)) !== undefined) throw new Failure('second_factor_set', 'There is a second factor already. Remove it first.')
}

const byOwn = ({ operatorId, source, requestId }: Own) => ({ operator: operatorId, object: operatorId, source, requestId })
