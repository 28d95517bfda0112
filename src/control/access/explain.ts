// Why somebody may use a host or not: the same question that `decide` is asked, for one person and one host, or for all on one side.
import { decide, isRefusal, missingOf, type Asker, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { Grant, GrantAction } from '#domain/grant.ts'
import { OperatorId } from '#domain/id.ts'
import { Role } from '#domain/operator.ts'
import type { ExplainItem } from '#wire/api/access.ts'
import { foldName } from '../assets/asset-names.ts'
import { countingKey } from '../assets/counting-order.ts'
import type { Row } from '../store/row-types.ts'
import { allGrants, askedAsset, grantsOf } from './grant-rows.ts'
import { type AskedFile, missingOfFile } from './missing-file.ts'
import type { Named, Person, Reading } from './named.ts'

/** More are not told. */
export const maxItems = 1000
const hostsAtOnce = 500

/** `source` left out: conditions on it count as met. */
export type Asked = {
  operator?: string | undefined
  asset?: string | undefined
  account?: string | undefined
  action: GrantAction
  /** Of `forward`. */
  destination?: Question['destination']
  /** Of `upload` and `download`. */
  file?: AskedFile
  source?: string | undefined
  atMs: number
}
type Host = { view: Named; asked: NonNullable<Question['asset']> }
/** `asker.secondFactor`: whether they have one to show. */
type Who = { view: Person; asker: Asker }

/** Throws `bad_request` when neither side is named, `operator_not_found`, `asset_not_found`, `account_not_found`, each with its field. */
export async function explain(db: Reading, asked: Asked): Promise<{ items: ExplainItem[]; cut: boolean }> {
  if (asked.operator === undefined && asked.asset === undefined) throw new Failure('bad_request', 'Name a person, a host, or both.', { field: 'operator' })
  const who = asked.operator === undefined ? undefined : await findWho(db, asked.operator)
  const host = asked.asset === undefined ? undefined : await findHost(db, asked.asset)
  const found = who && host ? await ofBoth(db, asked, who, host) : who ? await ofPerson(db, asked, who) : host ? await ofHost(db, asked, host) : []
  return { items: found.slice(0, maxItems), cut: found.length > maxItems }
}

async function ofBoth(db: Reading, asked: Asked, who: Who, host: Host): Promise<ExplainItem[]> {
  const grants = inOrder(await grantsOf(db, who.asker), asked)
  const usernames = (await accountsOf(db, [host.view.id], asked.account)).get(host.view.id) ?? []
  if (usernames.length === 0 && asked.account !== undefined) throw new Failure('account_not_found', 'The host has no such account.', { field: 'account' })
  return orNone(usernames).map((account) => judge(asked, who, host, account, grants))
}

/** All that the person may reach. */
async function ofPerson(db: Reading, asked: Asked, who: Who): Promise<ExplainItem[]> {
  if (!who.asker.enabled) return []
  const grants = inOrder(await grantsOf(db, who.asker), asked)
  if (grants.length === 0) return []
  const rows = await db.selectFrom('assets').select(['id', 'name', 'tags']).execute()
  const hosts = rows
    .map((row) => ({ host: { view: { id: row.id, name: row.name }, asked: askedAsset(row) }, key: countingKey(row.name) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ host }) => ({ host, naming: namesHost(grants, host) }))
    .filter(({ naming }) => naming.length > 0)
  const items: ExplainItem[] = []
  for (let from = 0; from < hosts.length && items.length <= maxItems; from += hostsAtOnce) {
    const part = hosts.slice(from, from + hostsAtOnce)
    const accounts = await accountsOf(
      db,
      part.map(({ host }) => host.view.id),
      asked.account,
    )
    for (const { host, naming } of part) {
      const usernames = accounts.get(host.view.id) ?? []
      if (usernames.length === 0 && asked.account !== undefined) continue
      items.push(...orNone(usernames).flatMap((account) => reaching(judge(asked, who, host, account, naming))))
      if (items.length > maxItems) break
    }
  }
  return items
}

/** All who may reach the host. */
async function ofHost(db: Reading, asked: Asked, host: Host): Promise<ExplainItem[]> {
  const grants = namesHost(inOrder(await allGrants(db), asked), host)
  const usernames = (await accountsOf(db, [host.view.id], asked.account)).get(host.view.id) ?? []
  if (grants.length === 0 || (usernames.length === 0 && asked.account !== undefined)) return []
  const [byPerson, byGroup] = [gather(grants, 'operators'), gather(grants, 'groups')]
  const items: ExplainItem[] = []
  for (const who of await everybody(db)) {
    const naming = [...new Set([who.asker.id, ...who.asker.groups].flatMap((id, index) => (index === 0 ? byPerson : byGroup).get(id) ?? []))]
    if (naming.length === 0) continue
    items.push(...orNone(usernames).flatMap((account) => reaching(judge(asked, who, host, account, naming))))
    if (items.length > maxItems) break
  }
  return items
}

/** A host without accounts is asked about without one. */
const orNone = (usernames: readonly string[]): readonly string[] => (usernames.length === 0 ? [''] : usernames)
/** Whoever only has to sign in with their second factor may reach it. */
const reaching = (item: ExplainItem): ExplainItem[] => (item.permitted || item.refusal === 'second_factor_needed' ? [item] : [])

function judge(asked: Asked, who: Who, host: Host, account: string, grants: readonly Grant[]): ExplainItem {
  const question: Question = {
    operator: who.asker,
    action: asked.action,
    asset: host.asked,
    ...(account === '' ? {} : { account }),
    ...(asked.destination ? { destination: asked.destination } : {}),
    door: 'web',
    source: asked.source ?? '',
  }
  const answer = decide(question, grants, asked.atMs)
  const judged = grants.map((grant) => ({
    grant: { id: grant.id, name: grant.name },
    missing: [...missingOf(grant, question, asked.atMs), ...missingOfFile(grant, asked.file)],
  }))
  const covering = judged.filter(({ missing }) => missing.length === 0).map(({ grant }) => grant)
  const near = judged.filter(({ missing }) => missing.length > 0 && !missing.includes('operator') && !missing.includes('asset'))
  const item = { operator: who.view, asset: host.view, account, action: asked.action, near }
  if (isRefusal(answer))
    return {
      ...item,
      permitted: false,
      refusal: answer.code === 'disabled' || answer.code === 'second_factor_needed' ? answer.code : 'no_grant',
      // Those that would decide once a second factor is shown.
      grants: answer.code === 'second_factor_needed' ? covering : [],
    }
  // The session opens, and its duties are those of all that cover it; this file is in none of their rules.
  if (covering.length === 0) return { ...item, permitted: false, refusal: 'no_grant', grants: [] }
  return {
    ...item,
    permitted: true,
    grants: covering,
    duties: answer.duties,
    ...(answer.endsAt === undefined ? {} : { endsAt: new Date(answer.endsAt).toISOString() }),
  }
}

/** By name, as they are told. */
function inOrder(grants: readonly Grant[], { source }: Asked): Grant[] {
  const sorted = grants.toSorted((left, right) => (countingKey(left.name) < countingKey(right.name) ? -1 : 1))
  return source === undefined ? sorted.map(({ terms: { sources: _sources, ...terms }, ...grant }) => ({ ...grant, terms })) : sorted
}

function namesHost(grants: readonly Grant[], { asked }: Host): Grant[] {
  return grants.filter(({ assets, tags }) => assets === 'all' || assets.includes(asked.id) || asked.tags.some((tag) => tags.includes(tag)))
}

function gather(grants: readonly Grant[], side: 'operators' | 'groups'): Map<string, Grant[]> {
  const gathered = new Map<string, Grant[]>()
  for (const grant of grants)
    for (const id of grant[side]) {
      const known = gathered.get(id)
      if (known) known.push(grant)
      else gathered.set(id, [grant])
    }
  return gathered
}

async function accountsOf(db: Reading, assets: readonly string[], username: string | undefined): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('accounts')
    .select(['assetId', 'username'])
    .where('assetId', 'in', assets)
    .where((eb) => eb.and(username === undefined ? [] : [eb('username', '=', username)]))
    .orderBy('username')
    .execute()
  const byAsset = new Map<string, string[]>()
  for (const row of rows) byAsset.set(row.assetId, [...(byAsset.get(row.assetId) ?? []), row.username])
  return byAsset
}

/** By id, or by a name as people type it. */
async function findHost(db: Reading, idOrName: string): Promise<Host> {
  const rows = await db.selectFrom('assets').select(['id', 'name', 'tags']).execute()
  const row = rows.find(({ id }) => id === idOrName) ?? rows.find(({ name }) => foldName(name) === foldName(idOrName))
  if (!row) throw new Failure('asset_not_found', 'There is no such host.', { field: 'asset' })
  return { view: { id: row.id, name: row.name }, asked: askedAsset(row) }
}

async function findWho(db: Reading, idOrName: string): Promise<Who> {
  const row = await db
    .selectFrom('operators')
    .selectAll()
    .where((eb) => eb.or([eb('id', '=', idOrName), eb('username', '=', idOrName.normalize('NFC'))]))
    .executeTakeFirst()
  const [who] = row ? await askersOf(db, [row]) : []
  if (!who) throw new Failure('operator_not_found', 'There is no such person.', { field: 'operator' })
  return who
}

/** All who may sign in, by user name. */
const everybody = async (db: Reading): Promise<Who[]> =>
  askersOf(db, await db.selectFrom('operators').selectAll().where('enabled', '=', 1).orderBy('username').execute())

async function askersOf(db: Reading, rows: readonly Row<'operators'>[]): Promise<Who[]> {
  const one = rows.length === 1 ? rows[0]?.id : undefined
  const members = await db
    .selectFrom('groupMembers')
    .selectAll()
    .where((eb) => eb.and(one === undefined ? [] : [eb('operatorId', '=', one)]))
    .execute()
  const groups = Map.groupBy(members, ({ operatorId }) => operatorId)
  const factors = new Set(
    (await db.selectFrom('secondFactors').select('operatorId').where('confirmedAt', 'is not', null).execute()).map((row) => row.operatorId),
  )
  return rows.map((row) => ({
    view: { id: row.id, username: row.username, name: row.name },
    asker: {
      id: OperatorId.parse(row.id),
      name: row.username,
      role: Role.parse(row.role),
      enabled: row.enabled === 1,
      mayWatch: row.mayWatch === 1,
      groups: (groups.get(row.id) ?? []).map(({ groupId }) => groupId),
      secondFactor: factors.has(row.id),
    },
  }))
}
