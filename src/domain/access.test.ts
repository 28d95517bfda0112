// The whole of who may do what, as tables to be read.
import { describe, expect, it } from 'vitest'
import { decide, isRefusal, missingOf, rights, type Action, type Asker, type Permit, type Question, type Refusal } from './access.ts'
import { grantActions, GrantTerms, type Grant } from './grant.ts'
import type { AssetId, GrantId, OperatorId } from './id.ts'
import { Role } from './operator.ts'

const ann = 'op_ann' as OperatorId
const bob = 'op_bob' as OperatorId
const now = Date.parse('2026-11-18T10:00:00Z') // a Wednesday
const asker = (more: Partial<Asker> = {}): Asker => ({
  ...{ id: ann, name: 'ann', role: 'member', enabled: true, mayWatch: false, groups: ['gr_ops'], secondFactor: false },
  ...more,
})
const question = (more: Partial<Question> = {}): Question => ({
  ...{ operator: asker(), action: 'shell', asset: { id: 'as_db1' as AssetId, tags: ['db', 'prod'] }, account: 'deploy', door: 'web', source: '10.1.2.3' },
  ...more,
})
type Named = Partial<Omit<Grant, 'terms'>>
const grant = (terms: Partial<GrantTerms> = {}, named: Named = {}): Grant => ({
  ...{ id: 'gt_1' as GrantId, name: 'one', operators: [ann], groups: [], assets: 'all', tags: [] },
  ...named,
  terms: GrantTerms.parse({ actions: [...grantActions], accounts: 'all', record: 'may', ...terms }),
})
const answer = (given: Permit | Refusal) => (isRefusal(given) ? given.code : 'yes')

describe('what a role may do to the product', () => {
  // [action, whose session] → administrator, administrator who may watch, auditor, member
  const table: [Action, 'own' | 'of others' | 'none', string, string, string, string][] = [
    ['administer', 'none', 'yes', 'yes', 'no', 'no'],
    ['quick-connect', 'none', 'yes', 'yes', 'no', 'no'],
    ['terminate', 'of others', 'yes', 'yes', 'no', 'no'],
    ['terminate', 'own', 'yes', 'yes', 'no', 'no'],
    ['audit', 'none', 'yes', 'yes', 'yes', 'no'],
    ['replay', 'own', 'yes', 'yes', 'yes', 'yes'],
    ['replay', 'of others', 'no', 'yes', 'yes', 'no'],
    ['watch', 'own', 'yes', 'yes', 'yes', 'yes'],
    ['watch', 'of others', 'no', 'yes', 'yes', 'no'],
  ]
  const people: [string, Partial<Asker>][] = [
    ['administrator', { role: 'admin' }],
    ['administrator who may watch', { role: 'admin', mayWatch: true }],
    ['auditor', { role: 'auditor' }],
    ['member', { role: 'member' }],
  ]
  for (const [action, whose, ...expected] of table)
    it.each(people.map(([who, more], index) => [who, expected[index], more] as const))(`${action}, session ${whose}: %s %s`, (_who, wanted, more) => {
      const asked = question({ operator: asker(more), action, ...(whose === 'none' ? {} : { owner: whose === 'own' ? ann : bob }) })
      expect(answer(decide(asked, [grant()], now))).toBe(wanted === 'yes' ? 'yes' : 'no_right')
      // Grants are about hosts, and give nobody a right over the product or other people.
      expect(answer(decide(asked, [], now))).toBe(wanted === 'yes' ? 'yes' : 'no_right')
      // mayWatch is asked of administrators: nobody else gains by it.
      if (more.role !== 'admin')
        expect(answer(decide({ ...asked, operator: asker({ ...more, mayWatch: true }) }, [], now))).toBe(wanted === 'yes' ? 'yes' : 'no_right')
    })

  it('names every right of every role in one table', () => {
    expect(rights).toEqual({ admin: ['administer', 'quick-connect', 'terminate', 'audit'], auditor: ['replay', 'watch', 'audit'], member: [] })
  })
})

describe('AUTHZ-01 without a grant nobody reaches a host', () => {
  const roles = [...Role.options]
  it.each(roles.flatMap((role) => grantActions.map((action) => [role, action] as const)))('%s, %s', (role, action) => {
    const asked = question({ operator: asker({ role, mayWatch: true, secondFactor: true }), action })
    expect(answer(decide(asked, [], now))).toBe('no_grant')
    expect(answer(decide(asked, [grant({}, { operators: [bob] })], now))).toBe('no_grant')
    expect(answer(decide(asked, [grant()], now))).toBe('yes')
  })
})

describe('what a grant covers', () => {
  // [what is so, the grant's terms, whom and what it names, how it is asked, what is missing]
  const hours = { timeZone: 'Europe/Berlin', spans: [{ days: [1, 2, 3, 4, 5], from: '09:00', until: '17:00' }] }
  const at = (text: string) => new Date(Date.parse(text)).toISOString()
  const table: [string, Partial<GrantTerms>, Named, Partial<Question>, string[]][] = [
    ['names the person', {}, {}, {}, []],
    ['names a group of the person', {}, { operators: [], groups: ['gr_ops'] }, {}, []],
    ['names another group', {}, { operators: [], groups: ['gr_dev'] }, {}, ['operator']],
    ['names nobody', {}, { operators: [] }, {}, ['operator']],
    ['names the host', {}, { assets: ['as_db1'] }, {}, []],
    ['names another host', {}, { assets: ['as_db2'] }, {}, ['asset']],
    ['names a tag of the host', {}, { assets: [], tags: ['db'] }, {}, []],
    ['names a tag in another case', {}, { assets: [], tags: ['DB'] }, {}, ['asset']],
    ['names no host', {}, { assets: [] }, {}, ['asset']],
    ['names all hosts, and none is asked about', {}, {}, { asset: undefined as never }, ['asset']],
    ['names the account', { accounts: ['deploy'] }, {}, {}, []],
    ['names the account among others', { accounts: ['root', 'deploy'] }, {}, {}, []],
    ['AUTHZ-02 names deploy, asked for root', { accounts: ['deploy'] }, {}, { account: 'root' }, ['account']],
    ['AUTHZ-02 names deploy, asked for Deploy', { accounts: ['deploy'] }, {}, { account: 'Deploy' }, ['account']],
    ['AUTHZ-02 names deploy, asked for deploy and a zero byte', { accounts: ['deploy'] }, {}, { account: 'deploy\u0000' }, ['account']],
    ['AUTHZ-02 names deploy, asked for deploy%00', { accounts: ['deploy'] }, {}, { account: 'deploy%00' }, ['account']],
    ['AUTHZ-02 names deploy, asked for deploy: and more', { accounts: ['deploy'] }, {}, { account: 'deploy:web1' }, ['account']],
    ['AUTHZ-02 names deploy, asked for deploy and a blank', { accounts: ['deploy'] }, {}, { account: 'deploy ' }, ['account']],
    ['names accounts, asked for any', { accounts: ['deploy'] }, {}, { account: undefined as never }, []],
    ['names no account, asked for any', { accounts: [] }, {}, { account: undefined as never }, ['account']],
    ['begins this moment', { from: at('2026-11-18T10:00:00Z') }, {}, {}, []],
    ['begins a millisecond later', { from: at('2026-11-18T10:00:00.001Z') }, {}, {}, ['not_yet']],
    ['ends a millisecond later', { until: at('2026-11-18T10:00:00.001Z') }, {}, {}, []],
    ['ends this moment', { until: at('2026-11-18T10:00:00Z') }, {}, {}, ['over']],
    ['has a date that cannot be read', { until: 'soon', from: 'later' }, {}, {}, ['not_yet', 'over']],
    ['within its hours', { hours }, {}, {}, []],
    ['outside of its hours', { hours: { ...hours, timeZone: 'Asia/Shanghai' } }, {}, {}, ['hours']],
    ['from its network', { sources: ['192.0.2.0/24', '10.0.0.0/8'] }, {}, {}, []],
    ['from another network', { sources: ['192.0.2.0/24'] }, {}, {}, ['source']],
    ['AUTHZ-04 IPv4 in its mapped form', { sources: ['10.0.0.0/8'] }, {}, { source: '::ffff:10.1.2.3' }, []],
    ['AUTHZ-04 IPv6 with a zone', { sources: ['fe80::/10'] }, {}, { source: 'fe80::1%eth0' }, []],
    ['from what is no address', { sources: ['0.0.0.0/0', '::/0'] }, {}, { source: 'unknown' }, ['source']],
    ['names no network', { sources: [] }, {}, { source: 'unknown' }, []],
    [
      'nothing of it fits',
      { accounts: [], until: at('2020-01-01T00:00:00Z'), sources: ['192.0.2.1'] },
      { operators: [], assets: [] },
      {},
      ['operator', 'asset', 'account', 'over', 'source'],
    ],
  ]
  it.each(table)('%s', (_what, terms, named, asked, missing) => {
    const made = { ...grant({}, named), terms: { ...grant().terms, ...terms } }
    // A role neither adds to a grant nor takes from it.
    for (const role of Role.options) {
      const whole = question({ operator: asker({ role }), ...asked })
      expect(missingOf(made, whole, now)).toEqual(missing)
      expect(answer(decide(whole, [made], now))).toBe(missing.length === 0 ? 'yes' : 'no_grant')
    }
  })

  it.each(grantActions.flatMap((granted) => grantActions.map((action) => [granted, action] as const)))('%s when %s is asked for', (granted, action) => {
    expect(answer(decide(question({ action }), [grant({ actions: [granted] })], now))).toBe(granted === action ? 'yes' : 'no_grant')
  })

  it('is for nobody who is disabled', () => {
    for (const role of Role.options)
      for (const action of [...grantActions, 'administer', 'quick-connect', 'terminate', 'replay', 'watch', 'audit'] as const)
        expect(answer(decide(question({ operator: asker({ role, enabled: false, mayWatch: true }), action, owner: ann }), [grant()], now))).toBe('disabled')
  })

  it('adds up: grants that do not cover take nothing away', () => {
    const wrong = grant({ accounts: ['root'], secondFactor: true }, { id: 'gt_2' as GrantId })
    expect(decide(question(), [wrong, grant()], now)).toMatchObject({ grants: ['gt_1'], duties: { secondFactor: false } })
  })
})

describe('what is owed', () => {
  // [what is so, the terms of the grants that cover, the duties]
  const least = { record: 'may', secondFactor: false, reason: false }
  const table: [string, Partial<GrantTerms>[], Record<string, unknown>][] = [
    ['nothing', [{}, {}], least],
    ['recording, when one asks for it', [{}, { record: 'must' }], { ...least, record: 'must' }],
    ['a reason, when one asks for it', [{ reason: true }, {}], { ...least, reason: true }],
    ['the shorter of two lengths', [{ maxSeconds: 600 }, { maxSeconds: 60 }], { ...least, maxSeconds: 60 }],
    ['the only length', [{}, { maxSeconds: 600 }], { ...least, maxSeconds: 600 }],
    ['the shorter of two idle times', [{ idleSeconds: 60 }, { idleSeconds: 600 }], { ...least, idleSeconds: 60 }],
    ['input alone counts, when one says so', [{ idleOn: 'both' }, { idleOn: 'input' }], { ...least, idleOn: 'input' }],
    ['both count, when nobody says otherwise', [{ idleOn: 'both' }, {}], { ...least, idleOn: 'both' }],
    [
      'the strictest of each, from different grants',
      [
        { record: 'must', maxSeconds: 600 },
        { reason: true, idleSeconds: 60 },
      ],
      { record: 'must', secondFactor: false, reason: true, maxSeconds: 600, idleSeconds: 60 },
    ],
  ]
  it.each(table)('%s', (_what, terms, duties) => {
    const grants = terms.map((each, index) => grant(each, { id: `gt_${index}` as GrantId }))
    expect(decide(question(), grants, now)).toMatchObject({ duties })
    expect(decide(question(), grants.toReversed(), now)).toMatchObject({ duties })
    expect((decide(question(), grants, now) as Permit).duties).toEqual(duties)
  })

  it('is a second factor when one asks for it, also beside a grant that does not', () => {
    const grants = [grant(), grant({ secondFactor: true }, { id: 'gt_2' as GrantId })]
    expect(answer(decide(question(), grants, now))).toBe('second_factor_needed')
    expect(decide(question({ operator: asker({ secondFactor: true }) }), grants, now)).toMatchObject({
      grants: ['gt_1', 'gt_2'],
      duties: { secondFactor: true },
    })
  })
})

describe('when it ends', () => {
  const ends = (...terms: Partial<GrantTerms>[]) => {
    const given = decide(
      question(),
      terms.map((each, index) => grant(each, { id: `gt_${index}` as GrantId })),
      now,
    )
    if (isRefusal(given)) return given.code
    return given.endsAt === undefined ? 'never' : new Date(given.endsAt).toISOString().slice(0, 16)
  }
  const daily = (from: string, until: string) => ({ hours: { timeZone: 'UTC', spans: [{ days: [1, 2, 3, 4, 5, 6, 7], from, until }] } })
  it.each<[string, Partial<GrantTerms>[], string]>([
    ['never, without an end', [{}], 'never'],
    ['with the date', [{ until: '2026-12-01T00:00:00Z' }], '2026-12-01T00:00'],
    ['with the hours', [daily('09:00', '17:00')], '2026-11-18T17:00'],
    ['with what comes first', [{ until: '2026-11-18T12:00:00Z', ...daily('09:00', '17:00') }], '2026-11-18T12:00'],
    ['with the last that covers', [{ until: '2026-12-01T00:00:00Z' }, daily('09:00', '17:00')], '2026-12-01T00:00'],
    ['never, beside one without an end', [{ until: '2026-12-01T00:00:00Z' }, {}], 'never'],
    ['not when another takes over that moment', [daily('09:00', '17:00'), daily('17:00', '20:00')], '2026-11-18T20:00'],
    ['when another takes over later', [daily('09:00', '17:00'), daily('17:01', '20:00')], '2026-11-18T17:00'],
    [
      'when the one that takes over asks for a second factor',
      [daily('09:00', '17:00'), { ...daily('17:00', '20:00'), secondFactor: true }],
      '2026-11-18T17:00',
    ],
  ])('%s', (_what, terms, end) => {
    expect(ends(...terms)).toBe(end)
  })

  it('is asked again some day, when grants hand over without end', () => {
    const end = ends(daily('09:00', '17:00'), daily('17:00', '09:00'))
    expect(Date.parse(`${end}:00Z`)).toBeGreaterThan(now + 7 * 86_400_000)
  })
})
