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

/** Waits until control has heard every end and every recording is sealed; answers how many rows ended for which reason. */
export async function endsInControl(api: ApiClient, sessions: number): Promise<Record<string, number>> {
  const total = async (query: string) => (await api.call<{ total: number; items: SessionRow[] }>('GET', `/sessions?${query}&size=1`)).total
  await waitUntil('every session to be ended', async () => (await total('state=ended')) === sessions, { withinMs: 60_000, everyMs: 200 })
  expect(await total('state=live')).toBe(0)
  const reasons: Record<string, number> = {}
  for (let page = 1; (page - 1) * 200 < sessions; page += 1) {
    const { items } = await api.call<{ items: SessionRow[] }>('GET', `/sessions?state=ended&size=200&page=${page}`)
    for (const row of items) {
      reasons[row.endReason ?? 'none'] = (reasons[row.endReason ?? 'none'] ?? 0) + 1
      if (row.recording?.state === 'writing') reasons['recording still written'] = (reasons['recording still written'] ?? 0) + 1
    }
  }
  return reasons
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

/** Sockets, timers, files, sessions, recordings: each is as it was when nobody had come yet. */
export function expectSameHandles(before: readonly SeenInside[], after: readonly SeenInside[]): void {
  const handles = ({ inside, emitters, promises, kinds, own, openFiles }: SeenInside) => {
    // A chore that is just running has no place in a comparison.
    const { Immediate: _immediate, FSReqCallback: _read, ...lasting } = kinds
    return { inside, emitters, promises, kinds: lasting, own, openFiles }
  }
  expect(after.map(handles)).toEqual(before.map(handles))
}
