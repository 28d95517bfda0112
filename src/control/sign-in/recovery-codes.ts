// Recovery codes: for whoever has lost their authenticator. Each opens once; what is kept cannot be turned back into one.
import { createHash } from 'node:crypto'
import { base32 } from '#domain/id.ts'
import type { Trx } from '../store/open-store.ts'
import type { Random } from './opaque-token.ts'

export const codesAtOnce = 10
/** 80 bits: nobody guesses one, and a plain digest of it is enough. */
const codeBytes = 10
const shape = /^[a-z2-7]{16}$/

const makeCode = (random: Random): string => base32(random(codeBytes)).replace(/(.{4})(?=.)/g, '$1-')

/** As it was typed: without hyphens and blanks, whatever the case. Undefined when it is no recovery code. */
const readCode = (typed: string): string | undefined => {
  const code = typed.replace(/[- ]/g, '').toLowerCase()
  return shape.test(code) ? code : undefined
}

/** The same code of two people has two digests. */
const hashOf = (operatorId: string, code: string): string => createHash('sha256').update(`recovery ${operatorId} ${code}`).digest('hex')

/** New ones instead of all before; shown this once. Four groups of four characters. */
export async function renewRecoveryCodes(trx: Trx, operatorId: string, random: Random): Promise<string[]> {
  const codes = Array.from({ length: codesAtOnce }, () => makeCode(random))
  await trx.deleteFrom('recoveryCodes').where('operatorId', '=', operatorId).execute()
  await trx
    .insertInto('recoveryCodes')
    .values(codes.map((code) => ({ operatorId, hash: hashOf(operatorId, readCode(code) ?? ''), usedAt: null })))
    .execute()
  return codes
}

/** Marks the code used; false when it is none of theirs, or was used before. Of two at once one gets true. `now` in ms since the epoch. */
export async function takeRecoveryCode(trx: Trx, operatorId: string, typed: string, now: number): Promise<boolean> {
  const code = readCode(typed)
  if (code === undefined) return false
  const taken = await trx
    .updateTable('recoveryCodes')
    .set({ usedAt: now })
    .where('operatorId', '=', operatorId)
    .where('hash', '=', hashOf(operatorId, code))
    .where('usedAt', 'is', null)
    .returning('hash')
    .executeTakeFirst()
  return taken !== undefined
}

export async function recoveryCodesLeft(from: Pick<Trx, 'selectFrom'>, operatorId: string): Promise<number> {
  const { count } = await from
    .selectFrom('recoveryCodes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('operatorId', '=', operatorId)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}
