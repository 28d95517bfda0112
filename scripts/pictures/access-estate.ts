// Groups and grants as a firm has them, for the people and hosts that are there already.
import type { ApiClient } from '../../test/harness/api-client.ts'

type Named = { id: string; name: string }
type List<Item> = { items: Item[] }
export type AccessEstate = { grants: ReadonlyMap<string, string>; people: ReadonlyMap<string, string> }

const password = 'one for a first sign-in'
const newcomers = [
  ['amina.diallo', 'Amina Diallo', 'member'],
  ['jun.tanaka', '田中 潤', 'member'],
  ['audit', 'External audit', 'auditor'],
] as const
const groupPlans: readonly [name: string, members: readonly string[]][] = [
  ['Operations', ['grace', 'linus', 'amina.diallo', 'jun.tanaka', 'maximiliane.von-und-zu-langenname', '王芳']],
  ['Database administrators', ['linus', 'jun.tanaka']],
  ['Contractors', ['amina.diallo']],
  ['值班工程师', ['王芳', 'grace']],
  ['Interns', []],
]

/** The names of the hosts are those of `estate.ts`. */
export async function makeAccess(api: ApiClient): Promise<AccessEstate> {
  for (const [username, name, role] of newcomers) await api.call('POST', '/operators', { username, name, role, password })
  const operators = await api.call<List<Named & { username: string }>>('GET', '/operators?size=200')
  const people = new Map(operators.items.map(({ username, id }) => [username, id]))
  const idOf = (username: string) => people.get(username) ?? ''
  const groups = new Map<string, string>()
  for (const [name, members] of groupPlans) {
    const made = await api.call<Named>('POST', '/groups', { name, members: members.map(idOf).filter((id) => id !== '') })
    groups.set(name, made.id)
  }
  const hosts = await api.call<List<Named>>('GET', '/assets?size=200')
  const hostOf = (name: string) => hosts.items.find((host) => host.name === name)?.id ?? ''
  const inOf = (name: string) => [groups.get(name) ?? '']
  const usual = { actions: ['shell', 'exec', 'upload', 'download'], accounts: 'all', record: 'must' }
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
  const plans: Record<string, unknown>[] = [
    {
      ...usual,
      name: 'Production by day',
      note: 'OPS-1204, asked for by Grace',
      groups: inOf('Operations'),
      tags: ['production'],
      ...weekdays('Europe/Berlin'),
    },
    {
      ...{ ...usual, name: 'Databases on call', groups: inOf('Database administrators'), assets: [hostOf('db-primary')], tags: ['database', '数据库'] },
      ...{ accounts: ['postgres', 'root'], secondFactor: true, reason: true, maxSeconds: 28_800, sources: ['10.0.0.0/8', '2001:db8::/32'] },
    },
    {
      ...{ ...usual, name: 'Migration of the mail server', groups: inOf('Contractors'), operators: [idOf('linus')], assets: [hostOf('mail')] },
      ...{ actions: ['shell'], accounts: ['migrate'], until: day(12), reason: true, idleSeconds: 900, idleOn: 'input' },
    },
    { ...usual, name: 'Staging', groups: inOf('Operations'), tags: ['staging', '测试'], record: 'may' },
    { ...usual, name: 'Inventory of last spring', operators: [idOf('grace')], assets: [hostOf('gitlab'), hostOf('grafana')], until: day(-40) },
    { ...usual, name: 'New data centre', groups: inOf('值班工程师'), tags: ['生产'], from: day(9), secondFactor: true },
    { ...usual, name: 'Internship', groups: inOf('Interns'), assets: [hostOf('测试环境')], actions: ['shell'] },
    {
      ...{ ...usual, name: '夜间值班', groups: inOf('值班工程师'), tags: ['生产', 'production'], accounts: ['ops'] },
      hours: {
        timeZone: 'Asia/Shanghai',
        spans: [
          { days: [1, 2, 3, 4, 5], from: '22:00', until: '06:00' },
          { days: [6, 7], from: '00:00', until: '24:00' },
        ],
      },
    },
  ]
  const grants = new Map<string, string>()
  for (const plan of plans) {
    const made = await api.call<Named>('POST', '/grants', plan)
    grants.set(made.name, made.id)
  }
  return { grants, people }
}

const weekdays = (timeZone: string) => ({ hours: { timeZone, spans: [{ days: [1, 2, 3, 4, 5], from: '08:00', until: '20:00' }] } })
