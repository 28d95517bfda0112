// A sign-in room over a real store, with a clock that tests move.
import { Secret } from '#domain/secret.ts'
import type { Store } from '../store/open-store.ts'
import { Claim } from './claim.ts'
import { Passwords } from './passwords.ts'
import { SignIns } from './sign-ins.ts'

export const password = 'correct horse battery'
export const home = { source: '192.0.2.1', agent: 'Firefox' }

const passwords = new Passwords()

export type TestDoor = Awaited<ReturnType<typeof openDoor>>

/** Claimed by `ann` unless said otherwise. `clock.now` is ms since the epoch. */
export async function openDoor(store: Store, dataFolder: string, isClaimed = true) {
  const clock = { now: 1_795_251_758_121 }
  const now = () => clock.now
  const signIns = new SignIns(store, passwords, now)
  const claim = new Claim({ store, passwords, signIns, dataFolder, now })
  await claim.prepare(isClaimed ? { username: 'ann', password } : undefined)
  const signIn = (change: Partial<{ username: string; password: string; source: string; agent: string }> = {}) => {
    const given = { username: 'ann', password, ...home, ...change }
    return signIns.signIn({ ...given, password: new Secret(given.password) })
  }
  /** The code of the refusal, or `in`. */
  const tryIn = (change: Parameters<typeof signIn>[0] = {}) =>
    signIn(change).then(
      () => 'in',
      (error: { code?: string }) => error.code ?? String(error),
    )
  return { store, clock, passwords, signIns, claim, signIn, tryIn }
}
