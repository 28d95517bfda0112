// What narrows a list of the ledger, as conditions that both databases read alike.
import type { AuditCode, AuditEvent } from '#domain/audit-event.ts'
import type { auditColumns } from '#wire/api/audit.ts'
import type { Store } from '../store/open-store.ts'
import type { Where } from '../store/row-types.ts'
import { scanned } from '../store/scanned.ts'

export type AuditColumn = (typeof auditColumns)[number]
export type AuditNarrowing = {
  q?: string | undefined
  code?: AuditCode | undefined
  outcome?: AuditEvent['outcome'] | undefined
  /** Id, sign-in name or name. */
  operator?: string | undefined
  /** Id, or name of what there still is. */
  object?: string | undefined
  /** ms since the epoch: at or after, and before. */
  since?: number | undefined
  until?: number | undefined
}

/** What was asked, with the ids that its names stand for. `upTo`: rows behind it do not belong to the list. */
export type Resolved = Omit<AuditNarrowing, 'operator' | 'object' | 'q'> & {
  words: readonly { word: string; operators: readonly string[] }[]
  operators: readonly string[] | undefined
  objects: readonly string[] | undefined
  upTo?: number | undefined
}

/** Each word must be found somewhere. More than 8 narrow nothing. */
const searchWords = (q = ''): string[] => q.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)

/** Names are few and change; the ledger keeps ids. */
export async function resolve(db: Store['db'], { q, operator, object, ...rest }: AuditNarrowing): Promise<Resolved> {
  const words = searchWords(q)
  const people = words.length === 0 && operator === undefined ? [] : await db.selectFrom('operators').select(['id', 'username', 'name']).execute()
  const named = people.map(({ id, username, name }) => ({ id, text: `${username}\n${name}`.toLowerCase() }))
  return {
    ...rest,
    words: words.map((word) => ({ word, operators: named.filter(({ text }) => text.includes(word)).map(({ id }) => id) })),
    operators:
      operator === undefined ? undefined : [operator, ...people.filter(({ username, name }) => username === operator || name === operator).map(({ id }) => id)],
    objects: object === undefined ? undefined : [object, ...(await idsOf(db, object))],
  }
}

async function idsOf(db: Store['db'], name: string): Promise<string[]> {
  const tables = ['assets', 'credentials', 'groups', 'grants'] as const
  const found = await Promise.all(tables.map((table) => db.selectFrom(table).select('id').where('name', '=', name).limit(50).execute()))
  const people = await db.selectFrom('operators').select('id').where('username', '=', name).limit(50).execute()
  return [...found.flat(), ...people].map(({ id }) => id)
}

export const isNarrowed = (query: Resolved): boolean =>
  [query.code, query.outcome, query.operators, query.objects, query.since, query.until, query.words[0]].some((each) => each !== undefined)

/** Ids are looked up in their index. What most rows may have is read through: from an index to each of them takes ten times as long. */
export function conditions(eb: Where<'audit'>, engine: Store['engine'], query: Resolved) {
  const { words, operators, objects, code, outcome, since, until, upTo } = query
  return [
    ...(code === undefined ? [] : [eb(scanned<string>(engine, 'audit.code'), '=', code)]),
    ...(outcome === undefined ? [] : [eb(scanned<string>(engine, 'audit.outcome'), '=', outcome)]),
    ...(operators === undefined ? [] : [eb(scanned<string | null>(engine, 'audit.operator'), 'in', [...operators])]),
    ...(objects === undefined ? [] : [eb('audit.object', 'in', [...objects])]),
    ...(since === undefined ? [] : [eb(scanned<number>(engine, 'audit.at'), '>=', since)]),
    ...(until === undefined ? [] : [eb(scanned<number>(engine, 'audit.at'), '<', until)]),
    ...(upTo === undefined ? [] : [eb('audit.seq', '<=', upTo)]),
    ...words.map((word) => contains(eb, engine, word)),
  ]
}

/** A search for the place of one text in another has no metacharacters, as LIKE has. Large and small letters beyond ASCII are told apart. */
function contains(eb: Where<'audit'>, engine: Store['engine'], { word, operators }: Resolved['words'][number]) {
  const find = engine === 'sqlite' ? 'instr' : 'strpos'
  const has = (column: 'code' | 'object' | 'source') => eb(eb.fn<number>(find, [`audit.${column}`, eb.val(word)]), '>', 0)
  return eb.or([
    // What is quickly looked at stands first.
    ...(operators.length === 0 ? [] : [eb(scanned<string | null>(engine, 'audit.operator'), 'in', [...operators])]),
    has('code'),
    has('object'),
    has('source'),
    eb(eb.fn<number>(find, [eb.fn<string>('lower', ['audit.detail']), eb.val(word)]), '>', 0),
    // Copied whole from an answer or a log.
    ...(word.length === requestIdLength ? [eb(eb.fn<string>('lower', ['audit.requestId']), '=', word)] : []),
  ])
}

/** 9 bytes in base64url, as the API names its requests. */
const requestIdLength = 12
