// Every host is looked at once in a while, so that a list says which answer: four looks at a time, spread evenly over the interval, those behind the same way together.
import { isFailure } from '#domain/failure.ts'
import { maxLooks } from '#wire/link.ts'
import type { CheckParts } from './check-host.ts'
import { type Found, lookAt, noteReach, reachColumns, type ReachTarget } from './reach.ts'
import { viaOf } from './via.ts'

/** How often `turn` is to be called. */
export const turnEveryMs = 1000
const looksAtOnce = 4
/** Found in one turn and written in one transaction. */
const maxWritten = 500
/** New hosts that a turn takes in. */
const maxNew = 50

export type RoundsParts = CheckParts & {
  /** 0: never. Asked at every turn. */
  reachEverySeconds(): number
  log(level: 'warn', event: string, facts: Record<string, unknown>): void
}
/** `planned`: how many groups there were at first; `extra`: how many came since, which do not wait. */
type Round = { startedAt: number; groups: ReachTarget[][]; begun: number; planned: number; extra: number; known: Set<string> }

export class ReachRounds {
  readonly #parts: RoundsParts
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #found = new Map<string, { found: Found; at: number }>()
  #round: Round | undefined
  /** No gateway: tried again at the next turn. */
  #isHeld = false

  constructor(parts: RoundsParts) {
    this.#parts = parts
  }

  /** Writes what was found since the last turn, plans a round when one is due, and begins what its time has come for. Never waits for a host. */
  async turn(): Promise<void> {
    await this.#write()
    this.#isHeld = false
    const everyMs = this.#parts.reachEverySeconds() * 1000
    if (everyMs === 0 || this.#stop.signal.aborted) {
      this.#round = undefined
      return
    }
    if (this.#isOver(everyMs)) this.#round = await this.#plan(everyMs)
    else if (this.#round) await this.#addNew(this.#round)
    this.#begin()
  }

  /** Breaks off what runs, and writes what was found. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
    await this.#write()
  }

  #isOver(everyMs: number): boolean {
    const round = this.#round
    return round === undefined || (round.begun >= round.groups.length && this.#running.size === 0 && this.#parts.now() - round.startedAt >= everyMs)
  }

  /** Who was looked at meanwhile, by a person or a session, is left to the next round. */
  async #plan(everyMs: number): Promise<Round> {
    const startedAt = this.#parts.now()
    const rows = await this.#parts.store.db
      .selectFrom('assets')
      .select(reachColumns)
      .where((eb) => eb.or([eb('reachAt', 'is', null), eb('reachAt', '<', startedAt - everyMs / 2)]))
      .orderBy('reachAt', (order) => order.asc().nullsFirst())
      .orderBy('id')
      .execute()
    const behind = new Map<string, ReachTarget[][]>()
    const groups: ReachTarget[][] = []
    for (const row of rows) {
      const via = viaOf(row)
      const same = via === null ? undefined : behind.get(`${via.asset} ${via.account}`)
      const last = same?.at(-1)
      if (last && last.length < maxLooks) {
        last.push(row)
        continue
      }
      const group = [row]
      groups.push(group)
      if (via !== null) behind.set(`${via.asset} ${via.account}`, [...(same ?? []), group])
    }
    return { startedAt, groups, begun: 0, planned: groups.length, extra: 0, known: new Set(rows.map(({ id }) => id)) }
  }

  /** Hosts that were added since: whoever added them looks at the list. */
  async #addNew(round: Round): Promise<void> {
    const rows = await this.#parts.store.db
      .selectFrom('assets')
      .select(reachColumns)
      .where('reachAt', 'is', null)
      .orderBy('createdAt', 'desc')
      .limit(maxNew)
      .execute()
    const added = rows.filter(({ id }) => !round.known.has(id))
    for (const { id } of added) round.known.add(id)
    round.groups.splice(round.begun, 0, ...added.map((row) => [row]))
    round.extra += added.length
  }

  /** As many as should have begun by now, and no more than four at once. */
  #begin(): void {
    const round = this.#round
    const everyMs = this.#parts.reachEverySeconds() * 1000
    if (!round || everyMs === 0) return
    const due = Math.floor(((this.#parts.now() - round.startedAt) * round.planned) / everyMs) + 1 + round.extra
    while (!this.#isHeld && !this.#stop.signal.aborted && this.#running.size < looksAtOnce && round.begun < Math.min(due, round.groups.length)) {
      const group = round.groups[round.begun] ?? []
      round.begun += 1
      const look: Promise<void> = this.#look(round, group).finally(() => {
        this.#running.delete(look)
        this.#begin()
      })
      this.#running.add(look)
    }
  }

  async #look(round: Round, group: ReachTarget[]): Promise<void> {
    const [first] = group
    if (!first) return
    let found: Found[]
    try {
      found = await lookAt(this.#parts, group, viaOf(first), { signal: this.#stop.signal })
    } catch (cause) {
      if (this.#stop.signal.aborted) return
      const code = isFailure(cause) ? cause.code : 'internal'
      // Nothing was learned of the hosts: they are next again. What stood at that place has begun.
      if (code === 'gateway_unavailable' || code === 'rate_limited') {
        this.#isHeld = true
        round.begun -= 1
        round.groups[round.begun] = group
        return
      }
      // Only a person could have gone this way.
      if (code === 'credential_missing') return
      if (code !== 'via_invalid' && code !== 'address_not_allowed') return this.#parts.log('warn', 'reach.failed', { hosts: group.length, failure: code })
      found = group.map(() => ({ ok: false, failure: code }))
    }
    const at = this.#parts.now()
    for (const [index, one] of found.entries()) this.#found.set(group[index]?.id ?? '', { found: one, at })
  }

  async #write(): Promise<void> {
    const batch = [...this.#found].slice(0, maxWritten)
    if (batch.length === 0) return
    await this.#parts.store.transaction(async (trx) => {
      for (const [asset, { found, at }] of batch) await noteReach(trx, asset, found, at)
    })
    for (const [asset, written] of batch) if (this.#found.get(asset) === written) this.#found.delete(asset)
  }
}
