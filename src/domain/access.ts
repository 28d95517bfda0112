// May this operator do this? The only maker of a Permit. Deny last; one clause per permission; readable aloud to an auditor.
import { mayForwardTo, ownLoopback, type Destination } from './forward-rule.ts'
import type { Grant, GrantAction, GrantTerms } from './grant.ts'
import type { AssetId, GrantId, OperatorId } from './id.ts'
import { isInNetwork } from './network.ts'
import type { Role } from './operator.ts'
import { ceasesAt, holdsAt } from './weekly-hours.ts'

/** What a role may do to the product itself; hosts are reached by grants alone. */
export type RoleAction = 'administer' | 'quick-connect' | 'terminate' | 'replay' | 'watch' | 'audit'
export type Action = GrantAction | RoleAction
/** `groups`: ids. `secondFactor`: this sign-in has proved one. */
export type Asker = { id: OperatorId; name: string; role: Role; enabled: boolean; mayWatch: boolean; groups: readonly string[]; secondFactor: boolean }
/** `account` is a login name; left out, any account of the host will do. `destination`: of `forward`, left out when only whether at all is asked. `owner`: whose session it is. `source`: the address that the operator comes from. */
export type Question = {
  operator: Asker
  action: Action
  asset?: { id: AssetId; tags: readonly string[] }
  account?: string
  destination?: Destination
  owner?: OperatorId
  door: 'web' | 'ssh' | 'api'
  source: string
}

/** What is owed: of all grants that cover, the strictest of each. Seconds. */
export type Duties = {
  record: 'must' | 'may'
  secondFactor: boolean
  reason: boolean
  maxSeconds?: number
  idleSeconds?: number
  idleOn?: 'both' | 'input'
}

declare const permitBrand: unique symbol
/** Proof that `decide` said yes; carried by whatever acts on it. `endsAt`: when it is to be asked again at the latest, since it is then refused as far as is known now; ms since the epoch. */
export type Permit = {
  readonly [permitBrand]: true
  readonly question: Question
  readonly because: string
  readonly grants: readonly GrantId[]
  readonly duties: Duties
  /** Some grant that covers says that an agent may be forwarded. */
  readonly forwardAgent: boolean
  /** Of `forward`: where to, all that the grants name. */
  readonly forwardTo?: readonly string[]
  readonly endsAt?: number
}
export type RefusalCode = 'disabled' | 'no_right' | 'no_grant' | 'second_factor_needed'
export type Refusal = { readonly refused: true; readonly code: RefusalCode; readonly because: string }

/** Who may do what to the product: contract part 3. Watching and replaying: of other people's sessions. */
export const rights: Readonly<Record<Role, readonly RoleAction[]>> = {
  admin: ['administer', 'quick-connect', 'terminate', 'audit'],
  auditor: ['replay', 'watch', 'audit'],
  member: [],
}

const freeOfDuties: Duties = { record: 'must', secondFactor: false, reason: false }
const permit = (question: Question, because: string, more: Partial<Pick<Permit, 'grants' | 'duties' | 'forwardAgent' | 'forwardTo' | 'endsAt'>> = {}): Permit =>
  ({ question, because, grants: [], duties: freeOfDuties, forwardAgent: false, ...more }) as unknown as Permit
const refuse = (code: RefusalCode, because: string): Refusal => ({ refused: true, code, because })

/** `grants`: at least all that name the operator or a group of theirs; others do no harm. `nowMs`: ms since the epoch. */
export function decide(question: Question, grants: readonly Grant[], nowMs: number): Permit | Refusal {
  const { operator, action, owner } = question
  if (!operator.enabled) return refuse('disabled', 'the operator is disabled')
  switch (action) {
    case 'administer':
    case 'quick-connect':
    case 'terminate':
    case 'audit':
      return decideByRole(question, action)
    case 'replay':
    case 'watch':
      if (owner === operator.id) return permit(question, 'the session is the operator’s own')
      if (operator.role === 'admin')
        return operator.mayWatch
          ? permit(question, 'the operator is an administrator who may watch')
          : refuse('no_right', 'watching and replaying the sessions of other people needs mayWatch')
      return decideByRole(question, action)
    case 'shell':
    case 'exec':
    case 'upload':
    case 'download':
    case 'forward':
      return decideByGrants(question, grants, nowMs)
    default:
      return action satisfies never
  }
}

/** What is permitted of several actions of which one will do, and the permit for all of these together. */
export type PermitOfSome = { readonly permit: Permit; readonly may: readonly GrantAction[] }

/**
 * Decides about each of the actions. What holds for all that are permitted is owed together: the strictest of each duty, and the end when the first of them ends. Refused when none is
 * permitted; with `second_factor_needed` when one alone is kept from by that.
 */
export function decideSome(
  question: Omit<Question, 'action'>,
  actions: readonly GrantAction[],
  grants: readonly Grant[],
  nowMs: number,
): PermitOfSome | Refusal {
  const answers = actions.map((action) => decide({ ...question, action }, grants, nowMs))
  const permits = answers.filter((answer): answer is Permit => !isRefusal(answer))
  const refusals = answers.filter((answer) => isRefusal(answer))
  const [first, ...others] = permits
  if (first === undefined) return refusals.find(({ code }) => code === 'second_factor_needed') ?? refusals[0] ?? refuse('no_grant', 'nothing was asked for')
  const may = permits.map(({ question: { action } }) => action as GrantAction)
  if (others.length === 0) return { permit: first, may }
  const endsAt = Math.min(...permits.map((each) => each.endsAt ?? Infinity))
  return {
    may,
    permit: permit(first.question, [...new Set(permits.map(({ because }) => because))].join('; '), {
      grants: [...new Set(permits.flatMap((each) => each.grants))],
      duties: strictestOf(permits.map(({ duties }) => duties)),
      forwardAgent: permits.some((each) => each.forwardAgent),
      ...(endsAt === Infinity ? {} : { endsAt }),
    }),
  }
}

function decideByRole(question: Question, action: RoleAction): Permit | Refusal {
  const { role } = question.operator
  return rights[role].includes(action)
    ? permit(question, `the role ${role} has the right ${action}`)
    : refuse('no_right', `the role ${role} has no right ${action}`)
}

function decideByGrants(question: Question, grants: readonly Grant[], nowMs: number): Permit | Refusal {
  const covering = grants.filter((grant) => missingOf(grant, question, nowMs).length === 0)
  if (covering.length === 0) return refuse('no_grant', 'no grant permits this')
  const duties = dutiesOf(covering)
  if (duties.secondFactor && !question.operator.secondFactor)
    return refuse('second_factor_needed', 'a grant asks for a second factor, and this sign-in has shown none')
  const endsAt = endOfAccess(question, grants, covering, nowMs)
  return permit(question, `granted by ${covering.map(({ name }) => name).join(', ')}`, {
    grants: covering.map(({ id }) => id),
    duties,
    forwardAgent: covering.some(({ terms }) => terms.forwardAgent),
    ...(question.action === 'forward' ? { forwardTo: [...new Set(covering.flatMap(({ terms }) => terms.forwardTo ?? [ownLoopback]))] } : {}),
    ...(endsAt === Infinity ? {} : { endsAt }),
  })
}

/** What keeps a grant from covering, in the order in which it is asked: what it is about, then when, then from where. */
export type Missing = MissingScope | MissingTime | 'source'
export type MissingScope = 'operator' | 'asset' | 'account' | 'action' | 'destination'
export type MissingTime = 'not_yet' | 'over' | 'hours'

/** Why this grant does not cover the question; empty when it does. */
export function missingOf(grant: Grant, question: Question, nowMs: number): Missing[] {
  const { sources } = grant.terms
  const isFromElsewhere = sources !== undefined && sources.length > 0 && !sources.some((network) => isInNetwork(network, question.source))
  return [...missingScope(grant, question), ...missingTime(grant.terms, nowMs), ...(isFromElsewhere ? (['source'] as const) : [])]
}

/** What a grant is about, whatever the time and the place: the person, the host, the account, the act. */
export function missingScope(
  grant: Grant,
  { operator, asset, account, action, destination }: Pick<Question, 'operator' | 'asset' | 'account' | 'action' | 'destination'>,
): MissingScope[] {
  const { terms } = grant
  const missing: MissingScope[] = []
  if (!grant.operators.includes(operator.id) && !operator.groups.some((group) => grant.groups.includes(group))) missing.push('operator')
  if (asset === undefined || (grant.assets !== 'all' && !grant.assets.includes(asset.id) && !asset.tags.some((tag) => grant.tags.includes(tag))))
    missing.push('asset')
  if (terms.accounts !== 'all' && (account === undefined ? terms.accounts.length === 0 : !terms.accounts.includes(account))) missing.push('account')
  if (!(terms.actions as readonly string[]).includes(action)) missing.push('action')
  if (destination !== undefined && !mayForwardTo(terms.forwardTo, destination)) missing.push('destination')
  return missing
}

/** What its dates and hours say. A date that cannot be read keeps it from covering. */
export function missingTime(terms: GrantTerms, nowMs: number): MissingTime[] {
  const missing: MissingTime[] = []
  if (terms.from !== undefined && !(nowMs >= Date.parse(terms.from))) missing.push('not_yet')
  if (terms.until !== undefined && !(nowMs < Date.parse(terms.until))) missing.push('over')
  if (terms.hours !== undefined && !holdsAt(terms.hours, nowMs)) missing.push('hours')
  return missing
}

/** Grants that take over from one another are followed so many times; the answer is then early, never late. */
export const maxHandovers = 50

/** When no grant covers any more, or one asks for a second factor that was not shown; Infinity when that is never. */
function endOfAccess(question: Question, grants: readonly Grant[], coveringNow: readonly Grant[], nowMs: number): number {
  const about = grants.filter((grant) => missingScope(grant, question).length === 0)
  let [at, covering] = [nowMs, coveringNow]
  for (let handovers = 0; handovers <= maxHandovers; handovers += 1) {
    const before = at
    at = Math.max(...covering.map((grant) => endOf(grant, before)))
    if (at === Infinity) return at
    const end = at
    covering = about.filter((grant) => missingOf(grant, question, end).length === 0)
    if (covering.length === 0 || (dutiesOf(covering).secondFactor && !question.operator.secondFactor)) return at
  }
  return at
}

/** When a grant that covers now ceases to; Infinity when it does not. */
export function endOf({ terms }: Grant, nowMs: number): number {
  const until = terms.until === undefined ? Infinity : Date.parse(terms.until)
  const hours = terms.hours === undefined ? undefined : ceasesAt(terms.hours, nowMs)
  return Math.min(until, hours ?? Infinity)
}

/** A grant can ask for more than another and never for less: whoever adds a duty must be able to rely on it. */
const dutiesOf = (grants: readonly Grant[]): Duties => strictestOf(grants.map(({ terms }) => terms))

function strictestOf(all: readonly { [Duty in keyof Duties]: Duties[Duty] | undefined }[]): Duties {
  const least = (of: 'maxSeconds' | 'idleSeconds') => Math.min(...all.map((each) => each[of] ?? Infinity))
  const [maxSeconds, idleSeconds] = [least('maxSeconds'), least('idleSeconds')]
  const asked = all.map((each) => each.idleOn)
  const idleOn = asked.includes('input') ? 'input' : asked.includes('both') ? 'both' : undefined
  return {
    record: all.some(({ record }) => record === 'must') ? 'must' : 'may',
    secondFactor: all.some(({ secondFactor }) => secondFactor),
    reason: all.some(({ reason }) => reason),
    ...(maxSeconds === Infinity ? {} : { maxSeconds }),
    ...(idleSeconds === Infinity ? {} : { idleSeconds }),
    ...(idleOn === undefined ? {} : { idleOn }),
  }
}

export const isRefusal = (answer: Permit | PermitOfSome | Refusal): answer is Refusal => 'refused' in answer
