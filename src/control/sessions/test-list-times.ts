// How long the list of sessions takes for every order and every filter, on a history that `test-history.ts` made.
import { sessionColumns } from '#wire/api/session-columns.ts'
import type { SessionsQuery } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { listSessions } from './session-list.ts'
import { historyNow } from './test-history.ts'

const states: Partial<SessionsQuery>[] = [{}, { state: 'ended' }, { state: 'live' }]
const narrowings: Record<string, Partial<SessionsQuery>> = {
  'q two words': { q: 'host-42 root', state: 'ended' },
  'q beyond ascii': { q: 'ÄRZTIN 服务器' },
  'q common': { q: 'o', state: 'ended', sort: '-bytesIn' },
  'q none': { q: 'nowhere at all' },
  'one host': { asset: 'host-1234', state: 'ended' },
  'one person': { operator: 'operator7', state: 'ended', sort: '-seconds' },
  'an end': { endReason: 'idle', state: 'ended', sort: '-endedAt' },
  'a week': { since: historyNow - 7 * 86_400_000, state: 'ended', sort: '-endedAt' },
  recorded: { recorded: true, sort: '-recordingBytes' },
  own: { ownedBy: `op_${'7'.padStart(24, '0')}`, state: 'ended', sort: '-endedAt' },
  'own, searched': { ownedBy: `op_${'7'.padStart(24, '0')}`, q: 'root' },
  'a deep page': { page: 900 },
  'a deep page of the ended': { page: 900, state: 'ended', sort: '-endedAt' },
}

/** Milliseconds of each query, the fastest `share` of `rounds`: the 95th of a hundred on a quiet machine is near the fastest on a busy one. */
export async function listTimes(store: Store, rounds: number, share: number): Promise<Record<string, number>> {
  const queries = {
    ...Object.fromEntries(
      states.flatMap((state) =>
        sessionColumns.flatMap((column) => [column, `-${column}` as const].map((sort) => [`${state.state ?? 'all'} by ${sort}`, { ...state, sort }])),
      ),
    ),
    ...narrowings,
  }
  const times: Record<string, number> = {}
  for (const [label, query] of Object.entries(queries)) {
    const took: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      await listSessions(store, { page: 1, size: 50, ...query }, undefined, historyNow)
      took.push(performance.now() - began)
    }
    times[label] = Math.round(took.toSorted((left, right) => left - right)[Math.min(rounds - 1, Math.floor(rounds * share))] ?? 0)
  }
  return times
}
export const slowest = (times: Record<string, number>): [string, number][] =>
  Object.entries(times)
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, 8)
