// A ledger of many rows as a few hundred people leave one, and how long its lists take.
import { auditCodes, type AuditEvent } from '#domain/audit-event.ts'
import { auditColumns } from '#wire/api/audit.ts'
import type { Store } from '../store/open-store.ts'
import { recordMany } from './ledger.ts'
import { type AuditQuery, listAudit } from './list.ts'

export const rowsNow = 1_795_100_000_000
const people = 200
const rowsAtOnce = 5000
const idOf = (prefix: string, number: number) => `${prefix}_${String(number).padStart(24, '0')}`

/** One row a minute, the last at `rowsNow`; most are of sessions. */
export async function fillLedger(store: Store, count: number): Promise<void> {
  await store.transaction(async (trx) => {
    for (let number = 0; number < people; number += 1)
      await trx
        .insertInto('operators')
        .values({
          id: idOf('op', number),
          username: `person${number}`,
          name: `Person ${number}`,
          role: 'member',
          mayWatch: 0,
          enabled: 1,
          passwordHash: '',
          createdAt: 1,
        })
        .execute()
  })
  for (let from = 0; from < count; from += rowsAtOnce)
    await store.transaction(async (trx) => {
      for (let number = from; number < Math.min(count, from + rowsAtOnce); number += 1000) {
        const events = Array.from({ length: Math.min(1000, count - number) }, (_each, index) => eventOf(number + index))
        await recordMany(trx, events, rowsNow - (count - number) * 60_000)
      }
    })
}

function eventOf(number: number): AuditEvent {
  const code =
    number % 3 === 0
      ? (auditCodes[number % auditCodes.length] ?? 'session.ended')
      : (['session.began', 'session.ended', 'credential.signed'] as const)[number % 3]
  return {
    code: code ?? 'session.ended',
    outcome: number % 50 === 0 ? 'refused' : number % 77 === 0 ? 'failed' : 'done',
    ...(number % 40 === 0 ? {} : { operator: idOf('op', (number * 7) % people) }),
    object: idOf('se', Math.floor(number / 4)),
    source: `192.0.${number % 5}.${number % 250}`,
    requestId: `R${String(number)}`,
    detail: {
      asset: `host-${number % 3000}`,
      account: 'root',
      reason: number % 1000 === 0 ? 'rare word ünïque' : 'the shell ended',
      bytesIn: number,
      bytesOut: number * 3,
      gateway: idOf('gw', 1),
    },
    after: { number },
  }
}

const queries: Record<string, Partial<AuditQuery>> = {
  ...Object.fromEntries(auditColumns.flatMap((column) => [column, `-${column}` as const].map((sort) => [`by ${sort}`, { sort }]))),
  ...Object.fromEntries(auditColumns.map((column) => [`refused by ${column}`, { outcome: 'refused', sort: column }])),
  'a deep page': { page: 1500 },
  'the last page': { page: 2000 },
  'a deep page by person': { page: 1500, sort: 'operator' },
  'q rare': { q: 'ünïque' },
  'q common': { q: 'shell' },
  'q none': { q: 'nowhere at all' },
  'q person': { q: 'person17' },
  'q two words': { q: 'host-42 root' },
  'one person': { operator: 'person42' },
  'one object': { object: idOf('se', 77) },
  'one code': { code: 'session.ended', sort: 'operator' },
  'a week': { since: rowsNow - 7 * 86_400_000, sort: '-source' },
  'a week, searched': { since: rowsNow - 7 * 86_400_000, q: 'host-7' },
}

/** Milliseconds of each query: of `rounds` the one below which `share` of them are. */
export async function auditTimes(store: Store, rounds: number, share: number): Promise<[string, number][]> {
  const times: [string, number][] = []
  for (const [label, query] of Object.entries(queries)) {
    const took: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      await listAudit(store, { page: 1, size: 50, ...query })
      took.push(performance.now() - began)
    }
    times.push([label, Math.round(took.toSorted((left, right) => left - right)[Math.min(rounds - 1, Math.floor(rounds * share))] ?? 0)])
  }
  return times.toSorted(([, left], [, right]) => right - left)
}
