import i18next, { type TFunction } from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import type { GrantView } from '#wire/api/access.ts'
import { enLater } from '../words/en-later.ts'
import { zhLater } from '../words/zh-later.ts'
import { draftOf, emptyGrant, grantFaults, notForward, notPath, readGrant, saidDraft, saidView } from './grant-draft.ts'
import { dutyChips, fileWords, sayGrant, whenWords } from './grant-words.ts'
import { clockWords, daysWords, piecesOf } from './hours-words.ts'

let en: TFunction
let zh: TFunction
beforeAll(async () => {
  const words = i18next.createInstance()
  await words.init({ lng: 'en', resources: { en: { translation: enLater }, zh: { translation: zhLater } }, interpolation: { escapeValue: false } })
  en = words.getFixedT('en')
  zh = words.getFixedT('zh')
})

const view: GrantView = {
  id: 'gr_1',
  name: 'Database on call',
  note: '',
  operators: [{ id: 'op_1', username: 'alice', name: 'Alice Chen' }],
  groups: [{ id: 'gp_1', name: 'DBA' }],
  assets: [{ id: 'as_1', name: 'db1' }],
  tags: ['production', 'db'],
  actions: ['download', 'shell'],
  accounts: ['postgres', 'root'],
  hours: { timeZone: 'Europe/Berlin', spans: [{ days: [5, 1, 2, 3, 4], from: '09:00', until: '17:00' }] },
  sources: ['10.0.0.0/8'],
  record: 'must',
  forwardAgent: false,
  secondFactor: true,
  reason: true,
  maxSeconds: 28_800,
  idleSeconds: 900,
  idleOn: 'input',
  state: 'active',
  createdAt: '2026-11-21T08:00:00Z',
  changedAt: '2026-11-21T08:00:00Z',
}

describe('a grant in words', () => {
  it('is a sentence in both languages', () => {
    expect(sayGrant(saidView(view), { t: en, language: 'en' })).toEqual({
      may: 'Alice Chen and everybody in DBA may open a terminal and download files on db1 and every host with one of the tags production or db as postgres or root, Mon–Fri 09:00–17:00 (Europe/Berlin), connecting from 10.0.0.0/8.',
      owes: 'Their sessions are recorded. They sign in with a second factor. They say why before each session. A session lasts at most 8 hours. It ends after 15 minutes in which nothing is typed.',
    })
    const chinese = sayGrant(saidView(view), { t: zh, language: 'zh' })
    expect(chinese.may).toBe(
      'Alice Chen和用户组“DBA”的成员可以在db1和带 production或db 任一标签的主机上以postgres或root打开终端和下载文件，时段为 周一至周五 09:00–17:00（Europe/Berlin），须来自 10.0.0.0/8。',
    )
  })

  it('says what is still missing, and counts many names', () => {
    const empty = sayGrant(saidDraft({ ...emptyGrant(), actions: [] }), { t: en, language: 'en' })
    expect(empty.may).toBe('… may … on … as any account.')
    const many = { ...saidView(view), people: Array.from({ length: 9 }, (_, at) => `p${at}`), groups: [] }
    expect(sayGrant(many, { t: en, language: 'en' }).may).toMatch(/^P0, p1, p2, p3, p4,? and 4 more may /)
  })

  it('says where connections go on to, and that an agent comes along', () => {
    const forward = { ...view, actions: ['forward' as const], forwardAgent: true }
    expect(sayGrant(saidView(forward), { t: en, language: 'en' }).may).toMatch(
      /\. Connections go on to the host itself alone\. They may take their ssh agent along\.$/,
    )
    const listed = { ...forward, forwardTo: ['db:5432', '*.example.org:443'], forwardAgent: false }
    expect(sayGrant(saidView(listed), { t: en, language: 'en' }).may).toMatch(/\. Connections go on to db:5432 or \*\.example\.org:443\.$/)
    expect(sayGrant(saidView(listed), { t: zh, language: 'zh' }).may).toMatch(/。转发可以到 db:5432或\*\.example\.org:443。$/)
  })

  it('says where files may be and how large, exactly', () => {
    const say = (terms: Partial<GrantView>) => sayGrant(saidView({ ...view, ...terms }), { t: en, language: 'en' }).may
    expect(say({ paths: ['/srv/app', '~/in'], maxBytes: 1_500_000 })).toMatch(/\. Files go in and out only at \/srv\/app or ~\/in, each of at most 1500 kB\.$/)
    expect(say({ paths: ['/srv/app'] })).toMatch(/\. Files go in and out only at \/srv\/app\.$/)
    expect(say({ maxBytes: 1_000_000_001 })).toMatch(/\. A file has at most 1000000001 B\.$/)
    expect(say({ actions: ['shell'], paths: ['/srv/app'] })).not.toContain('/srv/app')
    expect(sayGrant(saidView({ ...view, paths: ['/srv'], maxBytes: 5e9 }), { t: zh, language: 'zh' }).may).toMatch(/文件只能在 \/srv 进出，每个至多 5 GB。$/)
    expect(fileWords({ actions: ['upload'], paths: ['/a', '/b'], maxBytes: 10 }, { t: en, language: 'en' })).toEqual(['/a or /b', 'At most 10 B'])
  })

  it('has its conditions and duties as short words for lists', () => {
    expect(whenWords(view, { t: en, language: 'en' })).toEqual(['Mon–Fri 09:00–17:00 (Europe/Berlin)', 'From 10.0.0.0/8'])
    expect(dutyChips(view, en).map(({ words }) => words)).toEqual(['Second factor', 'Reason', 'At most 8 hours', 'Idle 15 minutes'])
    expect(dutyChips({ record: 'may', secondFactor: false, reason: false }, en).map(({ key }) => key)).toEqual(['recordMay'])
  })

  it('says days in ranges and hours that end on the next day', () => {
    expect(daysWords([1, 2, 4, 5, 6], en, 'en')).toBe('Mon, Tue, Thu–Sat')
    expect(daysWords([7, 6, 5, 4, 3, 2, 1], zh, 'zh')).toBe('每天')
    expect(daysWords([6, 7], zh, 'zh')).toBe('周六、周日')
    expect(clockWords({ from: '22:00', until: '06:00' }, en)).toBe('22:00–06:00 (next day)')
    expect(clockWords({ from: '00:00', until: '24:00' }, en)).toBe('all day')
    expect(piecesOf([{ days: [7], from: '18:00', until: '06:00' }])).toEqual([
      { day: 7, from: 0.75, until: 1 },
      { day: 1, from: 0, until: 0.25 },
    ])
  })
})

describe('the form of a grant', () => {
  it('gives back what it was opened with', () => {
    const { id: _id, state: _state, createdAt: _created, changedAt: _changed, operators: _people, groups: _groups, assets: _hosts, ...same } = view
    const minute = '2026-12-03T09:00:00.000Z'
    const read = readGrant(draftOf({ ...view, from: minute }))
    expect(read).toEqual({ ...same, from: minute, operators: ['op_1'], groups: ['gp_1'], assets: ['as_1'] })
    expect(grantFaults(draftOf(view))).toEqual(new Set())
    const all = { ...view, assets: 'all' as const, tags: [], accounts: 'all' as const }
    expect(readGrant(draftOf(all))).toMatchObject({ assets: 'all', tags: [], accounts: 'all' })
  })

  it('keeps destinations only where forwarding is permitted, and names one that is none', () => {
    const draft = { ...draftOf(view), actions: ['forward' as const], forwardTo: ['db:5432', '[2001:db8::]/32:22'] }
    expect(notForward(draft)).toBe('[2001:db8::]/32:22')
    expect(grantFaults(draft)).toEqual(new Set(['forwardTo']))
    expect(readGrant({ ...draft, forwardTo: ['db:5432'], forwardAgent: true })).toMatchObject({ forwardTo: ['db:5432'], forwardAgent: true })
    const shell = { ...draft, actions: ['shell' as const] }
    expect(grantFaults(shell)).toEqual(new Set())
    expect(readGrant(shell)).not.toHaveProperty('forwardTo')
  })

  it('keeps where files may be only where files go, and names a path that is none', () => {
    const draft = { ...draftOf(view), paths: ['/srv/my data', 'srv'], size: { typed: '20', unit: 'MB' as const } }
    expect(notPath(draft)).toBe('srv')
    expect(grantFaults({ ...draft, size: { typed: '1.5', unit: 'MB' } })).toEqual(new Set(['paths', 'size']))
    const good = { ...draft, paths: ['/srv/my data'] }
    expect(readGrant(good)).toMatchObject({ paths: ['/srv/my data'], maxBytes: 20_000_000 })
    expect(readGrant(draftOf({ ...view, paths: ['~/in'], maxBytes: 1234 }))).toMatchObject({ paths: ['~/in'], maxBytes: 1234 })
    const shell = readGrant({ ...draft, actions: ['shell'] })
    expect([grantFaults({ ...draft, actions: ['shell'] }), 'paths' in shell, 'maxBytes' in shell]).toEqual([new Set(), false, false])
  })

  it('names every field that cannot be saved', () => {
    expect(grantFaults(emptyGrant())).toEqual(new Set(['name', 'who', 'hosts']))
    const wrong = {
      ...draftOf(view),
      ...{ name: 'a\u202eb', actions: [], anyAccount: false, accounts: ['a b'], tags: ['a,b'], sources: ['10.0.0.0/8', 'everywhere'] },
      ...{ from: '2026-12-03T09:00', until: '2026-12-03T08:00', spans: [{ days: [], from: '9', until: '17:00' }], timeZone: 'Mars/Olympus' },
      ...{ max: { typed: '5', unit: 'seconds' as const }, idle: { typed: 'soon', unit: 'minutes' as const } },
    }
    expect([...grantFaults(wrong)]).toEqual(['name', 'actions', 'tags', 'accounts', 'until', 'hours', 'zone', 'sources', 'max', 'idle'])
  })
})
