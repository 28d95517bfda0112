import { describe, expect, it } from 'vitest'
import { readSshConfig } from '#client/import/ssh-config.ts'
import { draftRows, type DraftRow, type ImportChoices, inOrder, keepEdits, makeRows, pathOfKey, wantedKeys } from './import-rows.ts'
import { readImport } from './read-import.ts'

const rowsOf = (text: string) => draftRows(readSshConfig([{ name: 'config', text }]).hosts)
const choices: ImportChoices = { tags: ['import'], policy: 'strict', username: 'root', credential: null }
const none = { byKeyFile: new Map<string, string>(), byName: new Map<string, string>() }
const made = (rows: DraftRow[], options: Partial<ImportChoices> = {}, logins = none, rehearsal = false) =>
  makeRows(rows, { ...choices, ...options }, logins, rehearsal).map((one) => ('row' in one ? one.row : one.fault))

describe('the rows of an import', () => {
  it('leave out what is not picked and name the field that cannot be sent', () => {
    const rows = rowsOf('Host a\nHost b\nHost c\n').map((row, index) => ({ ...row, picked: index !== 1, address: index === 2 ? 'no address' : row.address }))
    expect(made(rows)).toMatchObject([{ name: 'a', address: 'a', port: 22, tags: ['import'], hostKeyPolicy: 'strict' }, 'address'])
  })

  it('give accounts to hosts that have none, and sign in as far as it is known', () => {
    const rows = rowsOf('Host a\n User ops\n IdentityFile ~/.ssh/id\nHost b\n')
    const [first] = rows
    if (first) first.host.password = 'secret'
    const logins = { ...none, byKeyFile: new Map([['~/.ssh/id', 'cr-1']]) }
    expect(made(rows)).toMatchObject([
      { accounts: [{ username: 'ops', auth: { kind: 'password', password: 'secret' } }] },
      { accounts: [{ username: 'root', auth: { kind: 'ask' } }] },
    ])
    expect(JSON.stringify(made(rows, {}, logins, true))).not.toContain('secret')
    if (first) delete first.host.password
    expect(made(rows, { credential: 'cr-2', username: '' }, logins)).toMatchObject([
      { accounts: [{ auth: { kind: 'credential', id: 'cr-1' } }] },
      { accounts: [] },
    ])
  })

  it('refuse a row whose shared credential is unknown', async () => {
    const { hosts } = await readImport([{ name: 'x.csv', text: 'address,account,credential\nh1,root,prod\n' }])
    expect(made(draftRows(hosts))).toEqual(['accounts'])
    expect(made(draftRows(hosts), {}, { ...none, byName: new Map([['prod', 'cr-9']]) })).toMatchObject([
      { accounts: [{ auth: { kind: 'credential', id: 'cr-9' } }] },
    ])
  })

  it('follow their jump host when its name or its account is edited', () => {
    const rows = rowsOf('Host web\n ProxyJump ops@gate\n').map((row) => (row.name === 'gate' ? { ...row, name: 'door', username: 'jump' } : row))
    expect(made(rows)).toMatchObject([
      { name: 'door', accounts: [{ username: 'jump' }] },
      { name: 'web', via: { name: 'door', username: 'jump' } },
    ])
    expect(made(rowsOf('Host web\n ProxyJump gate\n'))).toMatchObject([{}, { via: { name: 'gate', username: 'root' } }])
  })

  it('go in bites, jump hosts first, and the rest of a ring last', () => {
    const rows = draftRows(
      readSshConfig([{ name: '', text: `Host web\n ProxyJump gate\nHost gate\n${Array.from({ length: 300 }, (_, at) => `Host h${at}`).join('\n')}` }]).hosts,
    )
    const all = makeRows([...rows].reverse(), choices, none, false).flatMap((one) => ('row' in one ? [one] : []))
    const bites = inOrder(all)
    expect(bites.map(({ length }) => length)).toEqual([200, 102])
    const names = bites.flat().map(({ row }) => row.name)
    expect(names.indexOf('gate')).toBeLessThan(names.indexOf('web'))
    expect(new Set(names).size).toBe(302)
  })

  it('keep what was edited when another file is dropped', () => {
    const before = rowsOf('Host a\nHost b\n').map((row) => (row.name === 'a' ? { ...row, name: 'mine', picked: false } : row))
    expect(keepEdits(rowsOf('Host a\n Port 23\nHost b\n'), before).map(({ name, picked }) => [name, picked])).toEqual([
      ['mine', false],
      ['b', true],
    ])
  })

  it('say which keys they want, and know a dropped one by its name unless two have it', () => {
    const rows = rowsOf('Host a b\n User ops\n IdentityFile ~/.ssh/id\nHost c\n IdentityFile ~/keys/id\n IdentityFile ~/.ssh/c\n')
    expect(wantedKeys(rows)).toEqual([
      { path: '~/.ssh/id', hosts: 2, username: 'ops' },
      { path: '~/keys/id', hosts: 1, username: '' },
      { path: '~/.ssh/c', hosts: 1, username: '' },
    ])
    expect([pathOfKey('c', ['~/.ssh/id', '~/keys/id', '~/.ssh/c']), pathOfKey('id', ['~/.ssh/id', '~/keys/id'])]).toEqual(['~/.ssh/c', undefined])
  })
})
