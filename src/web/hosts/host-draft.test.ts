import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { emptyHost, emptyLogin, fieldOfFailure, hostFaults, loginFaults, looksLoopback, readAuth, readHost, splitTags } from './host-draft.ts'
import { dayChoices, localDay } from './old-algorithms.ts'

describe('a host as it is typed', () => {
  it('is accepted as people type it', () => {
    const via = { asset: 'as_1', account: 'ac_1', assetName: 'jump', username: 'root' }
    const host = { ...emptyHost, name: ' 数据库-1 ', address: ' db1.example.com ', port: '2222', tags: ['prod', '华东'], via }
    expect([...hostFaults(host)]).toEqual([])
    expect(readHost(host)).toEqual({
      name: '数据库-1',
      address: 'db1.example.com',
      port: 2222,
      tags: ['prod', '华东'],
      hostKeyPolicy: 'strict',
      via: { asset: 'as_1', account: 'ac_1' },
      legacyUntil: null,
    })
    expect([...hostFaults({ ...host, via: { ...via, account: '' } })]).toEqual(['via'])
    expect([...hostFaults({ ...host, address: 'fe80::1' })]).toEqual([])
  })
  it('allows old algorithms until the end of a day that is neither over nor more than a year away', () => {
    const host = { ...emptyHost, name: 'x', address: 'y' }
    const { min, max, usual } = dayChoices(Date.now())
    for (const oldUntil of [min, usual, max]) {
      expect([...hostFaults({ ...host, oldUntil })]).toEqual([])
      const until = readHost({ ...host, oldUntil }).legacyUntil ?? ''
      expect(localDay(until)).toBe(oldUntil)
      expect(localDay(new Date(Date.parse(until) + 1000))).not.toBe(oldUntil)
      // Control takes 366 days from the moment it is asked.
      expect(Date.parse(until) - Date.now()).toBeLessThan(366 * 86_400_000)
    }
    for (const oldUntil of ['2020-01-01', '2999-01-01', '1']) expect([...hostFaults({ ...host, oldUntil })]).toEqual(['old'])
  })
  it('has its tags parted at commas, however they came', () => {
    expect(splitTags([' prod', 'prod, db，华东、', ',', 'a b'])).toEqual(['prod', 'db', '华东', 'a b'])
  })
  it('says beside which field it is wrong', () => {
    expect([...hostFaults(emptyHost)]).toEqual(['name', 'address'])
    expect([...hostFaults({ ...emptyHost, name: 'a b', address: 'http://x', port: '70000', tags: ['x'.repeat(65)] })]).toEqual([
      'name',
      'address',
      'port',
      'tag',
    ])
    expect([...hostFaults({ ...emptyHost, name: 'x', address: 'y', tags: Array.from({ length: 51 }, (_, n) => `t${n}`) })]).toEqual(['tag'])
    expect([...hostFaults({ ...emptyHost, name: 'x', address: 'y', port: '2e1' })]).toEqual(['port'])
  })
  it('asks of a login only what its kind needs', () => {
    expect([...loginFaults(emptyLogin)]).toEqual(['account', 'password'])
    expect([...loginFaults({ ...emptyLogin, username: 'root', kind: 'key' })]).toEqual(['privateKey'])
    expect([...loginFaults({ ...emptyLogin, username: 'root', kind: 'ask' })]).toEqual([])
    expect(readAuth({ ...emptyLogin, kind: 'key', privateKey: 'k', password: 'not sent' })).toEqual({ kind: 'key', privateKey: 'k' })
    expect(readAuth({ ...emptyLogin, kind: 'ask', password: 'not sent' })).toEqual({ kind: 'ask' })
    expect([...loginFaults({ ...emptyLogin, username: 'root', kind: 'generate' })]).toEqual([])
    expect([...loginFaults({ ...emptyLogin, username: 'root', kind: 'credential' })]).toEqual(['credential'])
    expect(readAuth({ ...emptyLogin, kind: 'credential', credential: 'cr_1', password: 'not sent' })).toEqual({ kind: 'credential', id: 'cr_1' })
  })
  it('knows the machine itself', () => {
    expect(['localhost', '127.0.0.1', '127.1', '::1', 'LOCALHOST'].map(looksLoopback)).toEqual([true, true, true, true, true])
    expect(['128.0.0.1', 'localhost.example', '::2'].map(looksLoopback)).toEqual([false, false, false])
  })
  it('puts a refusal beside its field', () => {
    expect(fieldOfFailure(new Failure('name_taken', '', { field: 'accounts.0.username' }))).toBe('username')
    expect(fieldOfFailure(new Failure('name_taken', '', { field: 'name' }))).toBe('name')
    expect(fieldOfFailure(new Failure('key_passphrase_wrong', ''))).toBe('passphrase')
    expect(fieldOfFailure(new Failure('bad_request', '', { field: 'accounts.0.auth.privateKey' }))).toBe('privateKey')
    expect(fieldOfFailure(new Failure('via_invalid', '', { field: 'via' }))).toBe('via')
    expect(fieldOfFailure(new Failure('credential_not_found', '', { field: 'accounts.0.auth.id' }))).toBe('credential')
    expect(fieldOfFailure(new Failure('internal', ''))).toBeUndefined()
  })
})
