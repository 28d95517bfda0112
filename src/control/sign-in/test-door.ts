// A sign-in room over a real store, with a clock that tests move.
import { Secret } from '#domain/secret.ts'
import { randomBytes } from 'node:crypto'
import type { Role } from '#domain/operator.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store } from '../store/open-store.ts'
import { makeVault } from '../vault/vault.ts'
import { Claim } from './claim.ts'
import { Passwords } from './passwords.ts'
import { Entrance, type Entered, type Given, type Step } from './entrance.ts'
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
  const pushed: PendingEnd[] = []
  const required = new Set<Role>()
  const factors = { vault: makeVault(randomBytes(32)), random: randomBytes, machine: 'bastion' }
  const pushEnds = (ends: readonly PendingEnd[]) => void pushed.push(...ends)
  const entrance = new Entrance({ store, passwords, signIns, factors, now, mustHaveSecondFactor: (role) => required.has(role), pushEnds })
  type Change = Partial<Omit<Given, 'password' | 'newPassword'>> & { password?: string; newPassword?: string }
  const enter = (change: Change = {}): Promise<Entered | Step> => {
    const { newPassword, ...given } = { username: 'ann', password, ...home, ...change }
    return entrance.enter({ ...given, password: new Secret(given.password), ...(newPassword === undefined ? {} : { newPassword: new Secret(newPassword) }) })
  }
  /** Throws when something is still missing. */
  const signIn = async (change: Change = {}): Promise<Entered> => {
    const entered = await enter(change)
    if ('next' in entered) throw new Error(`next: ${entered.next}`)
    return entered
  }
  /** The code of the refusal, what comes `next`, or `in`. */
  const tryIn = (change: Change = {}) =>
    enter(change).then(
      (entered) => ('next' in entered ? entered.next : 'in'),
      (error: { code?: string }) => error.code ?? String(error),
    )
  return { store, clock, now, passwords, signIns, claim, entrance, factors, required, pushed, pushEnds, enter, signIn, tryIn }
}
