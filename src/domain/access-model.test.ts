// `decide` against a second program that was written from the words of the contract alone, plainly and slowly: no code is shared.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decide, isRefusal, type Asker, type Question } from './access.ts'
import { grantActions, GrantTerms, type Grant } from './grant.ts'
import type { AssetId, GrantId, OperatorId } from './id.ts'
import { Role } from './operator.ts'

const minute = 60_000

/** An address as 128 digits of 0 and 1; a zone is left off, and IPv4 is what it is called in IPv6. */
function bitsOf(address: string): string {
  const text = (address.split('%')[0] ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  const binary = (number: number, width: number) => number.toString(2).padStart(width, '0')
  if (four)
    return (
      '0'.repeat(80) +
      '1'.repeat(16) +
      four
        .slice(1)
        .map((part) => binary(Number(part), 8))
        .join('')
    )
  const [head = '', tail] = text.split('::')
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  return [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail)].map((group) => binary(Number.parseInt(group, 16), 16)).join('')
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
function isWithinHours({ timeZone, spans }: NonNullable<GrantTerms['hours']>, at: number): boolean {
  const wall = new Date(at).toLocaleString('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const today = weekdays.indexOf(wall.slice(0, 3)) + 1
  const time = wall.slice(-5)
  for (const { days, from, until } of spans)
    for (const day of days) {
      const next = day === 7 ? 1 : day + 1
      if (from < until && day === today && time >= from && time < until) return true
      if (from >= until && ((day === today && time >= from) || (next === today && time < until))) return true
    }
  return false
}

function covers(grant: Grant, asked: Question, at: number): boolean {
  const { operator, asset, account, action, source } = asked
  const { terms } = grant
  if (asset === undefined) return false
  let isTheirs = false
  for (const id of grant.operators) if (id === operator.id) isTheirs = true
  for (const id of grant.groups) for (const group of operator.groups) if (id === group) isTheirs = true
  if (!isTheirs) return false
  let isMeant = grant.assets === 'all'
  if (grant.assets !== 'all') for (const id of grant.assets) if (id === asset.id) isMeant = true
  for (const tag of grant.tags) for (const own of asset.tags) if (tag === own) isMeant = true
  if (!isMeant) return false
  if (terms.accounts !== 'all' && (account === undefined ? terms.accounts.length === 0 : terms.accounts.every((name) => name !== account))) return false
  if (terms.actions.every((each) => each !== action)) return false
  if (terms.from !== undefined && at < new Date(terms.from).getTime()) return false
  if (terms.until !== undefined && at >= new Date(terms.until).getTime()) return false
  if (terms.hours !== undefined && !isWithinHours(terms.hours, at)) return false
  if (terms.sources !== undefined && terms.sources.length > 0) {
    const isFromThere = terms.sources.some((network) => {
      const [address = '', length] = network.split('/')
      const isFour = (text: string) => bitsOf(text).startsWith('0'.repeat(80) + '1'.repeat(16))
      if (isFour(address) !== isFour(source)) return false
      const width = length === undefined ? 128 : Number(length) + (address.includes(':') ? 0 : 96)
      return bitsOf(address).slice(0, width) === bitsOf(source).slice(0, width)
    })
    if (!isFromThere) return false
  }
  return true
}

type Judged = { answer: 'disabled' | 'no_grant' | 'second_factor_needed' | 'yes'; covering: string[]; owed: Record<string, unknown> }
function judge(asked: Question, grants: readonly Grant[], at: number): Judged {
  const owed: Record<string, unknown> = { record: 'may', secondFactor: false, reason: false }
  const covering: string[] = []
  for (const grant of grants) {
    if (!covers(grant, asked, at)) continue
    const { terms } = grant
    covering.push(grant.id)
    if (terms.record === 'must') owed['record'] = 'must'
    if (terms.secondFactor) owed['secondFactor'] = true
    if (terms.reason) owed['reason'] = true
    for (const limit of ['maxSeconds', 'idleSeconds'] as const) {
      const [given, known] = [terms[limit], owed[limit]]
      if (given !== undefined && (known === undefined || given < Number(known))) owed[limit] = given
    }
    if (terms.idleOn === 'input' || (terms.idleOn === 'both' && owed['idleOn'] === undefined)) owed['idleOn'] = terms.idleOn
  }
  const answer = !asked.operator.enabled
    ? 'disabled'
    : covering.length === 0
      ? 'no_grant'
      : owed['secondFactor'] === true && !asked.operator.secondFactor
        ? 'second_factor_needed'
        : 'yes'
  return { answer, covering, owed }
}

// Few of each, so that grants overlap; clocks are set in all but one of these places within the days that are asked about.
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai'] as const
const moments = ['2026-03-08T07:00:00Z', '2026-03-29T01:00:00Z', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z', '2026-10-25T01:00:00Z', '2026-11-01T06:00:00Z']
const clock = (fives: number) => `${String(Math.floor(fives / 12)).padStart(2, '0')}:${String((fives % 12) * 5).padStart(2, '0')}`
const some = <Item>(...items: Item[]) => fc.subarray(items)
const maybe = <Item>(item: fc.Arbitrary<Item>) => fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: item })
const hours = fc.record({
  timeZone: fc.constantFrom(...zones),
  spans: fc.array(fc.record({ days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), from: fc.nat(287).map(clock), until: fc.nat(288).map(clock) }), {
    minLength: 1,
    maxLength: 3,
  }),
})
const sources = some('10.0.0.0/8', '10.1.0.0/16', '192.0.2.7', '::ffff:10.1.2.0/120', '2001:db8::/32', 'fe80::/10', '::/0', '0.0.0.0/1')
const source = fc.constantFrom(
  '10.1.2.3',
  '::ffff:10.1.2.3',
  '10.200.0.1',
  '192.0.2.7',
  '::ffff:192.0.2.7',
  '203.0.113.1',
  '2001:db8::7',
  'fe80::1%eth0',
  '::1',
)

const scene = fc.constantFrom(...moments).chain((moment) => {
  const start = Date.parse(moment)
  const time = fc.integer({ min: -3 * 288, max: 3 * 288 }).map((fives) => new Date(start + fives * 5 * minute).toISOString())
  const grant = fc.record({
    operators: some('op_ann', 'op_bob'),
    groups: some('gr_ops', 'gr_dev'),
    assets: fc.oneof({ weight: 1, arbitrary: fc.constant('all' as const) }, { weight: 2, arbitrary: some('as_1', 'as_2') }),
    tags: some('db', 'web'),
    terms: fc.record({
      actions: fc.subarray([...grantActions], { minLength: 1 }),
      accounts: fc.oneof(fc.constant('all' as const), some('root', 'deploy')),
      from: maybe(time),
      until: maybe(time),
      hours: maybe(hours),
      sources: maybe(sources),
      record: fc.constantFrom('must' as const, 'may' as const),
      secondFactor: fc.constantFrom(false, false, true),
      reason: fc.boolean(),
      maxSeconds: maybe(fc.integer({ min: 10, max: 99 })),
      idleSeconds: maybe(fc.integer({ min: 10, max: 99 })),
      idleOn: maybe(fc.constantFrom('both' as const, 'input' as const)),
    }),
  })
  return fc.record({
    grants: fc.array(grant, { maxLength: 20 }),
    who: fc.record({
      role: fc.constantFrom(...Role.options),
      enabled: fc.constantFrom(true, true, true, false),
      secondFactor: fc.boolean(),
      groups: some('gr_ops', 'gr_dev'),
    }),
    asset: fc.option(fc.record({ id: fc.constantFrom('as_1', 'as_2', 'as_3'), tags: some('db', 'web', 'DB') }), { nil: undefined, freq: 9 }),
    account: fc.constantFrom('root', 'deploy', 'Deploy', undefined),
    action: fc.constantFrom(...grantActions),
    source,
    at: fc.integer({ min: -2 * 1440, max: 2 * 1440 }).map((minutes) => start + minutes * minute),
  })
})
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never

function build({ grants, who, asset, account, action, source: from, at }: Scene): { asked: Question; made: Grant[]; at: number } {
  const operator: Asker = { id: 'op_ann' as OperatorId, name: 'ann', mayWatch: true, ...who }
  return {
    at,
    asked: {
      ...{ operator, action, door: 'web', source: from },
      ...(asset === undefined ? {} : { asset: { id: asset.id as AssetId, tags: asset.tags } }),
      ...(account === undefined ? {} : { account }),
    },
    made: grants.map(({ terms, ...named }, index) => ({
      ...{ id: `gt_${index}` as GrantId, name: `grant ${index}`, ...named },
      terms: GrantTerms.parse(Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined))),
    })),
  }
}

it('answers, owes and names what the plain reading of the grants does', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(scene, (drawn) => {
      const { asked, made, at } = build(drawn)
      const expected = judge(asked, made, at)
      seen.set(expected.answer, (seen.get(expected.answer) ?? 0) + 1)
      const answer = decide(asked, made, at)
      if (isRefusal(answer)) expect(answer.code).toBe(expected.answer)
      else expect({ answer: 'yes', covering: answer.grants, owed: answer.duties }).toEqual(expected)
    }),
    { numRuns: 3000 },
  )
  // The scenes are worth something only while each answer is met often.
  for (const answer of ['disabled', 'no_grant', 'second_factor_needed', 'yes']) expect([answer, (seen.get(answer) ?? 0) > 30]).toEqual([answer, true])
})

it('says when it ends: covered until then, and refused at that moment', () => {
  fc.assert(
    fc.property(scene, (drawn) => {
      const { asked, made, at } = build(drawn)
      const answer = decide(asked, made, at)
      if (isRefusal(answer)) return
      const end = answer.endsAt ?? Infinity
      const looked = Math.min(end, at + 1440 * minute)
      for (let then = at; then < looked; then += 5 * minute) expect(judge(asked, made, then).covering).not.toEqual([])
      // Beyond some fifty changes of hands it is an early moment to ask again, and no end.
      if (end < at + 8 * 1440 * minute) expect(judge(asked, made, end).answer).not.toBe('yes')
    }),
    { numRuns: 400 },
  )
})
