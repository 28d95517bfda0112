// Sessions by the thousand, opened and ended in every way that people and hosts end them.
import { expect } from 'vitest'
import type { ApiClient } from './api-client.ts'
import type { SeenInside } from './inside.ts'
import type { Product } from './product.ts'
import { openTerminal, type SavedHost, saveHost, type SessionRow } from './saved-host.ts'
import { startSshd, type TestSshd } from './sshd.ts'
import { TerminalClient } from './terminal-client.ts'
import { waitUntil } from './wait.ts'

/** How a session goes, and what it is ended as; `none`: control admits none. */
export const fates = {
  exits: 'exited',
  'is left by its owner': 'owner_gone',
  'is terminated': 'terminated',
  'fails to sign in': 'auth_failed',
  'finds no host': 'host_unreachable',
  'shows a wrong ticket': 'none',
} as const
export type Fate = keyof typeof fates
const names = Object.keys(fates) as Fate[]
/** Of twenty: most end as they should. */
const mixture: readonly Fate[] = [
  ...Array.from({ length: 12 }, () => 'exits' as const),
  ...(['is left by its owner', 'is left by its owner', 'is terminated', 'is terminated'] as const),
  ...(['fails to sign in', 'fails to sign in', 'finds no host', 'shows a wrong ticket'] as const),
]

export type ManyHosts = { sshds: TestSshd[]; works: SavedHost[]; refusesKey: SavedHost[]; nowhere: SavedHost }

/** `count` servers whose shell waits for one line and ends; one address where nothing listens. */
export async function startManyHosts(api: ApiClient, count: number): Promise<ManyHosts> {
  // The cheapest shell there is: it is not the host that is looked at.
  const sshds = await Promise.all(Array.from({ length: count }, () => startSshd({ config: ['ForceCommand read line'] })))
  const save = (sshd: TestSshd, name: string, key: 'userKeys' | 'strangerKey') =>
    saveHost(api, sshd, { kind: 'key', privateKey: (key === 'userKeys' ? sshd.userKeys.ed25519 : sshd.strangerKey).privateKey }, { name })
  const works: SavedHost[] = []
  const refusesKey: SavedHost[] = []
  for (const [at, sshd] of sshds.entries()) {
    works.push(await save(sshd, `works-${at}`, 'userKeys'))
    refusesKey.push(await save(sshd, `refuses-${at}`, 'strangerKey'))
  }
  const gone = await startSshd()
  const nowhere = await save(gone, 'nowhere', 'userKeys')
  await gone.stop()
  return { sshds, works, refusesKey, nowhere }
}

/** Opens and ends `count` sessions, `atOnce` at a time. Answers how many went which way; throws when one ends otherwise than it should. */
export async function openAndEnd(product: Product, api: ApiClient, hosts: ManyHosts, count: number, atOnce = 12): Promise<Record<Fate, number>> {
  const done = Object.fromEntries(names.map((name) => [name, 0])) as Record<Fate, number>
  let next = 0
  const worker = async () => {
    while (next < count) {
      const number = next++
      const fate = mixture[number % mixture.length] ?? 'exits'
      await runOne(product, api, hosts, number, fate)
      done[fate] += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return done
}

async function runOne(product: Product, api: ApiClient, hosts: ManyHosts, number: number, fate: Fate): Promise<void> {
  const at = number % hosts.works.length
  if (fate === 'shows a wrong ticket') {
    const terminal = await TerminalClient.connect({ url: product.url, ticket: 'x'.repeat(43) })
    expect((await terminal.waitForEnded(30_000)).failure).toBe('ticket_invalid')
    await terminal.waitForClose(30_000)
    return
  }
  const host = fate === 'fails to sign in' ? hosts.refusesKey[at] : fate === 'finds no host' ? hosts.nowhere : hosts.works[at]
  if (!host) throw new Error('no hosts')
  const terminal = await openTerminal(product, api, host)
  if (fate === 'fails to sign in' || fate === 'finds no host') {
    expect((await terminal.waitForEnded(30_000)).reason).toBe(fates[fate])
    await terminal.waitForClose(30_000)
    return
  }
  const { session } = await terminal.waitForWelcome(30_000)
  if (fate === 'is left by its owner') return terminal.close()
  if (fate === 'is terminated') await api.call('POST', `/sessions/${session}/terminate`, { reason: 'enough' })
  else terminal.send('\n')
  expect((await terminal.waitForEnded(30_000)).reason).toBe(fates[fate])
  await terminal.waitForClose(30_000)
}

/** What `endsInControl` answers after `count` sessions that all ended as they were meant to. */
export function expectedEnds(count: number): Record<string, number> {
  const ends: Record<string, number> = {}
  for (let number = 0; number < count; number += 1) {
    const end = fates[mixture[number % mixture.length] ?? 'exits']
    if (end !== 'none') ends[end] = (ends[end] ?? 0) + 1
  }
  return ends
}

/** Waits until control has heard every end and every recording is sealed; answers how many rows ended for which reason. `tickets`: how often `openAndEnd` was to open something. */
export async function endsInControl(api: ApiClient, tickets: number): Promise<Record<string, number>> {
  const sessions = Object.values(expectedEnds(tickets)).reduce((sum, count) => sum + count, 0)
  return waitUntil(
    'every session to be ended and its recording sealed',
    async () => {
      const ends: Record<string, number> = {}
      for (let page = 1; (page - 1) * 200 < sessions; page += 1) {
        const { items, of } = await api.call<{ items: SessionRow[]; of: number }>('GET', `/sessions?size=200&page=${page}`)
        if (of > sessions) throw new Error(`${of} sessions where ${sessions} were opened`)
        for (const { state, endReason = 'none', recording } of items) {
          if (state !== 'ended' || recording?.state === 'writing') return undefined
          ends[endReason] = (ends[endReason] ?? 0) + 1
        }
      }
      return ends
    },
    { withinMs: 60_000, everyMs: 500 },
  )
}

export type Growth = { name: string; per1000: { objects: number; heapBytes: number; rssBytes: number } }

/** What each process holds more of than before, for each 1,000 sessions of the product. */
export function growthOf(before: readonly SeenInside[], after: readonly SeenInside[], sessions: number): Growth[] {
  return after.map((now) => {
    const then = before.find((inside) => inside.pid === now.pid)
    if (!then) throw new Error(`${now.inside} was started again`)
    const per1000 = (key: 'objects' | 'heapBytes' | 'rssBytes') => Math.round(((now[key] - then[key]) / sessions) * 1000)
    return { name: now.inside, per1000: { objects: per1000('objects'), heapBytes: per1000('heapBytes'), rssBytes: per1000('rssBytes') } }
  })
}
