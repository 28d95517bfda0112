// The first administrator: whoever can read the claim token, printed where the product was started, or named in its settings at the first start.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '#domain/failure.ts'
import { makeId, OperatorId } from '#domain/id.ts'
import { OperatorName } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import { grantAdministrators } from '../access/first-grant.ts'
import { record } from '../audit/ledger.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { makeKeyFile, readKeyFile } from '../vault/key-file.ts'
import { isSameToken, makeToken, type Random } from './opaque-token.ts'
import type { Passwords } from './passwords.ts'
import type { From, OperatorRow, SignedIn, SignIns } from './sign-ins.ts'

const settingName = 'claimed'
type Needs = { store: Store; passwords: Passwords; signIns: SignIns; dataFolder: string; now?: () => number; random?: Random }

export class Claim {
  readonly #needs: Required<Needs>
  readonly #tokenFile: string
  constructor(needs: Needs) {
    this.#needs = { now: Date.now, random: randomBytes, ...needs }
    this.#tokenFile = join(needs.dataFolder, 'keys', 'claim-token')
  }

  /** At start: makes the token while there is nobody, removes it when somebody has claimed. `first` is made the administrator only if there is nobody. Returns whether it was. */
  async prepare(first?: { username: string; password: string }): Promise<{ madeFirst: boolean }> {
    const madeFirst = first !== undefined && !(await this.#isClaimed()) && (await this.#makeFirst(first))
    if (await this.#isClaimed()) rmSync(this.#tokenFile, { force: true })
    else if (this.token() === undefined) makeKeyFile(this.#tokenFile, `${makeToken(this.#needs.random)}\n`)
    return { madeFirst }
  }

  async state(): Promise<{ claimed: boolean }> {
    return { claimed: await this.#isClaimed() }
  }

  /** For the ssh line that is printed at start: user name of the oldest administrator who is enabled. */
  async administrator(): Promise<string | undefined> {
    const oldest = this.#needs.store.db.selectFrom('operators').select('username').where('role', '=', 'admin').where('enabled', '=', 1).orderBy('createdAt')
    return (await oldest.limit(1).executeTakeFirst())?.username
  }

  /** For the claim link that is printed at start; undefined once claimed. */
  token(): string | undefined {
    return readKeyFile(this.#tokenFile)?.trim()
  }

  /** Makes the first administrator and signs them in. One of many at once wins. Throws `claim_token_invalid`, `already_claimed`, `name_invalid`, `password_too_weak`. */
  async make(given: { token: string; username: string; password: Secret } & From): Promise<SignedIn> {
    const { passwords, signIns, store } = this.#needs
    if (await this.#isClaimed()) throw alreadyClaimed()
    const token = this.token()
    // Before anything is hashed: a stranger without the token costs nothing.
    if (token === undefined || !isSameToken(given.token, token))
      throw new Failure('claim_token_invalid', 'This claim link is not the one that was printed at start.', { field: 'token' })
    passwords.refuseOversize(given.password)
    const username = parseName(given.username)
    const passwordHash = await passwords.hash(given.password, username)
    const signedIn = await store.transaction(async (trx) => {
      const operator = await this.#insert(trx, username, passwordHash, { source: given.source, by: 'claim link' })
      return signIns.begin(trx, operator, given)
    })
    rmSync(this.#tokenFile, { force: true })
    return signedIn
  }

  async #makeFirst(first: { username: string; password: string }): Promise<boolean> {
    const username = parseName(first.username)
    const passwordHash = await this.#needs.passwords.hash(new Secret(first.password), username)
    await this.#needs.store.transaction((trx) => this.#insert(trx, username, passwordHash, { by: 'settings at first start' }))
    return true
  }

  async #insert(trx: Trx, username: string, passwordHash: string, how: { source?: string; by: string }): Promise<OperatorRow> {
    if (await isClaimedIn(trx)) throw alreadyClaimed()
    const now = this.#needs.now()
    const id = makeId(OperatorId, 'op', this.#needs.random(15))
    const operator = { id, username, name: username, role: 'admin', mayWatch: 1, enabled: 1, passwordHash, language: null }
    await trx.insertInto('settings').values({ name: settingName, value: id }).execute()
    await trx
      .insertInto('operators')
      .values({ ...operator, createdAt: now })
      .execute()
    await grantAdministrators(trx, { operator: id, now, random: this.#needs.random })
    await record(trx, { code: 'operator.claimed', outcome: 'done', operator: id, object: id, source: how.source, detail: { username, by: how.by } }, now)
    return operator
  }

  #isClaimed(): Promise<boolean> {
    return isClaimedIn(this.#needs.store.db)
  }
}

async function isClaimedIn(from: Store['db'] | Trx): Promise<boolean> {
  const mark = await from.selectFrom('settings').select('name').where('name', '=', settingName).executeTakeFirst()
  return mark !== undefined || (await from.selectFrom('operators').select('id').limit(1).executeTakeFirst()) !== undefined
}

function parseName(name: string): string {
  const parsed = OperatorName.safeParse(name)
  if (!parsed.success) throw new Failure('name_invalid', `The user name ${parsed.error.issues[0]?.message ?? 'is not allowed'}.`, { field: 'username' })
  return parsed.data
}

const alreadyClaimed = () => new Failure('already_claimed', 'Someone has claimed this Sallyport already. Sign in instead.')
